Invoices go by post in a letter of our own that holds the whole invoice; every letter carries a short address to pay that can be typed.
