import base64
import io
import logging

from odoo import models
from odoo.exceptions import UserError

from ..engine.bank_file import BankFileError
from ..engine.fingerprint import fingerprint_lines
from ..engine.unpack import unpack

_logger = logging.getLogger(__name__)

PENDING = ("queued", "reading", "booking")
READ_BITE = 2000
BOOK_BITE = 200
#: receipts of bank files have a bank line, or wait for it
WAITING = [("statement_line_id", "=", False)]


class MatchingImport(models.Model):
    """Store a long file in bites, each on disk before the next.

    Reading in: the file is read and checked whole, then its lines become receipts in
    the state *being read in*, which nothing looks at; with the last one all of them
    appear in one step. Until then it can be refused, and nothing of it stays. Booking:
    each bite is matched and gets its bank lines. A process that is killed leaves what
    is on disk, and the next one goes on there.
    """

    _inherit = "matching.import"

    def _is_busy(self, company):
        """Tell whether files of a company are being stored: others wait their turn."""
        domain = [("company_id", "=", company.id), ("state", "in", PENDING)]
        return bool(self.search_count(domain, limit=1))

    def _queue(self, packed):
        """Leave a file to the job.

        :param packed: the file, packed with gzip
        """
        self.write({"state": "queued", "data": base64.b64encode(packed)})
        self.env.ref("moneybird_reconcile.ir_cron_import")._trigger()

    def _cron_import(self):
        """Store the files that wait, one after the other (C4)."""
        cron = self.env["ir.cron"]
        records = self.search([("state", "in", PENDING)], order="id")
        cron._commit_progress(remaining=sum(row._count_left() for row in records))
        for record in records:
            # Whoever brought it in is told in his language, in his company.
            own = record.with_user(record.user_id).sudo()
            own = own.with_company(record.company_id).with_context(
                lang=record.user_id.lang
            )
            if not own._store_in_bites():
                break

    def _count_left(self):
        """Steps that the job still has to do, in lines."""
        self.ensure_one()
        is_booking = self.state == "booking"
        done = self.count_done + (self.count_lines if is_booking else 0)
        return max(2 * self.count_lines - done, 0)

    def _store_in_bites(self):
        """Go on where the last bite ended.

        :return: whether there is time left for another file
        """
        self.ensure_one()
        if not self._take():
            return True
        try:
            bank_file = self._read_again()
            journals = self._check(bank_file)
        except UserError as error:
            return self._refuse(str(error))
        if self.state != "booking":
            if not self._read_in(bank_file, journals):
                return False
        if not self._book_in_bites():
            return False
        if self._get_receipts(WAITING):
            return bool(self.env["ir.cron"]._commit_progress())
        return self._finish(bank_file)

    def _take(self):
        """Lock this import until the next bite is on disk; nobody else works on it."""
        locked = self.try_lock_for_update()
        return bool(locked) and self.state in PENDING

    def _read_again(self):
        """Read the file that is kept with this import.

        :raises UserError: it cannot be read
        """
        packed = base64.b64decode(self.with_context(bin_size=False).data or b"")
        try:
            [(_name, file)] = unpack(io.BytesIO(packed))
            return self._read_file(file)
        except BankFileError as error:
            raise UserError(self._tell_refusal("", error)) from error

    def _check_other_kinds(self, bank_file, journals):
        """Override of `_check_other_kinds`: it was checked before it was booked."""
        if self.state == "booking":
            return None
        return super()._check_other_kinds(bank_file, journals)

    def _refuse(self, message):
        """Take back what was read in and say why."""
        self._get_receipts([("state", "=", "reading")]).unlink()
        values = {"message": message}
        self.write({"state": "refused", "data": False, "count_done": 0})
        self.write({"reason_code": "import_refused", "reason_values": values})
        return bool(self.env["ir.cron"]._commit_progress())

    def _get_receipts(self, domain):
        receipts = self.env["matching.receipt"]
        return receipts.search([("import_id", "=", self.id), *domain], order="date, id")

    # --- Reading in -----------------------------------------------------------------

    def _read_in(self, bank_file, journals):
        """Make the receipts bite by bite; with the last one all of them appear.

        :return: whether there is time left
        """
        self.state = "reading"
        for journal, statement, lines in self._get_bites(bank_file, journals):
            self._create_receipts(journal, statement, lines, state="reading")
            self.count_done += len(lines)
            if not self._keep(len(lines)):
                return False
        receipts = self._get_receipts([("state", "=", "reading")])
        receipts.write({"state": "open"})
        self.write(
            {
                "state": "booking",
                "count_known": self.count_lines - len(receipts),
                "count_done": 0,
            }
        )
        return self._keep(0)

    def _get_bites(self, bank_file, journals):
        """(journal, statement, lines by fingerprint) of what is not here yet."""
        new = self._find_new(bank_file)
        for statement in bank_file.statements:
            rows = list(new.get(id(statement), {}).items())
            for start in range(0, len(rows), READ_BITE):
                lines = dict(rows[start : start + READ_BITE])
                yield journals[statement.account], statement, lines

    def _keep(self, count):
        """Put a bite on disk.

        :return: whether this process goes on: there is time, and it is not taken
        """
        left = self.env["ir.cron"]._commit_progress(count)
        if not left:
            self.env.ref("moneybird_reconcile.ir_cron_import")._trigger()
        return bool(left) and self._take()

    # --- Booking --------------------------------------------------------------------

    def _book_in_bites(self):
        """Match the receipts and make their bank lines.

        One that is refused keeps its reason and is tried again with the next run; the
        others go on.

        :return: whether there is time left
        """
        self.reason_code = False
        receipts = self._get_receipts(WAITING)
        for start in range(0, len(receipts), BOOK_BITE):
            bite = receipts[start : start + BOOK_BITE]
            self._book_guarded(bite)
            self.count_done += len(bite.filtered("statement_line_id"))
            if not self._keep(len(bite)):
                return False
        return True

    def _book_guarded(self, receipts):
        """Book a bite; when that breaks, one by one, so that one cannot stop all."""
        try:
            with self.env.cr.savepoint():
                self._book(receipts)
            return
        except Exception as error:
            self.env.invalidate_all()
            if len(receipts) == 1:
                _logger.exception("receipt %s was not booked", receipts.id)
                values = {"message": str(error)}
                receipts._update_state("error", "booking_failed", values)
                self.write({"reason_code": "import_stopped", "reason_values": values})
                return
        for receipt in receipts:
            self._book_guarded(receipt)

    def _finish(self, bank_file):
        """Make the statements, let the file go.

        :return: whether there is time left
        """
        receipts = self._get_receipts([])
        by_print = {receipt.fingerprint: receipt for receipt in receipts}
        new = self._find_own(bank_file, by_print)
        self._create_statements(bank_file, new, receipts)
        self.write({"state": "done", "data": False, "reason_code": False})
        return bool(self.env["ir.cron"]._commit_progress())

    def _find_own(self, bank_file, by_print):
        """What this import brought, by statement, as when it was read in."""
        new = {}
        for statement, line, fingerprint in fingerprint_lines(bank_file.statements):
            if by_print.pop(fingerprint, None):
                new.setdefault(id(statement), {})[fingerprint] = line
        return new
