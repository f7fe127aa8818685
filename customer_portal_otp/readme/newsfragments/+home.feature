The first page of the member's area shows four places (details, subscriptions, payment
methods, invoices) and says what there is at each; cards of other modules are one link
away, or instead of it where the organisation wants them.
