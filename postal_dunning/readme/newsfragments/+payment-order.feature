Netherlands: less than the sum of several items is booked on costs and interest before the invoices (art. 6:44 BW).
