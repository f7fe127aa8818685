from datetime import datetime, timedelta, timezone

from odoo import models
from odoo.fields import Command

from odoo.addons.connection_base.exceptions import AuthError, RejectedError

from ..clients.mollie_settlements import MollieSettlementClient
from ..engine.facts import FactError
from ..words import REASONS, tell

#: A settlement is made up to some days before it is paid out.
SETTLEMENT_OVERLAP_DAYS = 14


class ServiceConnection(models.Model):
    """What a service tells about its payouts: Mollie's settlements, CCV's marks."""

    _inherit = "service.connection"

    def _sync(self, run):
        """Override of `_sync` to bring in payouts after the payments."""
        result = super()._sync(run)
        if result is not False and self._is_receipt_source():
            if self.provider == "mollie":
                self._sync_settlements(run)
            else:
                self._sync_paid_out_marks()
        return result

    def _sync_settlements(self, run):
        """Mollie: settlements, when an organisation's token was given."""
        token = self._get_credentials().get("organization_token")
        if not token:
            return
        client = MollieSettlementClient(api_key=token, **self._get_client_options())
        since = self._get_fetch_start(run) - timedelta(days=SETTLEMENT_OVERLAP_DAYS)
        try:
            found = list(client.iter_settlements(since))
        except (AuthError, RejectedError) as error:
            # The payments came in all the same: the key of the profile is good.
            run._fail(self.env._("Settlements"), str(error))
            return
        except FactError as error:
            words = tell(self.env, REASONS, error.code, error.values)
            run._fail(self.env._("Settlements"), words)
            return
        for facts in reversed(found):
            self._create_payout(facts)

    def _create_payout(self, facts):
        """Make the payout once and book it; one that is known is tried again."""
        payouts_sudo = self.env["matching.payout"].sudo()
        payout = payouts_sudo.search(
            [("connection_id", "=", self.id), ("external_id", "=", facts.external_id)]
        )
        if not payout:
            currency = self.env["res.currency"].search([("name", "=", facts.currency)])
            if not currency:
                return
            payout = payouts_sudo.create(
                {
                    "connection_id": self.id,
                    "origin": "api",
                    "external_id": facts.external_id,
                    "name": facts.reference,
                    "date": facts.date,
                    "amount": float(facts.amount),
                    "currency_id": currency.id,
                    "line_ids": [
                        Command.create(
                            {
                                "kind": part.kind,
                                "external_id": part.external_id,
                                "amount": float(part.amount),
                                "amount_vat": float(part.amount_vat),
                                "return_count": part.returns,
                                "name": part.name,
                            }
                        )
                        for part in facts.parts
                    ],
                }
            )
        if payout.state == "draft":
            payout.line_ids._compute_receipt_id()
            payout._book_safely()

    def _sync_paid_out_marks(self):
        """CCV: payments marked as paid out under one reference are one payout.

        CCV shows no settlement and no fees. The sum of the payments is a first guess;
        a person fills in what arrived on the bank and books it.
        """
        receipts = self.env["matching.receipt"].search(
            [
                ("connection_id", "=", self.id),
                ("payout_line_ids", "=", False),
                ("state", "in", ("open", "error", "matched")),
                ("currency_id", "!=", False),
            ]
        )
        groups = {}
        for receipt in receipts:
            told = receipt.facts or {}
            if told.get("paidout") == "yes" and told.get("paidoutReference"):
                key = (str(told["paidoutReference"]), receipt.currency_id)
                groups.setdefault(key, receipts.browse())
                groups[key] |= receipt
        for (reference, currency), group in groups.items():
            self._mark_paid_out(reference, currency, group)

    def _mark_paid_out(self, reference, currency, receipts):
        payouts_sudo = self.env["matching.payout"].sudo()
        payout = payouts_sudo.search(
            [("connection_id", "=", self.id), ("external_id", "=", reference)]
        )
        lines = [
            Command.create(
                {
                    "kind": receipt.kind,
                    "external_id": receipt.external_id,
                    "receipt_id": receipt.id,
                    "amount": receipt.amount,
                }
            )
            for receipt in receipts
        ]
        total = sum(receipts.mapped("amount"))
        if payout.state == "draft":
            payout.write({"line_ids": lines, "amount": payout.amount + total})
        elif not payout:
            told = receipts[0].facts
            payouts_sudo.create(
                {
                    "connection_id": self.id,
                    "origin": "api",
                    "external_id": reference,
                    "name": told.get("unstructuredReference") or reference,
                    "date": self._get_paid_out_day(told),
                    "amount": total,
                    "currency_id": currency.id,
                    "line_ids": lines,
                    "reason_code": "payout_reference",
                }
            )

    @staticmethod
    def _get_paid_out_day(told):
        moment = told.get("paidoutDate")
        if not isinstance(moment, (int, float)):
            return datetime.now(timezone.utc).date()
        return datetime.fromtimestamp(moment / 1000, timezone.utc).date()
