"""Read by the Odoo shell."""

from tests.rigs import letters_in_odoo

letters_in_odoo.main(env)  # noqa: F821
