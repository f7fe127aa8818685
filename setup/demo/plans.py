"""Plans that the club sells, and the subscriptions that run already."""

import datetime

PLANS = (
    # code, name, Dutch name, every, unit, price with tax, product
    ("sportlid", "Sports member, monthly", "Sportlid per maand", 1, "month", 15.0),
    ("jeugdlid", "Youth member, quarterly", "Jeugdlid per kwartaal", 1, "quarter", 32.5),
    ("donateur", "Donor, yearly", "Donateur per jaar", 1, "year", 60.0),
)
RUNNING = {
    "sportlid": ("M001", "M002", "M003", "M004", "M005", "M013"),
    "jeugdlid": ("M006", "M007", "M008"),
    "donateur": ("M009", "M010"),
}


def load(env, members):
    """Make three plans and their running subscriptions.

    :param members: dict of ``res.partner`` by member number
    """
    plans = {values[0]: _make_plan(env, *values) for values in PLANS}
    tokens = {
        token.partner_id.id: token for token in env["payment.token"].search([])
    }
    today = datetime.date.today()
    for code, refs in RUNNING.items():
        subscriptions = env["subscription.subscription"].create(
            [
                {
                    "partner_id": members[ref].id,
                    "plan_id": plans[code].id,
                    "collection": "token",
                    "payment_token_id": tokens[members[ref].id].id,
                    "date_start": today,
                }
                for ref in refs
            ]
        )
        for subscription in subscriptions:
            subscription.action_start()


def _make_plan(env, code, name, name_nl, count, unit, price):
    """Return the plan ``code`` with one published product."""
    product = env["product.product"].create(
        {
            "name": name,
            "type": "service",
            "list_price": price,
            "sale_ok": True,
            "invoice_policy": "order",
            "is_published": True,
        }
    )
    product.product_tmpl_id.with_context(lang="nl_NL").name = name_nl
    plan = env["subscription.plan"].create(
        {
            "name": name,
            "code": code,
            "interval_count": count,
            "interval_unit": unit,
            "is_sold_online": True,
            "line_ids": [(0, 0, {"product_id": product.id, "price_unit": price})],
        }
    )
    plan.with_context(lang="nl_NL").name = name_nl
    return plan
