Mandates, recurring charges and refunds through Mollie.
