import logging
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.connection_base.exceptions import ProviderError

from ..engine.facts import FactError
from ..words import REASONS, tell

_logger = logging.getLogger(__name__)

CHECKED_DAYS = 7


class MatchingCheck(models.Model):
    """One day of one source, compared: what it says, and what is in the books.

    ``completeness`` holds the money of a service or a bank against its receipts' places
    in the books; ``ledgers`` holds our payments against those at Moneybird, and
    invoices that both ledgers know against each other. The lines name every difference:
    their sum is the difference of the totals.
    """

    _name = "matching.check"
    _description = "Daily check"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    kind = fields.Selection(
        [("completeness", "Complete"), ("ledgers", "Both ledgers")],
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    connection_id = fields.Many2one(
        "service.connection", "Service", readonly=True, index="btree_not_null"
    )
    journal_id = fields.Many2one(
        "account.journal", "Bank", readonly=True, check_company=True
    )
    date = fields.Date("Day", required=True, readonly=True)
    date_checked = fields.Datetime("Checked on", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    total_there = fields.Monetary("At the source", readonly=True)
    total_here = fields.Monetary("In the books", readonly=True)
    difference = fields.Monetary(compute="_compute_difference", store=True)
    line_ids = fields.One2many("matching.check.line", "check_id", readonly=True)
    count_open = fields.Integer(
        "Not explained", compute="_compute_difference", store=True
    )
    state = fields.Selection(
        [
            ("equal", "Equal"),
            ("explained", "Explained"),
            ("differs", "Differs"),
            ("failed", "Not checked"),
        ],
        compute="_compute_difference",
        store=True,
    )
    failure = fields.Char("Why not", readonly=True)

    _day_uniq = models.UniqueIndex(
        "(kind, company_id, COALESCE(connection_id, 0), COALESCE(journal_id, 0),"
        " date, currency_id)",
        "This day was checked already.",
    )

    @api.depends("connection_id.name", "journal_id.name", "date")
    def _compute_name(self):
        for check in self:
            source = check.connection_id.name or check.journal_id.name or ""
            check.name = f"{source} {check.date or ''}".strip()

    @api.depends("total_there", "total_here", "line_ids.is_explained", "failure")
    def _compute_difference(self):
        for check in self:
            check.difference = check.currency_id.round(
                check.total_there - check.total_here
            )
            check.count_open = len(
                check.line_ids.filtered(lambda line: not line.is_explained)
            )
            if check.failure:
                check.state = "failed"
            elif check.count_open:
                check.state = "differs"
            else:
                check.state = "explained" if check.line_ids else "equal"

    def _store(self, keys, totals, lines):
        """Write the check of a day anew.

        :param keys: values that say which day of which source it is
        :param totals: (at the source, in the books)
        :param lines: list of values of lines
        """
        check = self.search(
            [
                (key, "=", keys.get(key, False))
                for key in (
                    *("kind", "company_id", "connection_id", "journal_id", "date"),
                    "currency_id",
                )
            ]
        )
        vals = {
            "total_there": totals[0],
            "total_here": totals[1],
            "date_checked": fields.Datetime.now(),
            "failure": False,
        }
        if check:
            check.line_ids.unlink()
            check.write(vals)
        else:
            check = self.create({**keys, **vals})
        check.line_ids.create([{**line, "check_id": check.id} for line in lines])
        return check

    # === Daily =====================================================================

    @api.model
    def _cron_daily(self):
        """Check the last days of every source; one that fails does not stop others."""
        cron = self.env["ir.cron"]
        connections = self.env["service.connection"].search(
            [
                ("provider", "in", ("ccv", "mollie", "moneybird")),
                ("state", "in", ("connected", "error")),
            ]
        )
        companies = self.env["matching.receipt"]._read_group(
            [("source", "=", "bank")], ["company_id"]
        )
        cron._commit_progress(remaining=len(connections) + len(companies))
        for connection in connections:
            self._check_safely(connection)
            if not cron._commit_progress(1):
                return
        for (company,) in companies:
            self._check_banks(company)
            if not cron._commit_progress(1):
                return

    def _check_safely(self, connection):
        """Check one service; when it cannot be read that is written down."""
        try:
            with self.env.cr.savepoint():
                connection.with_company(connection.company_id)._run_daily_check()
        except (ProviderError, FactError) as error:
            message = (
                tell(self.env, REASONS, error.code, error.values)
                if isinstance(error, FactError)
                else str(error)
            )
            self.env.invalidate_all()
            self._note_failure(connection, message)
        except Exception:
            self.env.invalidate_all()
            _logger.exception("connection %s could not be checked", connection.id)
            self._note_failure(connection, self.env._("The check broke off."))

    def _note_failure(self, connection, message):
        kind = "ledgers" if connection.provider == "moneybird" else "completeness"
        check = self._store(
            {
                "kind": kind,
                "company_id": connection.company_id.id,
                "connection_id": connection.id,
                "date": fields.Date.today() - timedelta(days=1),
                "currency_id": connection.company_id.currency_id.id,
            },
            (0.0, 0.0),
            [],
        )
        check.failure = message

    def action_check_again(self):
        """Check now, all days of this source that are checked daily."""
        self.check_access("read")
        for connection in self.connection_id:
            # The records of checks are our own work; looking again is everybody's.
            self.sudo()._check_safely(connection.sudo())
        for company in self.filtered("journal_id").company_id:
            self.sudo()._check_banks(company)
        return True

    def action_check_now(self):
        """Have all sources checked as soon as possible, in the background."""
        self.check_access("read")
        # Whoever reads the checks may have them made; the job does nothing else.
        self.env.ref("moneybird_reconcile.ir_cron_check").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The checks begin in a moment."),
            },
        }

    # === Banks =====================================================================

    def _check_banks(self, company):
        """Receipts of bank files against the lines on their journals, a day each."""
        since = fields.Date.today() - timedelta(days=CHECKED_DAYS)
        receipts = self.env["matching.receipt"].search(
            [
                ("company_id", "=", company.id),
                ("source", "=", "bank"),
                ("date", ">=", since),
                ("journal_id", "!=", False),
                ("currency_id", "!=", False),
            ]
        )
        groups = receipts.grouped(
            lambda row: (row.journal_id, row.date, row.currency_id)
        )
        for (journal, day, currency), group in groups.items():
            lines = [
                {
                    "name": receipt.name,
                    "receipt_id": receipt.id,
                    "amount_there": receipt.amount,
                    "amount_here": receipt.statement_line_id.amount,
                    "reason_code": "check_no_line",
                }
                for receipt in group
                if currency.compare_amounts(
                    receipt.amount, receipt.statement_line_id.amount
                )
            ]
            self._store(
                {
                    "kind": "completeness",
                    "company_id": company.id,
                    "journal_id": journal.id,
                    "date": day,
                    "currency_id": currency.id,
                },
                (
                    sum(group.mapped("amount")),
                    sum(group.statement_line_id.mapped("amount")),
                ),
                lines,
            )
