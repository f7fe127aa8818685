"""Runs in Odoo's shell: book bank lines in several ways and print what each took."""

# ruff: noqa: F821 - the shell defines env
import base64
import json
import os
import sys
import time
from pathlib import Path

from odoo import fields
from odoo.fields import Command

from odoo.addons.moneybird_reconcile.tests.camt_samples import (
    camt,
    detail,
    entry,
    statement,
)

COUNT = int(os.environ["BENCH_COUNT"])
AROUND = int(os.environ["BENCH_AROUND"])
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


def worked():
    """Seconds of processor time that Odoo and its database session have used.

    Of a database on another machine only Odoo's are known.
    """
    seconds = time.process_time()
    env.cr.execute("SELECT pg_backend_pid()")
    path = Path(f"/proc/{env.cr.fetchone()[0]}/stat")
    if path.is_file():
        user, system = path.read_text().rsplit(")", 1)[1].split()[11:13]
        seconds += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return seconds


def measure(work, items):
    """Call ``work`` on a cold cache; return time and queries per line."""
    env.cr.commit()
    env.invalidate_all()
    before = worked()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    work(items)
    env.flush_all()
    env.cr.commit()
    spent = time.perf_counter() - start
    queries = env.cr.sql_log_count - queries
    done = worked() - before
    left = items.filtered(lambda item: not item.reconciled)
    assert not left, f"{len(left)} of {len(items)} were not booked"
    return {
        "count": len(items),
        "work": done * 1000 / len(items),
        "clock": spent * 1000 / len(items),
        "queries": queries / len(items),
    }


def line_values(item):
    """Return a bank line as others make it: the invoice's number as remittance."""
    return {
        "journal_id": journal.id,
        "date": TODAY,
        "payment_ref": item.move_id.name,
        "amount": item.amount_residual,
    }


def bank_file(items):
    """A CAMT.053 in which every line names its invoice and nothing else."""
    entries = [
        entry(str(item.amount_residual), detail(item.move_id.name), day=str(TODAY))
        for item in items
    ]
    return camt(statement(*entries, closing=str(sum(items.mapped("amount_residual")))))


def ours(items):
    """A bank file is imported."""
    wizard = env["matching.import.wizard"].create(
        {"data": base64.b64encode(bank_file(items)), "filename": "bank.xml"}
    )
    wizard.action_import()
    env["matching.import"]._cron_import()  # a long file is left to the job


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


def peer_file(items):
    """OCA's file import makes the lines; account_reconcile_oca books them."""
    wizard = env["account.statement.import"].create(
        {
            "statement_file": base64.b64encode(bank_file(items)),
            "statement_filename": "bank.xml",
        }
    )
    wizard.import_file_button()


def peer_line(items):
    """account_reconcile_oca matches and books in ``create``."""
    for item in items:
        env["account.bank.statement.line"].create(line_values(item))
        env.cr.commit()


def measure_ours():
    """All ways that need no other addon."""
    journal.set_bank_account("NL91ABNA0417164300")
    env.company.matching_lines_from = TODAY
    invoices(AROUND)
    ours(invoices(10))  # what the first of a process costs is nobody's
    core_batch(invoices(10))
    core_line(invoices(3))
    found = {}
    # In turn, and the better of two: what else the machine does falls on both.
    for way, work in (("ours", ours), ("core-batch", core_batch)) * 2:
        row = measure(work, invoices(COUNT))
        found[way] = min(found.get(way, row), row, key=lambda figures: figures["work"])
    found["ours-large"] = measure(ours, invoices(COUNT * 5))
    found["core-line"] = measure(core_line, invoices(few))
    for way, work, count in (
        ("ours-others", others, COUNT),
        ("core-line-others", core_others, few),
    ):
        made = invoices(count)
        env["account.bank.statement.line"].create([line_values(item) for item in made])
        found[way] = measure(work, made)
    return found


def measure_peer():
    """The peer, in the same database."""
    peer_line(invoices(3))
    peer_file(invoices(3))
    found = {PEER: measure(peer_file, invoices(COUNT))}
    found[f"{PEER}-single"] = measure(peer_line, invoices(few))
    return found


journal = env["account.journal"].search(
    [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
)
few = max(COUNT // 8, 1)
figures = measure_peer() if PEER else measure_ours()
sys.stdout.write("\nANSWER " + json.dumps(figures) + "\n")
sys.stdout.flush()
