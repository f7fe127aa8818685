Saved methods of the customer company follow the choice whose invoices contacts see, and a
new choice counts at once.
