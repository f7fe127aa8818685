"""Invoices from before today: overdue, open, paid long ago."""

import datetime

from odoo import fields

CONTRIBUTION = 45.00
# member -> (days since the due date, amount); negative = due in the future
OVERDUE = {"M020": (18, 45.00), "M021": (45, 90.00), "M022": (80, 135.00)}
OPEN = {
    "M024": (-9, 45.00),
    "M025": (-9, 62.50),
    "M026": (-8, 120.00),
    "M027": (-7, 45.00),
    "M028": (-7, 27.50),
    "M029": (-6, 36.00),
    "M030": (-6, 18.75),
    "M031": (-5, 45.00),
}
PAID = {"M023": (60, 45.00)}
TERM_DAYS = 14


def load(env, members):
    """Make, post and partly pay the invoices.

    :param members: dict of ``res.partner`` by member number
    """
    product = _contribution_product(env)
    today = fields.Date.today()
    made = {}
    for ref, (days, amount) in sorted(
        {**OVERDUE, **OPEN, **PAID}.items(), key=lambda item: -item[1][0]
    ):
        made[ref] = _make_invoice(env, members[ref], product, today, days, amount)
    for ref in PAID:
        _pay(env, made[ref])


def _contribution_product(env):
    return env["product.product"].create(
        {
            "name": "Contributie",
            "type": "service",
            "list_price": CONTRIBUTION,
            "sale_ok": True,
            "invoice_policy": "order",
        }
    )


def _make_invoice(env, partner, product, today, days, amount):
    """Return the posted invoice of ``partner`` that was due ``days`` days ago."""
    date_due = today - datetime.timedelta(days=days)
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": date_due - datetime.timedelta(days=TERM_DAYS),
            "invoice_date_due": date_due,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                (0, 0, {"product_id": product.id, "price_unit": amount})
            ],
        }
    )
    move.action_post()
    return move


def _pay(env, move):
    """Register the payment that arrived on the due date of ``move``."""
    wizard = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=move.ids)
        .create({"payment_date": move.invoice_date_due})
    )
    wizard.action_create_payments()
