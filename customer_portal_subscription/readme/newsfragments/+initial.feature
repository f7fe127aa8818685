First version: public cancellations, timeline, fresh code before a payment method is chosen.
