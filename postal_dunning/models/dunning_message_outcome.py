from collections import defaultdict

from odoo import api, fields, models


class DunningMessage(models.Model):
    """What a message led to: money, or something the debtor said."""

    _inherit = "dunning.message"

    amount_recovered = fields.Monetary(
        compute="_compute_outcome", string="Recovered", compute_sudo=True
    )
    outcome = fields.Char(
        compute="_compute_outcome", string="Led To", compute_sudo=True
    )

    @api.depends("state")
    @api.depends_context("lang")
    def _compute_outcome(self):
        self.env.flush_all()
        groups = self.env["dunning.recovery.report"]._read_group(
            [("message_id", "in", self.ids)], ["message_id"], ["amount_recovered:sum"]
        )
        money = {message.id: amount for message, amount in groups}
        said = self._get_answers()
        for message in self:
            amount = money.get(message.id, 0)
            words = said[message.id]
            if amount:
                words = [
                    self.env._(
                        "%(amount)s paid", amount=message.currency_id.format(amount)
                    ),
                    *words,
                ]
            message.amount_recovered = amount
            message.outcome = ", ".join(dict.fromkeys(words))

    def _get_answers(self):
        """What debtors said after a message and before the next one, as words."""
        labels = {
            "promise_ids": self.env._("Promise to pay"),
            "plan_ids": self.env._("Payment plan"),
            "dispute_ids": self.env._("Dispute"),
            "hand_over_ids": self.env._("Handed to a collector"),
        }
        found = defaultdict(list)
        for case in self.case_id:
            sent = case.sent_message_ids.filtered("date_sent").sorted("date_sent")
            for name, label in labels.items():
                for record in case[name]:
                    before = sent.filtered(
                        lambda one, record=record: one.date_sent <= record.create_date
                    )
                    if before:
                        found[before[-1].id].append(label)
        return found
