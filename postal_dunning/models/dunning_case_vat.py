from decimal import Decimal

from odoo import models

from ..engine import fees, law


class DunningCase(models.Model):
    """VAT on collection costs: art. 2 par. 3 of the Dutch decree (BWBR0031432).

    Only where a collector charges it, the creditor cannot deduct it, and the notice
    said so. Everything else is damage without VAT.
    """

    _inherit = "dunning.case"

    def _get_vat(self, debtor, claims):
        """What the engine has to know of VAT, ``None`` where none is added.

        :rtype: engine.fees.Vat | None
        """
        policy = debtor.policy
        if not self._adds_vat(debtor):
            return None
        naming = [
            notice
            for claim in claims
            for notice in claim.notices
            if notice.named is not None
        ]
        if not naming or not all(notice.names_vat for notice in naming):
            return None
        return fees.Vat(
            rate=self._get_vat_rate(debtor),
            uses_collector=policy.uses_collector,
            cannot_deduct=policy.cannot_deduct_vat,
            is_announced=True,
        )

    def _adds_vat(self, debtor):
        policy = debtor.policy
        return (
            policy.uses_collector
            and policy.cannot_deduct_vat
            and debtor.get_country() == "NL"
            and debtor.get_kind() == law.CONSUMER
        )

    def _get_vat_rate(self, debtor):
        """Percent on this day, ``None`` without a rule."""
        facts = debtor.facts
        return facts.book.get_value("NL", law.CONSUMER, "cost_vat", facts.today)

    def _get_vat_to_name(self, debtor, costs):
        """VAT that a notice announces on top of the costs, 0 for none.

        :param costs: what the notice names (Decimal)
        """
        rate = self._get_vat_rate(debtor) if self._adds_vat(debtor) else None
        return fees.round_cent(costs * rate / 100) if rate else Decimal(0)
