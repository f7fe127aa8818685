Receipts of CCV, Mollie and CAMT.053 bank files are matched to open items in Odoo and Moneybird, with evidence, and booked once.
