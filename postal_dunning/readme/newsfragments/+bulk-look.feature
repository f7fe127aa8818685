The daily run reads the books for many debtors at once and only takes those one by one for whom something is to be done.
