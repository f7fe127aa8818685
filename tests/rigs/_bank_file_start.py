"""Read by the Odoo shell."""

from tests.rigs import bank_file_in_odoo

bank_file_in_odoo.main(env)  # noqa: F821
