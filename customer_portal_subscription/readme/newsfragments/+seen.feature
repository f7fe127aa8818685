Guardians and payers see the subscriptions they pay for, and contacts those of the whole
customer company where the organisation says so; each changes only what is theirs.
