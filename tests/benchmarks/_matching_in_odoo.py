"""Runs in Odoo's shell: book bank lines in several ways and print what each took."""

# ruff: noqa: F821 - the shell defines env
import base64
import json
import os
import sys
import time

from odoo import fields
from odoo.fields import Command

from odoo.addons.moneybird_reconcile.tests.camt_samples import (
    camt,
    detail,
    entry,
    statement,
)

COUNT = int(os.environ["BENCH_COUNT"])
PEER = os.environ["BENCH_PEER"]
BATCH = 200
TODAY = fields.Date.today()


def invoices(count):
    """Return the receivable lines of ``count`` new invoices, all of other amounts."""
    partners = env["res.partner"].create(
        [{"name": f"Member {number}"} for number in range(count)]
    )
    quiet = env["account.move"].with_context(tracking_disable=True)
    moves = quiet
    for start in range(0, count, BATCH):
        made = quiet.create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": TODAY,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Dues", "price_unit": 15, "tax_ids": False}
                        )
                    ],
                }
                for partner in partners[start : start + BATCH]
            ]
        )
        made._post()
        moves |= made
    env.cr.commit()
    return moves.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )


def measure(work, items):
    """Call ``work`` on a cold cache; return time and queries per line."""
    env.cr.commit()
    env.invalidate_all()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    work(items)
    env.flush_all()
    env.cr.commit()
    spent = time.perf_counter() - start
    left = items.filtered(lambda item: not item.reconciled)
    assert not left, f"{len(left)} of {len(items)} were not booked"
    return {
        "count": len(items),
        "ms": spent * 1000 / len(items),
        "queries": (env.cr.sql_log_count - queries) / len(items),
    }


def line_values(item):
    """Return a bank line as others make it: the invoice's number as remittance."""
    return {
        "journal_id": journal.id,
        "date": TODAY,
        "payment_ref": item.move_id.name,
        "amount": item.amount_residual,
    }


def ours(items):
    """A bank file is imported."""
    entries = [
        entry(str(item.amount_residual), detail(item.move_id.name), day=str(TODAY))
        for item in items
    ]
    closing = str(sum(items.mapped("amount_residual")))
    content = camt(statement(*entries, closing=closing))
    wizard = env["matching.import.wizard"].create(
        {"data": base64.b64encode(content), "filename": "bank.xml"}
    )
    wizard.action_import()


def others(items):
    """Lines that are there are taken up; making them is not measured."""
    env["matching.receipt"]._adopt_bank_lines(env.company)


def core_batch(items):
    """Core at its best: lines made on their counterpart, reconciled in one plan."""
    quiet = env["account.bank.statement.line"].with_context(tracking_disable=True)
    for start in range(0, len(items), BATCH):
        part = items[start : start + BATCH]
        lines = quiet.create(
            [
                {
                    **line_values(item),
                    "partner_id": item.partner_id.id,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": item.partner_id.id,
                                "name": item.move_id.name,
                                "balance": sign * item.amount_residual,
                            }
                        )
                        for account, sign in (
                            (journal.default_account_id, 1),
                            (item.account_id, -1),
                        )
                    ],
                }
                for item in part
            ]
        )
        env["account.move.line"]._reconcile_plan(
            [
                item + line._seek_for_lines()[2]
                for item, line in zip(part, lines, strict=True)
            ]
        )
        env.cr.commit()


def core_line(items):
    """Core as its own buttons work: one line, its suspense moved, reconciled."""
    for item in items:
        line = env["account.bank.statement.line"].create(line_values(item))
        core_reconcile(line, item)
        env.cr.commit()


def core_others(items):
    """The same for lines that are there; making them is not measured."""
    lines = env["account.bank.statement.line"].search([("is_reconciled", "=", False)])
    by_name = {line.payment_ref: line for line in lines}
    for item in items:
        core_reconcile(by_name[item.move_id.name], item)
        env.cr.commit()


def core_reconcile(line, item):
    """Move the suspense of a line to the item and reconcile."""
    suspense = line._seek_for_lines()[1]
    counterpart = {
        "account_id": item.account_id.id,
        "partner_id": item.partner_id.id,
        "name": line.payment_ref,
        "balance": suspense.balance,
    }
    line.with_context(force_delete=True, skip_readonly_check=True).write(
        {"line_ids": [Command.delete(suspense.id), Command.create(counterpart)]}
    )
    (line._seek_for_lines()[2] + item).reconcile()


def peer_line(items):
    """account_reconcile_oca matches and books in ``create``."""
    for item in items:
        env["account.bank.statement.line"].create(line_values(item))
        env.cr.commit()


journal = env["account.journal"].search(
    [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
)
journal.set_bank_account("NL91ABNA0417164300")
env.company.matching_lines_from = TODAY
few = max(COUNT // 8, 1)
if PEER:
    peer_line(invoices(3))  # what the first of a process costs is nobody's
    figures = {PEER: measure(peer_line, invoices(few))}
else:
    ours(invoices(10))
    core_line(invoices(3))
    figures = {"ours": measure(ours, invoices(COUNT))}
    figures["core-batch"] = measure(core_batch, invoices(COUNT))
    figures["core-line"] = measure(core_line, invoices(few))
    for way, work, count in (
        ("ours-others", others, COUNT),
        ("core-line-others", core_others, few),
    ):
        made = invoices(count)
        env["account.bank.statement.line"].create([line_values(item) for item in made])
        figures[way] = measure(work, made)
sys.stdout.write("\nFIGURES " + json.dumps(figures) + "\n")
sys.stdout.flush()
