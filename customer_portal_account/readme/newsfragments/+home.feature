The first page says which methods are saved and how much is open until when; the list of
invoices leads on to the orders. Record rules for payers need no join any more.
