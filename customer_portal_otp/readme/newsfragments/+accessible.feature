Every page of the member's area passes axe with the header and footer of the website, is
done with the keyboard alone, and fits a phone with text of twice the size.
