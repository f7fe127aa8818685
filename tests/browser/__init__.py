"""The product as people see it: a real browser against the running product."""
