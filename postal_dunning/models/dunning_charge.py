from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..engine import fees, law, returns

#: what may still change: what became of it, never the sum itself
FATE_FIELDS = frozenset(
    {
        "state",
        "message_id",
        "move_id",
        "reversal_move_id",
        "reversal_reason",
        "date_reversed",
        "is_let_off",
        "write_uid",
        "write_date",
    }
)


class DunningCharge(models.Model):
    """Costs or interest that a step asked for: the answer of the law, and its booking.

    Each answer is kept, also a refusal, with the id of the rule and the sum in steps.
    What was granted is booked as an invoice of its own, so that the books, the portal
    and the payment treat it like any other debt; it is reversed when the case is.
    """

    _name = "dunning.charge"
    _description = "Costs and Interest"
    _order = "id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "dunning.case", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="case_id.partner_id", store=True, index=True)
    message_id = fields.Many2one(
        "dunning.message", ondelete="restrict", index="btree_not_null"
    )
    step_id = fields.Many2one("dunning.step", ondelete="restrict")
    kind = fields.Selection(
        [
            ("costs", "Collection costs"),
            ("reminder", "Costs of a reminder"),
            ("interest", "Interest"),
            ("return", "Bank fee of a returned debit"),
        ],
        required=True,
    )
    state = fields.Selection(
        [("refused", "Refused"), ("booked", "Booked"), ("reversed", "Reversed")],
        required=True,
        index=True,
    )
    date = fields.Date(required=True)
    amount = fields.Monetary()
    amount_tax = fields.Monetary(string="VAT")
    rule_code = fields.Char(
        string="Rule", required=True, help="Rule that grants or forbids it."
    )
    date_earliest = fields.Date(string="Not Before")
    calculation = fields.Text()
    country_code = fields.Char(string="Law Of")
    debtor_kind = fields.Selection([("consumer", "Consumer"), ("business", "Business")])
    line_ids = fields.One2many("dunning.charge.line", "charge_id", string="Over")
    return_fee_ids = fields.One2many(
        "dunning.return.fee", "charge_id", string="Bank Fees", readonly=True
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", ondelete="restrict", index="btree_not_null"
    )
    reversal_move_id = fields.Many2one(
        "account.move",
        string="Reversed By",
        ondelete="restrict",
        index="btree_not_null",
    )
    reversal_reason = fields.Char()
    date_reversed = fields.Date()
    is_let_off = fields.Boolean(
        string="Let Off", help="A person let the debtor off: it is not asked for again."
    )
    note = fields.Char(compute="_compute_note", string="Answer")

    _granted_is_positive = models.Constraint(
        "CHECK (state = 'refused' OR amount > 0)", "Nothing is charged for nothing."
    )
    _once = models.UniqueIndex(
        "(message_id, kind)", "This message already has this charge."
    )

    @api.depends("kind", "rule_code")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for charge in self:
            charge.display_name = f"{kinds.get(charge.kind, '')} ({charge.rule_code})"

    @api.depends("state", "rule_code", "date_earliest")
    @api.depends_context("lang")
    def _compute_note(self):
        for charge in self:
            charge.note = charge._get_note()

    def _get_total(self):
        """The amount with its VAT."""
        self.ensure_one()
        return self.amount + self.amount_tax

    def _get_note(self):
        if self.state != "refused":
            return self.calculation
        if self.date_earliest:
            return self.env._(
                "Not before %(date)s (%(rule)s)",
                date=format_date(self.env, self.date_earliest),
                rule=self.rule_code,
            )
        return f"{self._get_rule_words(self.rule_code)} ({self.rule_code})"

    @api.model
    def _get_rule_words(self, code):
        """A refusal in plain words."""
        words = {
            law.NL_NO_NOTICE: self.env._("No 14-day letter was sent"),
            law.NL_TERM: self.env._("The 14 days are not over"),
            law.NL_PROOF: self.env._("Nothing proves that the 14-day letter arrived"),
            law.BE_WAIT: self.env._("The free reminder comes first, then 14 days"),
            law.DE_DEFAULT: self.env._("Not in default yet"),
            law.RULE_MISSING: self.env._("No rule of law is known for this day"),
            fees.NL_WORDING: self.env._("The letter did not say what the law asks"),
            fees.NL_VAT: self.env._("VAT is not allowed here"),
            fees.VAT: self.env._("VAT is not allowed here"),
            fees.NL_SPLIT: self.env._(
                "The scale over the whole debt is booked already"
            ),
            fees.NL_COSTS_ONLY: self.env._("A consumer pays nothing for a reminder"),
            fees.BE_FREE: self.env._("Free: one of the first three of the year"),
            fees.BE_CAP: self.env._("Above what the law allows"),
            fees.BE_NO_CLAUSE: self.env._("Costs were not agreed"),
            fees.BE_SECTOR: self.env._("This sector has rules of its own"),
            fees.DE_FLAT: self.env._("Flat fee above what courts accept"),
            fees.DISPUTED: self.env._("Disputed"),
            fees.ON_HOLD: self.env._("On hold"),
            fees.STALE: self.env._("Bank data too old"),
            fees.NOT_DUE: self.env._("Nothing is overdue"),
            fees.NO_COST: self.env._("Nothing to charge"),
            returns.NO_PROOF: self.env._("No document proves what the bank charged"),
            returns.NL_FORBIDS: self.env._("The law grants its scale and no bank fee"),
            returns.BE_FORBIDS: self.env._(
                "The law grants its lump sum and no bank fee"
            ),
        }
        return words.get(code, self.env._("Not allowed"))

    def write(self, vals):
        """Override to keep the answer of the law as it was given."""
        if not set(vals) <= FATE_FIELDS:
            raise UserError(self.env._("The answer of the law is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        raise UserError(self.env._("Costs and interest are kept. Reverse them."))

    # === REVERSING === #

    def action_reverse(self):
        """Let the debtor off: a credit note for what was booked."""
        self.check_access("read")
        self.case_id.check_access("write")
        open_now = self.sudo()._filter_reversible()
        if not open_now:
            raise UserError(
                self.env._("Nothing of this is open: it was paid, reversed or refused.")
            )
        moves = open_now.move_id
        open_now._reverse(
            self.env._("Let off by %(user)s", user=self.env.user.display_name)
        )
        self.sudo().search([("move_id", "in", moves.ids)]).is_let_off = True

    def _filter_reversible(self):
        """Booked charges that nobody paid a part of."""
        return self.filtered(
            lambda charge: (
                charge.state == "booked" and charge.move_id.payment_state == "not_paid"
            )
        )

    def _reverse(self, reason):
        """Credit the invoices of these charges.

        :param reason: words for the credit note
        """
        for move, charges in self._filter_reversible().grouped("move_id").items():
            # One invoice carries everything that one step asked for.
            siblings = charges | self.search([("move_id", "=", move.id)])
            today = self.env["dunning.agreement"]._get_today(move.company_id)
            credit = move._reverse_moves(
                [{"date": today, "invoice_date": today, "ref": reason}], cancel=True
            )
            siblings.write(
                {
                    "state": "reversed",
                    "reversal_move_id": credit.id,
                    "reversal_reason": reason,
                    "date_reversed": today,
                }
            )

    @api.model
    def _reverse_undue(self, company):
        """Reverse what was asked over invoices that were credited altogether."""
        booked = self.search(
            [("company_id", "=", company.id), ("state", "=", "booked")]
        )._filter_reversible()
        undue = booked.filtered(
            lambda charge: (
                charge.line_ids
                and set(charge.line_ids.move_id.mapped("payment_state")) <= {"reversed"}
            )
        )
        undue._reverse(self.env._("The invoice itself was credited."))
