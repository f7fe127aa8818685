A calculator tells what a letter costs: country, pages, product, colour, sides and number of letters.
