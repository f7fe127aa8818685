A direct debit or card payment that is taken back opens its invoice again, pauses the subscription and asks its responsible.
