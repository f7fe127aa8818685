from decimal import Decimal

from odoo import api, fields, models


class DunningDispute(models.Model):
    """A debtor contests items, or a part of them.

    What is contested is not asked for, and no costs run over it; the rest goes on. It
    does not end by itself: on the day of `date_until` a person decides.
    """

    _name = "dunning.dispute"
    _inherit = ["dunning.agreement"]  # noqa: RUF012
    _description = "Dispute"

    reason = fields.Selection(
        [
            ("amount", "The amount is wrong"),
            ("delivery", "Not received or not good"),
            ("cancelled", "Was cancelled"),
            ("paid", "Says it is paid"),
            ("person", "Is not the debtor"),
            ("other", "Something else"),
        ],
        required=True,
        default="other",
    )
    amount = fields.Monetary(
        string="Contested", help="0: everything of the items below."
    )
    date_until = fields.Date(
        string="Decide By",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.today(), days=14),
    )
    state = fields.Selection(
        [("open", "Open"), ("accepted", "Debtor Is Right"), ("rejected", "Rejected")],
        default="open",
        required=True,
        readonly=True,
    )

    _part_positive = models.Constraint(
        "CHECK (amount >= 0)", "A contested amount cannot be negative."
    )

    @api.depends("state")
    def _compute_is_live(self):
        for dispute in self:
            dispute.is_live = dispute.state != "rejected"

    @api.model_create_multi
    def create(self, vals_list):
        disputes = super().create(vals_list)
        for dispute in disputes:
            dispute._plan_activity(self.env._("Decide the dispute"), dispute.date_until)
        disputes.case_id.sudo()._refresh()
        return disputes

    def action_accept(self):
        """The debtor is right: costs are let off; the office credits the invoice."""
        self.check_access("write")
        accepted = self._update_state(("open",), "accepted")
        for dispute in accepted:
            lines = dispute.move_line_ids
            charges_sudo = dispute.case_id.charge_ids.sudo().filtered(
                lambda charge, lines=lines: charge.line_ids.move_line_id & lines
            )
            charges_sudo._reverse(self.env._("The debtor is right."))
        # Whose items they are was checked above; the form shows what may be read.
        moves = self.sudo().move_line_ids.move_id.sudo(False)
        return moves._get_records_action(name=self.env._("To Be Credited"))

    def action_reject(self):
        self.check_access("write")
        self._update_state(("open", "accepted"), "rejected")

    def _note_on(self, by_item, owners):
        """Say about each item how much of it is contested.

        :param by_item: ``engine.disagreement.Agreement`` by item
        """
        left = Decimal(str(self.amount))
        for line in self.move_line_ids.filtered(lambda one: one.id in owners):
            agreement = by_item[line.id]
            if not self.amount:
                agreement.is_disputed = True
                continue
            part = min(left, Decimal(str(line.amount_residual)))
            agreement.disputed += part
            left -= part
