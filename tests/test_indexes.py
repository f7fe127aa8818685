"""What points at a table that grows has an index.

PostgreSQL asks the pointing table at every deletion, and a stored field that depends on
the far record is looked for by it; without an index each reads the whole table.
"""

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name

from setup.lib.paths import present_addons

GROWING = {
    "account.bank.statement.line",
    "account.move",
    "account.move.line",
    "account.partial.reconcile",
    "account.payment",
    "ir.attachment",
    "mail.mail",
    "mail.message",
    "payment.token",
    "payment.transaction",
    "res.partner",
    "sale.order",
    "sale.order.line",
}


def test_links_to_growing_tables_have_an_index():
    with Registry(get_db_name()).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        links = [
            field
            for name in env.registry
            if env[name]._auto and not env[name]._transient
            for field in env[name]._fields.values()
            if field._module in present_addons()
            and field.type == "many2one"
            and field.store
            and field.comodel_name in GROWING
        ]
    assert len(links) > 30
    assert [str(field) for field in links if not field.index] == []
