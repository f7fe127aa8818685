Receipts of a bank file are booked faster: numbers, balances and customers of all entries are worked out once for all.
