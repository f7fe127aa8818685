"""Moneybird: contacts, invoices, payments, bank lines, synchronization, webhooks."""
