Plans say when is billed (in advance or in arrears, from the day of the start or with the
calendar), may have a trial, a discount at the start, one-time fees, a minimum term, a
notice period and goods that are delivered each period. Subscriptions keep what was agreed,
with the pricelist, currency, journal and team of their sale.
