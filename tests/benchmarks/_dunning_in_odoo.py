"""Runs in Odoo's shell: decide overdue items in two ways, print what each took."""

import json
import os
import sys
import time

from odoo import fields
from odoo.tools import SQL

from tests.benchmarks import _clock

ITEMS, DEBTORS = int(os.environ["BENCH_ITEMS"]), int(os.environ["BENCH_DEBTORS"])
BITE = 500
company = env.company  # noqa: F821 - the shell defines it
cr = env.cr  # noqa: F821
today = fields.Date.today()


def clone_rows(table, row_id, count, **values):
    """Copy a row ``count`` times; accounting through the ORM would take hours.

    :param values: SQL of columns that differ; ``n`` is the number of the copy
    :return: the first new id
    """
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
        "AND is_generated = 'NEVER'",
        (table,),
    )
    columns = [name for (name,) in cr.fetchall() if name != "id"]
    cr.execute(SQL("SELECT COALESCE(max(id), 0) + 1 FROM %s", SQL.identifier(table)))
    first = cr.fetchone()[0]
    taken = [
        SQL(values[name]) if name in values else SQL.identifier(name)
        for name in columns
    ]
    cr.execute(
        SQL(
            "INSERT INTO %s (id, %s) SELECT %s + n, %s FROM %s, "
            "generate_series(0, %s) n WHERE id = %s",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, columns)),
            first,
            SQL(", ").join(taken),
            SQL.identifier(table),
            count - 1,
            row_id,
        )
    )
    cr.execute(SQL("SELECT setval(%s, %s)", f"{table}_id_seq", first + count))
    return first


def make_debtors(items, debtors, start):
    """Overdue invoices of new customers, between 1 and 100 days late."""
    env.flush_all()  # noqa: F821
    partner = template.partner_id
    first_partner = clone_rows(
        "res_partner",
        partner.id,
        debtors,
        commercial_partner_id=f"{_next('res_partner')} + n",
    )
    owner = f"{first_partner} + mod(n, {debtors})"
    # Debtors are late by different days: nothing is the same for many of them.
    day = "current_date - (1 + mod(n * 7919 + n / 1000, 100))::int"
    first_move = clone_rows(
        "account_move",
        template.id,
        items,
        name=f"'BENCH/' || ({start} + n)",
        partner_id=owner,
        commercial_partner_id=owner,
        invoice_date_due=day,
        access_token="NULL",
        sequence_prefix="'BENCH/'",
        sequence_number=f"{start} + n",
        payment_reference=f"'BENCH/' || ({start} + n)",
    )
    for line in template.line_ids:
        is_due = line.account_type == "asset_receivable"
        clone_rows(
            "account_move_line",
            line.id,
            items,
            move_id=f"{first_move} + n",
            partner_id=owner,
            date_maturity=day if is_due else "NULL",
            move_name=f"'BENCH/' || ({start} + n)",
        )
    cr.commit()
    cr.execute("ANALYZE")
    env.invalidate_all()  # noqa: F821
    return list(range(first_partner, first_partner + debtors))


def _next(table):
    cr.execute(SQL("SELECT COALESCE(max(id), 0) + 1 FROM %s", SQL.identifier(table)))
    return cr.fetchone()[0]


def measure(work, items, debtors):
    """Call ``work`` on a cold cache; return its cost per debtor."""
    cr.commit()
    env.invalidate_all()  # noqa: F821
    queries, start = cr.sql_log_count, time.perf_counter()
    processor = _clock.processor(cr)
    work()
    cr.commit()
    spent = time.perf_counter() - start
    processor = _clock.processor(cr) - processor
    return {
        "items": items,
        "debtors": debtors,
        "seconds": spent,
        "processor": processor,
        "ms": processor * 1000 / debtors,
        "queries": (cr.sql_log_count - queries) / debtors,
    }


def decide():
    """The daily run; no policy acts by itself, so that no step is taken."""
    env["dunning.case"]._run_company(company, BITE)  # noqa: F821


def credit_control():
    """The peer's lines for everything that is overdue."""
    policy = env.ref("account_credit_control.credit_control_3_time")  # noqa: F821
    policy.account_ids = template.line_ids.account_id.filtered(
        lambda account: account.account_type == "asset_receivable"
    )
    company.credit_policy_id = policy
    run = env["credit.control.run"].create(  # noqa: F821
        {"date": today, "policy_ids": [(6, 0, policy.ids)]}
    )
    run.generate_credit_lines()
    assert len(run.line_ids) > 0


env["dunning.policy"].search([]).max_data_hours = 0  # noqa: F821
env["account.move.line"].search(  # noqa: F821
    [("account_type", "=", "asset_receivable"), ("reconciled", "=", False)]
).no_followup = True
first = env["res.partner"].create(  # noqa: F821
    {
        "name": "Member",
        "street": "Dam 1",
        "zip": "1012 JS",
        "city": "Amsterdam",
        "country_id": env.ref("base.nl").id,  # noqa: F821
        "email": "member@example.org",
    }
)
template = env["account.move"].create(  # noqa: F821
    {
        "move_type": "out_invoice",
        "partner_id": first.id,
        "invoice_date": fields.Date.subtract(today, days=120),
        "invoice_line_ids": [
            (0, 0, {"name": "Membership", "price_unit": 15.0, "tax_ids": []})
        ],
    }
)
template.action_post()
template.line_ids.filtered("date_maturity").no_followup = False
few_items, few = max(ITEMS // 10, 1), max(DEBTORS // 10, 1)
make_debtors(few_items, few, 1)
figures = {
    "account_credit_control": measure(credit_control, few_items, few),
    "ours-few": measure(decide, few_items, few),
}
make_debtors(ITEMS - few_items, DEBTORS - few, few_items + 1)
figures["ours"] = measure(decide, ITEMS, DEBTORS)
cases = env["dunning.case"].search([("company_id", "=", company.id)])  # noqa: F821
decided = cases.filtered("date_checked")
assert len(decided) >= DEBTORS, len(decided)
assert len(cases.filtered("next_step_id")) >= DEBTORS * 0.9
sys.stdout.write("\nANSWER " + json.dumps(figures) + "\n")
sys.stdout.flush()
