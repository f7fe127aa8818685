Who sees a subscription of somebody else, as payer or colleague, reads whose it is.
