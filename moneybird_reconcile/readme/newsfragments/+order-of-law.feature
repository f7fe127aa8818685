A part payment of a known payer who owes costs and interest besides is proposed in the order of the law (NL).
