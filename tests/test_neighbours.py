"""Users without rights of ours read Odoo's own records as before."""

import pytest

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.modules.registry import Registry
from odoo.tests import new_test_user
from odoo.tests.common import get_db_name

OURS = {
    "subscription_connector",
    "subscription_mollie",
    "moneybird_reconcile",
    "postal_dunning",
    "customer_portal_otp",
    "customer_portal_account",
    "customer_portal_subscription",
}
MODELS = {
    "base.group_user": ("res.partner", "product.template"),
    "sales_team.group_sale_salesman": ("sale.order", "res.partner"),
    "account.group_account_invoice": ("account.move", "res.partner"),
    "base.group_portal": ("res.partner",),
}


@pytest.fixture
def env():
    with Registry(get_db_name()).cursor() as cr:
        yield Environment(cr, SUPERUSER_ID, {})
        cr.rollback()


def _record(env, model, user):
    if model == "res.partner":
        return user.partner_id
    if model == "sale.order":
        values = {"partner_id": user.partner_id.id, "user_id": user.id}
    elif model == "account.move":
        values = {"move_type": "out_invoice", "partner_id": user.partner_id.id}
    else:
        values = {"name": "Thing"}
    return env[model].create(values)


@pytest.mark.parametrize(
    ("group", "model"),
    [(group, model) for group, models in MODELS.items() for model in models],
)
def test_no_field_of_ours_keeps_a_user_from_reading(env, group, model):
    user = new_test_user(env, f"reader of {model}", groups=group)
    record = _record(env, model, user).with_user(user)
    fields = [
        name
        for name, field in record._fields.items()
        if OURS & set(field._modules) and record._has_field_access(field, "read")
    ]
    assert record.read(fields)
