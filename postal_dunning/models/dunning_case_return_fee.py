from decimal import Decimal

from odoo import fields, models

from ..engine import fees, law, returns


class DunningCase(models.Model):
    """What banks charged for returned debits: asked with the next step, once."""

    _inherit = "dunning.case"

    has_return_fees = fields.Boolean(related="policy_id.has_return_fees")

    def action_new_return_fee(self):
        """A form for a fee that the bank told by letter or on paper."""
        action = self._open_new("dunning.return.fee", self.env._("Bank Fee"))
        oldest = self._get_overdue()[:1]
        action["context"] = {"default_move_line_id": oldest.id}
        return action

    def _get_return_fees(self):
        """Fees that nobody asked the debtor for yet."""
        return self.env["dunning.return.fee"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("state", "=", "open"),
            ],
            order="date, id",
        )

    def _charge_step(self, step, debtor):
        """Override: the step also asks for what the bank charged."""
        charges = super()._charge_step(step, debtor)
        if not debtor.policy.has_return_fees:
            return charges
        open_fees = self._get_return_fees()
        if not open_fees:
            return charges
        answer = self._decide_return_fees(debtor, open_fees)
        is_granted = not isinstance(answer, law.Refusal)
        amounts = list(answer.values()) if is_granted else answer
        charge = charges.create(
            self._prepare_charge_vals("return", step, debtor, amounts)
        )
        if is_granted:
            charge._book()
            open_fees.filtered(lambda fee: fee.id in answer).charge_id = charge
        return charges | charge

    def _decide_return_fees(self, debtor, open_fees):
        """Ask the law for the fees of returned debits.

        :return: amounts by id of the fee, or why none may be asked
        :rtype: dict[int, engine.fees.Amount] | engine.law.Refusal
        """
        if self.currency_id.name != "EUR":
            return law.Refusal(law.RULE_MISSING)
        claims, today = self._get_claims(debtor), debtor.facts.today
        ask = fees.Ask(
            country=debtor.get_country(),
            debtor=debtor.get_kind(),
            claims=claims,
            is_special=debtor.policy.is_special_sector,
            is_stale=debtor.facts.is_stale,
            is_on_hold=bool(debtor.hold_until and debtor.hold_until > today),
        )
        returned = tuple(
            returns.ReturnFee(
                fee.id, fee.move_line_id.id, Decimal(str(fee.amount)), fee.is_proven
            )
            for fee in open_fees
        )
        return returns.decide_return_fees(debtor.facts.book, ask, returned, today)
