"""Runs in Odoo's shell: bill in every way and print what each took."""

import json
import os
import sys
import time

import psutil

from odoo import SUPERUSER_ID, api, fields, sql_db
from odoo.modules.registry import Registry

COUNT = int(os.environ["BENCH_COUNT"])
LARGE = int(os.environ["BENCH_LARGE"])
BATCH = 200
TURNS = 3
MANY = 5
TODAY = fields.Date.today()


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
    """Call ``work`` on a cold cache; return time, queries and memory per invoice."""
    env.cr.commit()  # noqa: F821
    env.invalidate_all()  # noqa: F821
    memory = psutil.Process().memory_info().rss
    queries, start = env.cr.sql_log_count, time.perf_counter()  # noqa: F821
    busy = time.process_time()
    work()
    env.cr.commit()  # noqa: F821
    spent = time.perf_counter() - start
    return {
        "count": count,
        "ms": spent * 1000 / count,
        "cpu": (time.process_time() - busy) * 1000 / count,
        "queries": (env.cr.sql_log_count - queries) / count,  # noqa: F821
        "megabytes": (psutil.Process().memory_info().rss - memory) / 1e6,
    }


# === CORE === #


def invoice_values(partners):
    """Return what core needs for one invoice of each partner."""
    return [
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": TODAY,
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


# === OURS === #


def subscribe(count):
    """Return ``count`` subscriptions of ours that are due."""
    found = env["subscription.subscription"].create(  # noqa: F821
        [
            {"partner_id": partner.id, "plan_id": plan.id, "collection": "invoice"}
            for partner in customers(count)
        ]
    )
    found.action_start()
    return found


def draft():
    env["subscription.subscription"]._cron_draft()  # noqa: F821


def ours():
    """The stages of the billing run."""
    draft()
    env["subscription.period"]._cron_post()  # noqa: F821


def draft_in_lanes():
    """Draft in two processes at once, as the two scheduled actions do."""
    workers = []
    for method in ("_cron_draft", "_cron_draft_lane"):
        pid = os.fork()
        if not pid:
            try:
                # The parent's connections are not the fork's to use.
                sql_db._Pool = None
                with Registry(DATABASE).cursor() as cr:
                    lane = api.Environment(cr, SUPERUSER_ID, {})
                    getattr(lane["subscription.subscription"], method)()
            finally:
                os._exit(0)
        workers.append(pid)
    for pid in workers:
        os.waitpid(pid, 0)


# === PEERS === #


def prepare_subscription_oca(count):
    """Return due subscriptions of ``subscription_oca``."""
    template = env["sale.subscription.template"].create(  # noqa: F821
        {"name": "Membership", "invoicing_mode": "sale_and_invoice"}
    )
    pricelist = env["product.pricelist"].create({"name": "Bench"})  # noqa: F821
    stage = env["sale.subscription.stage"].search(  # noqa: F821
        [("type", "=", "in_progress")], limit=1
    )
    line = {"product_id": product.id, "product_uom_qty": 1.0, "price_unit": 15.0}
    found = env["sale.subscription"].create(  # noqa: F821
        [
            {
                "partner_id": partner.id,
                "template_id": template.id,
                "pricelist_id": pricelist.id,
                "date_start": TODAY,
                "sale_subscription_line_ids": [(0, 0, line)],
            }
            for partner in customers(count)
        ]
    )
    # Its own write starts it and sets the next day an interval ahead.
    found.write({"stage_id": stage.id})
    found.write({"recurring_next_date": TODAY})
    return found


def run_subscription_oca():
    env["sale.subscription"].cron_subscription_management()  # noqa: F821


def prepare_contract(count):
    """Return due contracts of ``contract``."""
    line = {
        "product_id": product.id,
        "name": "Membership",
        "quantity": 1.0,
        "price_unit": 15.0,
        "recurring_rule_type": "monthly",
        "recurring_interval": 1,
        "date_start": TODAY,
        "recurring_next_date": TODAY,
    }
    return env["contract.contract"].create(  # noqa: F821
        [
            {
                "name": partner.name,
                "partner_id": partner.id,
                "date_start": TODAY,
                "recurring_next_date": TODAY,
                "recurring_rule_type": "monthly",
                "contract_line_ids": [(0, 0, line)],
            }
            for partner in customers(count)
        ]
    )


def run_contract():
    env["contract.contract"].cron_recurring_create_invoice()  # noqa: F821
    env["account.move"].search(  # noqa: F821
        [("invoice_line_ids.contract_line_id", "!=", False), ("state", "=", "draft")]
    ).action_post()


def check_posted(partners, count):
    """Make sure that a way did its work: one posted invoice with tax for each."""
    moves = env["account.move"].search(  # noqa: F821
        [("partner_id", "in", partners.ids), ("state", "=", "posted")]
    )
    assert len(moves) == count, len(moves)
    assert all(move.amount_tax for move in moves)


def bill(count):
    """Let us bill ``count``; return the figures."""
    due = subscribe(count)
    found = measure(ours, count)
    check_posted(due.partner_id, count)
    return found


def bill_in_batches(count):
    """Let core make ``count`` in batches; return the figures."""
    partners = customers(count)
    found = measure(lambda: in_batches(partners), count)
    check_posted(partners, count)
    return found


def bill_by_contract(count):
    """Let ``contract`` make and post ``count``; return the figures."""
    theirs = prepare_contract(count)
    found = measure(run_contract, count)
    check_posted(theirs.partner_id, count)
    return found


def measure_peers():
    """Return the figures of all ways.

    The fast ones take turns and the best turn of each counts, since others may be
    busy on the machine; five times as many are billed once.
    """
    found = {}
    fast = {"ours": bill, "core-batch": bill_in_batches, "contract": bill_by_contract}
    for _turn in range(TURNS):
        for way, work in fast.items():
            row = work(COUNT)
            found[way] = min(found.get(way, row), row, key=lambda one: one["ms"])
    few = max(COUNT // 4, 1)
    partners = customers(few)
    found["core-line"] = measure(lambda: one_by_one(partners), few)
    theirs = prepare_subscription_oca(few)
    found["subscription_oca"] = measure(run_subscription_oca, few)
    check_posted(theirs.partner_id, few)
    for way, work in fast.items():
        found[f"{way}-many"] = work(COUNT * MANY)
    return found


def measure_growth():
    """Return the figures of more work, and of two lanes for the drafts."""
    found = {"ours": bill(COUNT), "ours-large": bill(LARGE)}
    subscribe(COUNT * 2)
    found["ours-draft"] = measure(draft, COUNT * 2)
    due = subscribe(COUNT * 2)
    found["ours-two-lanes"] = measure(draft_in_lanes, COUNT * 2)
    env.cr.commit()  # noqa: F821
    assert len(due.period_ids) == COUNT * 2, len(due.period_ids)
    return found


DATABASE = env.cr.dbname  # noqa: F821
if not LARGE:
    env["sale.subscription"].search([]).unlink()  # noqa: F821
product = env["product.product"].create(  # noqa: F821
    {
        "name": "Membership",
        "type": "service",
        "list_price": 15.0,
        "invoice_policy": "order",
    }
)
plan = env["subscription.plan"].create(  # noqa: F821
    {
        "name": "Membership",
        "line_ids": [(0, 0, {"product_id": product.id, "price_unit": 15.0})],
    }
)
in_batches(customers(10))  # what the first invoice of a process costs is nobody's
figures = measure_growth() if LARGE else measure_peers()
sys.stdout.write("\nANSWER " + json.dumps(figures) + "\n")
sys.stdout.flush()
