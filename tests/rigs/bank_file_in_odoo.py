"""The part of the bank file's rig that runs inside Odoo."""

import base64
import os
import signal
import tempfile
import time
from pathlib import Path

import odoo
from odoo import api, fields
from odoo.fields import Command
from odoo.modules.registry import Registry

from odoo.addons.moneybird_reconcile.tests.camt_samples import (
    camt,
    detail,
    entry,
    statement,
)

from tests.rigs.played import KilledWorkers

IBAN = "NL91ABNA0417164300"
AMOUNT = 15
INVOICE_EVERY = 10
#: where a worker dies, and at which turn it comes there
PLACES = (
    ("before reading", 1),
    ("after reading", 1),
    ("before booking", 1),
    ("after booking", 1),
    ("before booking", 2),
)


class Rig(KilledWorkers):
    """One run.

    :param env: of the shell; its transactions end before workers are forked
    """

    def __init__(self, env):
        self.env = env
        self.count = int(os.environ["RIG_COUNT"])
        self.notes = Path(tempfile.mkstemp(prefix="bank-file-")[1])
        self.seen = []

    def build(self):
        """Invoices, and a file that pays them among many lines that pay nothing."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )
        journal.bank_account_id = False
        journal.set_bank_account(IBAN)
        partner = self.env["res.partner"].create({"name": "Kim de Wit"})
        line = {"name": "Dues", "price_unit": AMOUNT, "tax_ids": False}
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [Command.create(line)],
                }
                for _number in range(self.count // INVOICE_EVERY)
            ]
        )
        moves.action_post()
        texts = [f"gift {number}" for number in range(self.count - len(moves))]
        texts += moves.mapped("name")
        day = str(fields.Date.today())
        paid = [entry(str(AMOUNT), detail(text), day=day) for text in texts]
        content = camt(statement(*paid, closing=str(AMOUNT * self.count)))
        wizard = self.env["matching.import.wizard"].create(
            {"data": base64.b64encode(content), "filename": "long.xml"}
        )
        self.import_id = wizard.action_import()["res_id"]
        self.move_ids, self.journal_id = moves.ids, journal.id
        assert self._record().state == "queued"
        self.env.cr.commit()

    def _record(self):
        return self.env["matching.import"].browse(self.import_id)

    def play(self):
        """Let a worker die at each place, then let one come to the end."""
        for place, nth in PLACES:
            assert self._work(place, nth), f"a worker dies {place}"
            visible = [("import_id", "=", self.import_id), ("state", "!=", "reading")]
            self.seen.append(self.env["matching.receipt"].search_count(visible))
        assert not self._work(), "the last worker ends by itself"

    def _do_the_job(self, name, place, nth):
        """What the cron does; never returns."""
        code = 1
        try:
            registry = Registry(name)
            self._lay_traps(registry, place, nth)
            start = time.process_time()
            with registry.cursor() as cr:
                env = api.Environment(cr, odoo.SUPERUSER_ID, {})
                left = env["matching.import"].browse(self.import_id)._count_left()
                env["matching.import"]._cron_import()
            self._note("spent", f"{time.process_time() - start:.1f} {left}")
            code = 0
        finally:
            os._exit(code)

    def _lay_traps(self, registry, place, nth):
        turns = {}
        imports = registry["matching.import"]
        keep = imports._keep

        def come_to(here):
            turns[here] = turns.get(here, 0) + 1
            if here == place and turns[here] == nth:
                self._note("killed", here)
                os.kill(os.getpid(), signal.SIGKILL)

        def keep_or_die(record, count):
            step = record.state
            come_to(f"before {step}")
            goes_on = keep(record, count)
            come_to(f"after {step}")
            return goes_on

        imports._keep = keep_or_die

    def _note(self, kind, words):
        with self.notes.open("a") as notes:
            notes.write(f"{kind} {words}\n")

    def judge(self):
        """Tell what is there."""
        notes = [
            line.split(" ", 1) for line in self.notes.read_text().splitlines() if line
        ]
        record = self._record()
        lines = self.env["account.bank.statement.line"].search(
            [("journal_id", "=", self.journal_id), ("amount", "=", AMOUNT)]
        )
        moves = self.env["account.move"].browse(self.move_ids)
        spent = [words for kind, words in notes if kind == "spent"][-1]
        return {
            "killed": [words for kind, words in notes if kind == "killed"],
            "seen": self.seen,
            "state": record.state,
            "receipts": [record.count_new, record.count_matched],
            "lines": [len(lines), sum(lines.mapped("amount"))],
            "left": sum(moves.mapped("amount_residual")),
            "spent": [float(word) for word in spent.split()],
        }
