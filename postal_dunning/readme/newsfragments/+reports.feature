Reports: what each step and channel brought in beside its cost, and days sales outstanding month by month. A message says what it led to; the customer shows everything that was said.
