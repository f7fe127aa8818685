import logging

import pytz

from odoo import models

from odoo.addons.connection_base.exceptions import (
    ProviderError,
    RejectedError,
    TemporaryError,
)

from ..engine import facts as words_of_trade
from ..engine.facts import FactError
from ..engine.fingerprint import provider_fingerprint

_logger = logging.getLogger(__name__)

KNOWN_KINDS = ("payment", "refund", "chargeback")
DEFAULT_TIMEZONE = "Europe/Amsterdam"


class MatchingReceipt(models.Model):
    """Fetching: what a service tells becomes receipts, and keeps them up to date."""

    _inherit = "matching.receipt"

    def _upsert_facts(self, connection, facts_list):
        """Create receipts for new facts and bring known ones up to date.

        :param facts_list: list of :class:`ReceiptFacts`
        :return: (all receipts touched, number of new ones)
        """
        by_print = {
            provider_fingerprint(facts.provider, facts.kind, facts.external_id): facts
            for facts in facts_list
        }
        known = {
            receipt.fingerprint: receipt
            for receipt in self.search(
                [
                    ("company_id", "=", connection.company_id.id),
                    ("fingerprint", "in", list(by_print)),
                ]
            )
        }
        touched = self.browse()
        vals_list = []
        for fingerprint, facts in by_print.items():
            if fingerprint in known:
                known[fingerprint]._update_from(facts)
                touched |= known[fingerprint]
            elif facts.stage != words_of_trade.STAGE_LOST:
                # A payment that never came and that nobody saw is no receipt.
                vals = self._prepare_vals_from(connection, facts)
                vals_list.append({**vals, "fingerprint": fingerprint})
        created = self.create(vals_list)
        for receipt in created:
            receipt._update_stage(by_print[receipt.fingerprint])
        return touched | created, len(created)

    def _prepare_vals_from(self, connection, facts):
        return {
            "company_id": connection.company_id.id,
            "connection_id": connection.id,
            "source": facts.provider,
            "name": facts.order_reference or facts.description or facts.external_id,
            "external_id": facts.external_id,
            "kind": facts.kind,
            **self._prepare_changing_vals(connection.company_id, facts),
        }

    def _prepare_changing_vals(self, company, facts):
        """What may change between two looks at a payment."""
        currency = self.env["res.currency"].search(
            [("name", "=", facts.currency)], limit=1
        )
        zone = pytz.timezone(
            company.partner_id.tz or self.env.user.tz or DEFAULT_TIMEZONE
        )
        return {
            "date": facts.moment.astimezone(zone).date(),
            "amount": float(facts.amount),
            "currency_id": currency.id,
            "currency_code": facts.currency,
            "method": facts.method,
            "payer_name": facts.payer_name,
            "payer_iban": facts.payer_iban,
            "description": facts.description,
            "order_reference": facts.order_reference,
            "provider_status": facts.status,
            "facts": dict(facts.raw),
        }

    def _update_from(self, facts):
        """Take over what changed; a booked receipt keeps its amount."""
        self.ensure_one()
        before = self.provider_status
        if self.booking_ids.filtered("is_live"):
            self.write({"provider_status": facts.status, "facts": dict(facts.raw)})
            if before != facts.status:
                values = {"provider": self.source, "status": facts.status}
                self._update_state("error", "changed_after", values)
            return
        self.write(self._prepare_changing_vals(self.company_id, facts))
        if self.state != "ignored" or facts.status != before:
            self._update_stage(facts)

    def _update_stage(self, facts):
        """Put a receipt that is not booked where its status says it belongs."""
        self.ensure_one()
        values = {"provider": self.source, "status": facts.status}
        if facts.kind not in KNOWN_KINDS:
            values["kind"] = facts.kind
            self._update_state("error", "kind_unknown", values)
        elif facts.stage == words_of_trade.STAGE_WAITING:
            self._update_state("waiting", "not_paid", values)
        elif facts.stage == words_of_trade.STAGE_LOST:
            self._update_state("ignored", "never_paid", values)
        elif facts.stage == words_of_trade.STAGE_UNKNOWN:
            self._update_state("error", "status_unknown", values)
        elif not self.currency_id:
            values = {"currency": facts.currency}
            self._update_state("error", "currency_unknown", values)
        elif self.state == "waiting" or self.reason_code in (
            False,
            "status_unknown",
            "kind_unknown",
            "currency_unknown",
            "never_paid",
        ):
            self.write({"state": "open", "reason_code": False})

    def _refresh_from_source(self):
        """Ask the services about receipts that are not final.

        A service that is down leaves its receipts as they are; the next night comes.
        """
        pending = self.filtered(
            lambda receipt: (
                receipt.connection_id
                and (
                    receipt.state == "waiting"
                    or receipt.reason_code in ("status_unknown", "currency_unknown")
                )
            )
        )
        for connection, receipts in pending.grouped("connection_id").items():
            if connection.state not in ("connected", "error"):
                continue
            try:
                receipts._refresh_from(connection)
            except TemporaryError:
                _logger.info("connection %s: receipts are read later", connection.id)
            except ProviderError as error:
                connection._mark_error(error)

    def _refresh_from(self, connection):
        client = connection._get_client()
        for receipt in self:
            try:
                facts = connection._read_receipt(
                    client, receipt.external_id, receipt.origin_ref or ""
                )
            except FactError as error:
                receipt._update_state("error", error.code, error.values)
                continue
            except RejectedError as error:
                # Only this one is refused: the others are read all the same.
                values = {"provider": receipt.source, "status": str(error)}
                receipt._update_state("error", "status_unknown", values)
                continue
            if facts and facts.external_id == receipt.external_id:
                receipt._update_from(facts)
