from odoo import api, fields, models

from ..words import EVIDENCE, tell

ENOUGH_TO_ASK = 50


class MatchingProposal(models.Model):
    """A possible match of one receipt, with score, evidence and what speaks against."""

    _name = "matching.proposal"
    _description = "Proposed match"
    _order = "receipt_id, sequence, id"

    receipt_id = fields.Many2one(
        "matching.receipt", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="receipt_id.company_id", store=True, index=True, precompute=True
    )
    sequence = fields.Integer(readonly=True)
    score = fields.Integer(readonly=True)
    is_automatic = fields.Boolean("Sure enough", readonly=True)
    evidence = fields.Json("Evidence (data)", readonly=True)
    against = fields.Json("Against (data)", readonly=True)
    evidence_text = fields.Text("Evidence", compute="_compute_texts")
    against_text = fields.Text("Against", compute="_compute_texts")
    line_ids = fields.One2many("matching.proposal.line", "proposal_id", readonly=True)
    name = fields.Char("Candidate", compute="_compute_name", store=True)
    partner_name = fields.Char("Customer", compute="_compute_name", store=True)
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    amount = fields.Monetary("To book", compute="_compute_amount")
    difference = fields.Selection(
        [("fee", "Fee withheld"), ("currency", "Currency difference")],
        readonly=True,
        help="What explains that the items come to another sum than the receipt.",
    )
    receipt_state = fields.Selection(related="receipt_id.state")

    @api.depends("evidence", "against")
    @api.depends_context("lang")
    def _compute_texts(self):
        for proposal in self:
            proposal.evidence_text = proposal._tell(proposal.evidence)
            proposal.against_text = proposal._tell(proposal.against)

    def _tell(self, pieces):
        sentences = (
            tell(self.env, EVIDENCE, piece["code"], piece.get("values"))
            for piece in pieces or ()
        )
        return "\n".join(sentences)

    @api.depends("line_ids.name", "line_ids.partner_name")
    def _compute_name(self):
        for proposal in self:
            lines = proposal.line_ids
            proposal.name = ", ".join(lines.mapped("name"))
            proposal.partner_name = ", ".join(
                dict.fromkeys(lines.mapped("partner_name"))
            )

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for proposal in self:
            proposal.amount = sum(proposal.line_ids.mapped("amount"))

    def _is_worth_asking(self):
        """Tell whether a person should see this as a candidate, not as "nothing fits".

        An equal amount alone is no open item found; a reference is, and so is a known
        payer who owes costs besides.
        """
        self.ensure_one()
        return self.score >= ENOUGH_TO_ASK or any(
            (piece["group"] == "reference" and piece["weight"] >= ENOUGH_TO_ASK)
            or piece["code"] == "order_of_law"
            for piece in self.evidence or ()
        )

    def action_accept(self):
        """Book the receipt as this proposal says."""
        self.ensure_one()
        receipt = self.receipt_id
        receipt._book([(receipt, self)], is_automatic=False)
        return True
