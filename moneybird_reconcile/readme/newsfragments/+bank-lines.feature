Bank lines that another addon or staff made are matched too, from a day that the company chooses; matches on lines that are there are booked all at once, an order of magnitude faster than one by one.
