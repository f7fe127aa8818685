"""Mollie: payments, customers, refunds, settlements, webhooks."""
