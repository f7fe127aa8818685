Receipts that wait to be matched, running charges of subscriptions and any source of money that fell silent stop reminders.
