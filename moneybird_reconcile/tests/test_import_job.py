import base64
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import matching_import_job as job
from ..wizards import matching_import_wizard as wizard_module
from .camt_samples import camt, detail, entry, statement
from .common import MatchingCommon

COUNT = 12


class PulledPlug(BaseException):
    """The process is gone, in the middle of its work."""


@tagged("post_install", "-at_install")
class TestImportJob(MatchingCommon):
    """Long files are stored by a job: whole or not at all, and each line once (C4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moves = [cls._create_invoice(10.0 + number) for number in range(COUNT)]
        cls.content = camt(
            statement(
                *(
                    entry(str(10 + number), detail(move.name, name="Jan de Vries"))
                    for number, move in enumerate(cls.moves)
                ),
                entry("3.00", detail("wie ben ik")),
                closing=str(sum(10 + number for number in range(COUNT)) + 3),
            )
        )

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(wizard_module, "DIRECT_LINES", 3))
        self.startPatcher(patch.object(job, "READ_BITE", 5))
        self.startPatcher(patch.object(job, "BOOK_BITE", 4))

    def _upload(self, content=None, **values):
        wizard = (
            self.env["matching.import.wizard"]
            .with_user(self.office)
            .create(
                {
                    "data": base64.b64encode(content or self.content),
                    "filename": "long.xml",
                    **values,
                }
            )
        )
        imports = self.env["matching.import"].with_user(self.office)
        return imports.browse(wizard.action_import()["res_id"])

    def _work(self):
        with self.enter_registry_test_mode():
            self.env.ref("moneybird_reconcile.ir_cron_import").method_direct_trigger()
        self.env.invalidate_all()

    def _receipts(self):
        receipts_sudo = self.env["matching.receipt"].sudo()
        return receipts_sudo.search([("source", "=", "bank")])

    def _lines(self):
        lines = self.env["account.bank.statement.line"]
        return lines.search([("journal_id", "=", self.bank.id)])

    def _check_whole(self, record):
        self.assertEqual((record.state, record.count_left), ("done", 1))
        self.assertEqual((record.count_new, record.count_matched), (COUNT + 1, COUNT))
        self.assertEqual((record.count_known, record.progress), (0, 100.0))
        self.assertEqual(len(self._lines()), COUNT + 1)
        self.assertEqual({move.amount_residual for move in self.moves}, {0.0})
        stmt = record.statement_ids
        self.assertEqual(len(stmt.line_ids), COUNT + 1)
        self.assertTrue(stmt.is_complete)
        self.assertFalse(record.sudo().data, "the file is let go")

    def test_upload_returns_at_once_and_the_job_does_the_rest(self):
        record = self._upload()
        self.assertEqual((record.state, record.progress), ("queued", 0.0))
        self.assertFalse(self._receipts())
        self._work()
        self._check_whole(record)

    def test_few_lines_are_stored_at_once(self):
        content = camt(statement(entry("1.00", detail("a")), closing="1.00"))
        self.assertEqual(self._upload(content).state, "done")
        self.assertEqual(len(self._lines()), 1)

    @staticmethod
    def _dying_at(keep, nth):
        """What keeps a bite, until the process is gone at the nth of them."""
        turns = []

        def keep_or_die(rows, count):
            turns.append(count)
            if len(turns) == nth:
                raise PulledPlug
            return keep(rows, count)

        return keep_or_die

    def test_killed_at_every_bite_nothing_is_half_and_nothing_twice(self):
        """A process dies before each bite is on disk; the next one goes on."""
        record = self._upload()
        imports = type(record)
        keep = imports._keep
        for turn in range(12):
            keep_or_die = self._dying_at(keep, 1 + turn % 2)
            with (
                patch.object(imports, "_keep", keep_or_die),
                self.assertRaises(PulledPlug),
            ):
                self._work()
            self.env.invalidate_all()
            seen = self._receipts().filtered(lambda row: row.state != "reading")
            self.assertIn(len(seen), (0, COUNT + 1), "all lines appear together")
        self._work()
        self._check_whole(record)

    def test_time_that_is_up_ends_a_run_and_the_next_goes_on(self):
        record = self._upload()
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 0.0
        ):
            self.env["matching.import"].sudo()._cron_import()
        self.assertEqual((record.state, record.count_done), ("reading", 5))
        self.assertEqual(set(self._receipts().mapped("state")), {"reading"})
        self.assertFalse(self._lines())
        self._work()
        self._check_whole(record)

    def test_lines_being_read_in_are_nobodys_business_yet(self):
        self._upload()
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 0.0
        ):
            self.env["matching.import"].sudo()._cron_import()
        receipt = self._receipts()[:1].with_user(self.office)
        receipt.action_process()
        self.assertEqual((receipt.state, len(receipt.proposal_ids)), ("reading", 0))
        with self.assertRaisesRegex(UserError, "being read in"):
            receipt.action_ignore()

    def test_what_is_wrong_is_said_before_anything_is_queued(self):
        with self.assertRaisesRegex(UserError, "The balance is wrong"):
            self._upload(
                self.content.replace(b'<Amt Ccy="EUR">11<', b'<Amt Ccy="EUR">12<')
            )
        self.assertFalse(self.env["matching.import"].sudo().search([]))

    def test_books_that_changed_meanwhile_refuse_the_whole_file(self):
        record = self._upload()
        self.bank.bank_account_id = False
        self.bank.set_bank_account("NL20INGB0001234567")
        self._work()
        self.assertEqual(record.state, "refused")
        self.assertIn("Nothing was imported. No bank journal", record.reason)
        self.assertFalse(self._receipts())
        self.assertFalse(self._lines())

    def test_file_that_comes_meanwhile_waits_and_brings_each_line_once(self):
        first = self._upload()
        few = camt(
            statement(
                entry("10", detail(self.moves[0].name, name="Jan de Vries")),
                entry("5.00", detail("later")),
                closing="15.00",
                identifier="S2",
            )
        )
        second = self._upload(few)
        self.assertEqual(second.state, "queued", "a short one too: it overlaps")
        self._work()
        self._check_whole_of_two(first, second)

    def _check_whole_of_two(self, first, second):
        self.assertEqual((first.state, second.state), ("done", "done"))
        self.assertEqual((second.count_new, second.count_known), (1, 1))
        self.assertEqual(len(self._lines()), COUNT + 2)

    def test_line_that_cannot_be_booked_stops_nobody_and_is_tried_again(self):
        record = self._upload()
        receipts = type(self.env["matching.receipt"])
        prepare = receipts._prepare_statement_line_vals

        def refuse(receipt):
            if receipt.description == "wie ben ik":
                raise ValueError("The journal is closed.")
            return prepare(receipt)

        with (
            patch.object(receipts, "_prepare_statement_line_vals", refuse),
            self.assertLogs(job.__name__, "ERROR"),
        ):
            self._work()
        self.assertEqual((record.state, len(self._lines())), ("booking", COUNT))
        self.assertIn("The journal is closed.", record.reason)
        stuck = self._receipts().filtered(lambda row: row.state == "error")
        self.assertIn("The journal is closed.", stuck.reason)
        self._work()
        self._check_whole(record)
        self.assertFalse(record.reason)

    def test_file_is_kept_for_administrators_only(self):
        record = self._upload()
        with self.assertRaises(AccessError):
            record.read(["data"])
        self.assertTrue(record.read(["state", "progress"]))
