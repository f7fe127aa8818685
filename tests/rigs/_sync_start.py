"""Read by the Odoo shell."""

from tests.rigs import played, sync_in_odoo

played.main(env, sync_in_odoo.Rig)  # noqa: F821
