"""Read by the Odoo shell."""

from tests.rigs import sync_in_odoo

sync_in_odoo.main(env)  # noqa: F821
