import json
import logging
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..const import RECEIPT_STATES, SOURCES
from ..words import REASONS, tell

_logger = logging.getLogger(__name__)

#: What the source told and where it is booked: written by our own work only.
FACTS = {
    *("source", "connection_id", "import_id", "external_id", "fingerprint", "kind"),
    *("company_id", "date", "amount", "currency_id", "currency_code", "facts"),
    *("entry_key", "journal_id", "statement_line_id", "transaction_id", "booking_ids"),
}


class MatchingReceipt(models.Model):
    """Money that came in (or went out): a payment at a service, or a bank line.

    A receipt has one place in the books: an entry of its own, a payment that Odoo made
    itself (``transaction_id``), or a payment at Moneybird. Its state says what it
    needs: waiting (not paid yet), open (a person chooses), error (nothing fits, or it
    was refused), matched, ignored.
    """

    _name = "matching.receipt"
    _description = "Receipt"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    source = fields.Selection(SOURCES, required=True, readonly=True)
    connection_id = fields.Many2one(
        "service.connection", readonly=True, index="btree_not_null"
    )
    import_id = fields.Many2one(
        "matching.import", readonly=True, index="btree_not_null"
    )
    external_id = fields.Char("Transaction", readonly=True, index="btree_not_null")
    fingerprint = fields.Char(required=True, readonly=True)
    entry_key = fields.Char("Entry at the bank", readonly=True, index="btree_not_null")
    kind = fields.Char(default="payment", readonly=True)
    method = fields.Char(readonly=True)
    provider_status = fields.Char("Status at the source", readonly=True)

    date = fields.Date("Paid on", required=True, readonly=True, index=True)
    amount = fields.Monetary(required=True, readonly=True)
    amount_left = fields.Monetary(
        "Left to match", compute="_compute_amount_left", store=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    currency_code = fields.Char("Currency code", readonly=True)
    payer_name = fields.Char("Payer", readonly=True)
    payer_iban = fields.Char("Account of payer", readonly=True, index="btree_not_null")
    description = fields.Text("Remittance", readonly=True)
    order_reference = fields.Char(readonly=True)
    end_to_end_id = fields.Char("End-to-end reference", readonly=True)
    return_reason = fields.Char(readonly=True)
    facts = fields.Json(readonly=True)
    facts_text = fields.Text("Everything known", compute="_compute_facts_text")

    state = fields.Selection(
        RECEIPT_STATES, required=True, default="open", readonly=True, index=True
    )
    reason_code = fields.Char(readonly=True)
    reason_values = fields.Json(readonly=True)
    reason = fields.Char(compute="_compute_reason")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index=True)
    user_id = fields.Many2one("res.users", "Owner")
    age = fields.Integer("Age (days)", compute="_compute_age")
    date_checked = fields.Datetime("Last looked at", readonly=True)
    date_done = fields.Datetime("Done on", readonly=True)

    journal_id = fields.Many2one("account.journal", readonly=True, check_company=True)
    statement_line_id = fields.Many2one(
        "account.bank.statement.line",
        "Bank line",
        readonly=True,
        index="btree_not_null",
    )
    transaction_id = fields.Many2one(
        "payment.transaction", "Payment of Odoo", readonly=True, index="btree_not_null"
    )
    proposal_ids = fields.One2many("matching.proposal", "receipt_id", readonly=True)
    booking_ids = fields.One2many("matching.booking", "receipt_id", readonly=True)
    best_score = fields.Integer(
        "Score", compute="_compute_best", store=True, aggregator="avg"
    )
    best_candidate = fields.Char("Candidate", compute="_compute_best", store=True)
    is_automatic = fields.Boolean("Matched by itself", readonly=True)
    count_total = fields.Integer("Receipts", default=1, readonly=True)
    match_rate = fields.Float(
        "Match rate", compute="_compute_match_rate", store=True, aggregator="avg"
    )

    _fingerprint_uniq = models.Constraint(
        "UNIQUE (company_id, fingerprint)", "This receipt is already here."
    )
    _open_idx = models.Index(
        "(company_id, state) WHERE state IN ('waiting','open','error')"
    )

    _payer_account_idx = models.Index(
        "(upper(regexp_replace(payer_iban, '[^0-9A-Za-z]', '', 'g'))) "
        "WHERE payer_iban IS NOT NULL"
    )

    # === Computes ================================================================

    @api.depends("amount", "booking_ids.amount", "booking_ids.state")
    def _compute_amount_left(self):
        for receipt in self:
            booked = sum(
                receipt.booking_ids.filtered("is_live").mapped("amount"), start=0.0
            )
            receipt.amount_left = receipt.amount - booked

    @api.depends("proposal_ids.score", "proposal_ids.sequence")
    def _compute_best(self):
        for receipt in self:
            best = receipt.proposal_ids.sorted("sequence")[:1]
            receipt.best_score = best.score
            receipt.best_candidate = best.name

    @api.depends("state")
    def _compute_match_rate(self):
        for receipt in self:
            receipt.match_rate = 100.0 if receipt.state == "matched" else 0.0

    @api.depends("reason_code", "reason_values")
    @api.depends_context("lang")
    def _compute_reason(self):
        for receipt in self:
            receipt.reason = receipt.reason_code and tell(
                receipt.env, REASONS, receipt.reason_code, receipt.reason_values
            )

    @api.depends("facts")
    def _compute_facts_text(self):
        for receipt in self:
            receipt.facts_text = receipt.facts and json.dumps(
                receipt.facts, indent=2, ensure_ascii=False, sort_keys=True
            )

    @api.depends("date")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for receipt in self:
            receipt.age = (today - receipt.date).days if receipt.date else 0

    def write(self, vals):
        """Override of `write`: whoever handles receipts does not change their facts.

        :raises AccessError: a fact is written by hand or from outside
        """
        if not self.env.su and FACTS & vals.keys():
            raise AccessError(
                self.env._("What the source told about a receipt cannot be changed.")
            )
        return super().write(vals)

    # === State ===================================================================

    def _update_state(self, target, code, values=None):
        """Move receipts to a state and say why.

        :param target: state
        :param code: key of ``REASONS``
        :param values: what the sentence of the reason needs (JSON)
        """
        done = fields.Datetime.now() if target == "matched" else False
        self.write(
            {
                "state": target,
                "reason_code": code,
                "reason_values": values or {},
                "date_checked": fields.Datetime.now(),
                "date_done": done,
            }
        )

    def _after_booking_change(self):
        """Bring state and reason in line with the bookings."""
        for receipt in self:
            live = receipt.booking_ids.filtered("is_live")
            items = ", ".join(live.mapped("item_name"))
            failed = receipt.booking_ids.sorted("id", reverse=True)[:1]
            left = not receipt.currency_id.is_zero(receipt.amount_left)
            if live.filtered(lambda booking: booking.state != "done"):
                unknown = live.filtered(lambda booking: booking.reason_code)[:1]
                code = unknown.reason_code or "forwarding"
                state = "error" if code == "result_unknown_long" else "open"
                receipt._update_state(state, code, unknown.reason_values)
            elif live and left:
                amount = receipt.currency_id.format(receipt.amount_left)
                receipt._update_state(
                    "open", "booked_partly", {"amount": amount, "items": items}
                )
            elif live:
                receipt._update_state("matched", "booked", {"items": items})
            elif failed.state == "failed":
                receipt._update_state("error", failed.reason_code, failed.reason_values)
            elif failed:
                receipt._update_state("open", "undone", {"user": self.env.user.name})

    # === Actions =================================================================

    def action_process(self):
        """Look again: ask the source while it is not final, then match and book."""
        self.check_access("write")
        # Whoever handles receipts may have them looked at; what follows is our work.
        receipts_sudo = self.sudo().filtered(lambda receipt: receipt.state != "matched")
        receipts_sudo._refresh_from_source()
        receipts_sudo._match()
        return True

    def action_ignore(self):
        """Leave receipts out; they stay readable under the filter of that name."""
        if self.filtered(lambda receipt: receipt.state == "matched"):
            raise UserError(self.env._("Undo the match first."))
        if self.filtered(lambda receipt: receipt.state == "reading"):
            raise UserError(self.env._("Its file is still being read in."))
        self.state = "ignored"
        return True

    def action_reopen(self):
        """Take receipts that were left out back in."""
        self.filtered(lambda receipt: receipt.state == "ignored").action_process()
        return True

    def action_undo(self):
        """Undo the match: entries are reversed, never deleted."""
        self.booking_ids.filtered("is_live")._undo()
        return True

    def action_view_entries(self):
        """Open the entries that this receipt made."""
        moves = self.statement_line_id.move_id | self.booking_ids.entry_line_id.move_id
        moves |= self.booking_ids.correction_move_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Journal entries"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", moves.ids)],
        }

    def action_report_problem(self):
        """Ask what went wrong and hand out or send all that is known."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "moneybird_reconcile.matching_problem_action"
        )
        action["context"] = {"default_receipt_id": self.id}
        return action

    def _prepare_bundle(self):
        """Return what support needs to know about a receipt, as plain data."""
        self.ensure_one()
        receipt_fields = (
            *("name", "source", "external_id", "fingerprint", "kind", "method"),
            *("provider_status", "date", "amount", "currency_code", "payer_name"),
            *("description", "order_reference", "end_to_end_id", "state"),
            *("reason_code", "reason_values", "reason", "facts", "date_checked"),
        )
        return {
            "receipt": {field: self[field] for field in receipt_fields},
            "proposals": [
                {
                    "name": row.name,
                    "score": row.score,
                    "why": (row.evidence or []) + (row.against or []),
                }
                for row in self.proposal_ids
            ],
            "bookings": [
                {
                    "item": row.item_name,
                    "state": row.state,
                    "amount": row.amount,
                    "reason": row.reason,
                    "identifier": row.identifier,
                    "exchange": row.exchange,
                }
                for row in self.booking_ids
            ],
        }

    # === Nightly =================================================================

    def _cron_nightly(self, batch_size=200):
        """Look again at all that is not finished, until it is (C5, C6, C7)."""
        midnight = datetime.combine(fields.Date.today(), time.min)
        domain = [
            ("state", "in", ("waiting", "open", "error")),
            "|",
            ("date_checked", "=", False),
            ("date_checked", "<", midnight),
        ]
        cron = self.env["ir.cron"]
        remaining = self.search_count(domain)
        cron._commit_progress(remaining=remaining)
        while receipts := self.search(domain, limit=batch_size, order="company_id, id"):
            locked = receipts.try_lock_for_update()
            if not locked or not locked._look_again_guarded():
                break

    def _look_again_guarded(self):
        """Look at a bite; when that breaks, one by one, so that one cannot stop all.

        :return: seconds left to work
        """
        cron = self.env["ir.cron"]
        try:
            self._look_again()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("receipts %s could not be looked at", self.ids[:5])
            self.date_checked = fields.Datetime.now()
            left = cron._commit_progress(len(self))
            if len(self) == 1 or not left:
                return left
            return min(receipt._look_again_guarded() for receipt in self)
        return cron._commit_progress(len(self))

    def _look_again(self):
        self.date_checked = fields.Datetime.now()
        self._refresh_from_source()
        self.filtered(lambda receipt: receipt.state in ("open", "error"))._match()

    @api.autovacuum
    def _gc_proposals(self):
        """Proposals of receipts that were finished long ago explain nothing more."""
        limit = fields.Datetime.now() - timedelta(days=365)
        self.env["matching.proposal"].search(
            [
                ("receipt_id.state", "=", "matched"),
                ("receipt_id.date_done", "<", limit),
            ],
            limit=5000,
        ).unlink()
