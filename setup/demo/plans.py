"""Plans that the club sells, and the subscriptions that run already."""

from odoo import fields

from .pictures import draw_product
from .words import CARDS, translate

PLANS = (
    # code, name, unit, price with tax, picture
    ("sportlid", "Sports member, monthly", "month", 15.0, "ball"),
    ("jeugdlid", "Youth member, quarterly", "quarter", 32.5, "star"),
    ("donateur", "Donor, yearly", "year", 60.0, "heart"),
)
RUNNING = {
    "sportlid": ("M001", "M002", "M003", "M004", "M005", "M013"),
    "jeugdlid": ("M006", "M007", "M008"),
    "donateur": ("M009", "M010"),
}


def load(env, members):
    """Make three plans and their running subscriptions.

    :param members: dict of ``res.partner`` by member number
    :return: dict of ``subscription.plan`` by code
    """
    plans = {values[0]: _make_plan(env, *values) for values in PLANS}
    tokens = {token.partner_id.id: token for token in env["payment.token"].search([])}
    staff = env["res.users"].search([("login", "=", "staff")])
    today = fields.Date.today()
    for code, refs in RUNNING.items():
        subscriptions = env["subscription.subscription"].create(
            [
                {
                    "partner_id": members[ref].id,
                    "plan_id": plans[code].id,
                    "collection": "token",
                    "payment_token_id": tokens[members[ref].id].id,
                    "date_start": today,
                    "user_id": staff.id,
                }
                for ref in refs
            ]
        )
        for subscription in subscriptions:
            subscription.action_start()
    return plans


def _make_plan(env, code, name, unit, price, picture):
    """Return the plan ``code`` with one published product."""
    product = env["product.product"].create(
        {
            "name": name,
            "type": "service",
            "list_price": price,
            "description_sale": CARDS[code],
            "sale_ok": True,
            "invoice_policy": "order",
            "is_published": True,
            "image_1920": draw_product(picture),
        }
    )
    translate(product.product_tmpl_id, "name")
    translate(product.product_tmpl_id, "description_sale")
    plan = env["subscription.plan"].create(
        {
            "name": name,
            "code": code,
            "interval_count": 1,
            "interval_unit": unit,
            "is_sold_online": True,
            "is_self_change": True,
            "is_self_pause": True,
            "line_ids": [(0, 0, {"product_id": product.id, "price_unit": price})],
        }
    )
    translate(plan, "name")
    translate(plan.line_ids, "name")
    return plan
