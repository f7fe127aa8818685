Mollie is asked what it charged for this database before anything is charged.
