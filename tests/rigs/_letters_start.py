"""Read by the Odoo shell."""

from tests.rigs import letters_in_odoo, played

played.main(env, letters_in_odoo.Rig)  # noqa: F821
