"""Read by the Odoo shell."""

from tests.rigs import bank_file_in_odoo, played

played.main(env, bank_file_in_odoo.Rig)  # noqa: F821
