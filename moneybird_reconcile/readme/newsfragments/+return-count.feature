A cost of a payout says for how many chargebacks it was kept.
