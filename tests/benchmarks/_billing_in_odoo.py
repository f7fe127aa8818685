"""Runs in Odoo's shell: bill in three ways and print what each took."""

import json
import os
import sys
import time

from odoo import fields

COUNT = int(os.environ["BENCH_COUNT"])
BATCH = 200


def customers(count):
    """Return ``count`` new customers with an address."""
    return env["res.partner"].create(  # noqa: F821 - the shell defines it
        [
            {
                "name": f"Member {number}",
                "street": "Dorpsstraat 1",
                "zip": "3732 HJ",
                "city": "De Bilt",
                "country_id": env.ref("base.nl").id,  # noqa: F821
            }
            for number in range(count)
        ]
    )


def measure(work, count):
    """Call ``work`` on a cold cache; return time and queries per invoice."""
    env.cr.commit()  # noqa: F821
    env.invalidate_all()  # noqa: F821
    queries, start = env.cr.sql_log_count, time.perf_counter()  # noqa: F821
    work()
    env.cr.commit()  # noqa: F821
    spent = time.perf_counter() - start
    return {
        "count": count,
        "ms": spent * 1000 / count,
        "queries": (env.cr.sql_log_count - queries) / count,  # noqa: F821
    }


def invoice_values(partners):
    """Return what core needs for one invoice of each partner."""
    return [
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": fields.Date.today(),
            "invoice_line_ids": [
                (0, 0, {"product_id": product.id, "price_unit": 15.0})
            ],
        }
        for partner in partners
    ]


def in_batches(partners):
    """Core at its best: many at a time, tracking off."""
    quiet = env["account.move"].with_context(tracking_disable=True)  # noqa: F821
    for start in range(0, len(partners), BATCH):
        moves = quiet.create(invoice_values(partners[start : start + BATCH]))
        moves._post()
        env.cr.commit()  # noqa: F821


def one_by_one(partners):
    """Core as most addons use it."""
    for partner in partners:
        env["account.move"].create(invoice_values(partner)).action_post()  # noqa: F821
        env.cr.commit()  # noqa: F821


def ours():
    """The stages of the billing run."""
    env["subscription.subscription"]._cron_draft()  # noqa: F821
    env["subscription.period"]._cron_post()  # noqa: F821


product = env["product.product"].create(  # noqa: F821
    {"name": "Membership", "type": "service", "list_price": 15.0}
)
plan = env["subscription.plan"].create(  # noqa: F821
    {
        "name": "Membership",
        "line_ids": [(0, 0, {"product_id": product.id, "price_unit": 15.0})],
    }
)
in_batches(customers(10))  # what the first invoice of a process costs is nobody's
subscriptions = env["subscription.subscription"].create(  # noqa: F821
    [
        {"partner_id": partner.id, "plan_id": plan.id, "collection": "invoice"}
        for partner in customers(COUNT)
    ]
)
subscriptions.action_start()
batch, few = customers(COUNT), customers(max(COUNT // 4, 1))
figures = {
    "ours": measure(ours, COUNT),
    "core-batch": measure(lambda: in_batches(batch), COUNT),
    "core-line": measure(lambda: one_by_one(few), len(few)),
}
billed = subscriptions.period_ids.move_id
assert len(billed) == COUNT, len(billed)
assert set(billed.mapped("state")) == {"posted"}
sys.stdout.write("\nFIGURES " + json.dumps(figures) + "\n")
sys.stdout.flush()
