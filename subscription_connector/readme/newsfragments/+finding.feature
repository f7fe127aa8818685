A lost charge that Odoo cannot ask for ends with the number that a person saw at the provider,
and a manager books what the bank took back where the provider does not tell.
