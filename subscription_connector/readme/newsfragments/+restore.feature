After a backup was restored, charges that the provider made since are found and taken for
their periods: nobody is charged twice (Billing → Charges Found).
