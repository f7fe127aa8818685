Disputes, promises to pay, payment plans with their own reminders, holds with a reason and hand-over to a collector with a file of all documents and proofs.
