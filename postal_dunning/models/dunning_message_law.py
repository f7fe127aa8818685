from odoo import api, fields, models

from ..engine import fees


class DunningMessage(models.Model):
    """What the law wants a message to say, and what the message charges."""

    _inherit = "dunning.message"

    law_wording = fields.Char(
        readonly=True, help="Which wording of law this message carries."
    )
    law_text = fields.Text(string="Text of Law", readonly=True)
    amount_named = fields.Monetary(
        string="Costs Announced",
        readonly=True,
        help="What the debtor will owe when the term passes in vain.",
    )
    amount_vat_named = fields.Monetary(
        string="VAT Announced",
        readonly=True,
        help="VAT of a collector that comes on top of the costs announced.",
    )
    charge_ids = fields.One2many("dunning.charge", "message_id", readonly=True)
    amount_charged = fields.Monetary(
        string="Costs and Interest", compute="_compute_amount_charged"
    )

    @api.depends("charge_ids.amount", "charge_ids.state")
    def _compute_amount_charged(self):
        for message in self:
            booked = message.charge_ids.filtered(lambda one: one.state == "booked")
            message.amount_charged = sum(one._get_total() for one in booked)

    @api.model
    def _get_wording(self, country, channel):
        """Which wording of law fits, empty where none is needed."""
        if country == "NL":
            is_post = channel == "post"
            return fees.WORDING_NL_POST if is_post else fees.WORDING_NL_MAIL
        return fees.WORDING_BE if country == "BE" else ""

    @api.model
    def _get_law_text(self, wording, company, channel, amounts):
        """The paragraph that the law asks for, in the language of the environment.

        :param amounts: formatted amounts: ``total`` that is due, ``costs`` announced
        """
        if wording == fees.WORDING_NL_POST:
            return self.env._(
                "If your payment of %(total)s has not reached us within fourteen days, "
                "counted from the day after this letter was delivered to you, you also "
                "owe us collection costs of %(costs)s.",
                **amounts,
            )
        if wording == fees.WORDING_NL_MAIL:
            return self.env._(
                "If your payment of %(total)s has not reached us within fourteen days, "
                "counted from the day after you received this message, you also owe us "
                "collection costs of %(costs)s.",
                **amounts,
            )
        return self._get_law_text_be(company, channel, amounts)

    @api.model
    def _get_vat_text(self, amount):
        """Why VAT comes on top of the costs: the law wants it said expressly.

        :param amount: formatted amount
        """
        return self.env._(
            "These costs are raised by %(amount)s VAT: a collection service charges "
            "this VAT, and we cannot deduct it.",
            amount=amount,
        )

    @api.model
    def _get_law_text_be(self, company, channel, amounts):
        values = {
            **amounts,
            "company": company.name,
            "number": company.company_registry or company.vat,
        }
        if channel == "post":
            return self.env._(
                "If your payment of %(total)s has not reached us within fourteen days, "
                "counted from the third working day after this letter was sent, we "
                "may claim damages of %(costs)s and interest. Creditor: %(company)s, "
                "enterprise number %(number)s. On request we send the supporting "
                "documents; write to us if you contest the claim.",
                **values,
            )
        return self.env._(
            "If your payment of %(total)s has not reached us within fourteen days, "
            "counted from the day after this message was sent, we may claim damages of "
            "%(costs)s and interest. Creditor: %(company)s, enterprise number "
            "%(number)s. On request we send the supporting documents; write to us if "
            "you contest the claim.",
            **values,
        )

    @api.model
    def _get_charge_text(self, amounts):
        """The sentence about costs and interest that this message asks for.

        :param amounts: formatted amount by kind of charge
        """
        lines = {
            "costs": self.env._("Collection costs"),
            "reminder": self.env._("Costs of this reminder"),
            "interest": self.env._("Statutory interest"),
            "return": self.env._("Bank fee of the returned debit"),
        }
        parts = [f"{lines[kind]}: {amount}" for kind, amount in amounts.items()]
        return self.env._(
            "The amount below contains: %(parts)s.", parts=", ".join(parts)
        )

    def _update_state(self, target, **values):
        """Override: what a message charged that never left is let off again."""
        moved = super()._update_state(target, **values)
        if target == "cancelled":
            moved.charge_ids._reverse(self.env._("The message did not arrive."))
            moved.charge_ids.return_fee_ids._release()
        return moved
