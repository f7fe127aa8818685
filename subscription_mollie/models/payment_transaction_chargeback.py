import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import const

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """Chargebacks: the payment stays paid at Mollie, a part of it is an own object.

    Mollie calls the payment's webhook for them; the sweep reads the list of them, so
    that a lost webhook loses nothing.
    """

    _inherit = "payment.transaction"

    mollie_is_reversed = fields.Boolean(
        string="Chargeback Reversed", readonly=True, copy=False
    )

    def _apply_updates(self, payment_data):
        """Override of `payment_mollie` to follow what was charged back."""
        res = super()._apply_updates(payment_data)
        charged_back = (payment_data.get("amountChargedBack") or {}).get("value")
        if self.provider_code == "mollie" and self.state == "done":
            if float(charged_back or 0.0):
                self._mollie_follow_chargebacks()
        return res

    def _mollie_follow_chargebacks(self):
        """Read the chargebacks of this payment and book those that are new."""
        self.ensure_one()
        try:
            page = self._send_api_request(
                "GET", f"/payments/{self.provider_reference}/chargebacks"
            )
        except ValidationError:
            # The sweep comes back to it.
            _logger.info("Mollie did not tell of chargebacks of %s", self.id)
            return
        for data in page["_embedded"]["chargebacks"]:
            self._mollie_book_chargeback(data)

    def _mollie_book_chargeback(self, data):
        """Book one chargeback; one that was reversed before we saw it never was.

        :param dict data: a chargeback as Mollie shows it
        """
        self.ensure_one()
        reason = data.get("reason") or {}
        words = ": ".join(filter(None, (reason.get("code"), reason.get("description"))))
        if not data.get("reversedAt"):
            amount = abs(float(data["amount"]["value"]))
            text = words or self.env._("no reason given")
            self._book_chargeback(data["id"], amount, text)
            return
        booked = self.child_transaction_ids.filtered(
            lambda child: child.provider_reference == data["id"]
        )
        if booked and not booked.mollie_is_reversed:
            booked.mollie_is_reversed = True
            self._get_subscriptions()._schedule_todo(
                self.env._(
                    "Mollie reversed the chargeback of %(reference)s: the money is "
                    "back, book it by hand.",
                    reference=self.reference,
                )
            )

    # === SWEEP === #

    @api.model
    def _cron_mollie_chargebacks(self):
        """Cron: read the chargebacks of the last weeks of each account."""
        providers = self.env["payment.provider"].search(
            [("code", "=", "mollie"), ("state", "!=", "disabled")]
        )
        since = fields.Datetime.now() - const.CHARGEBACK_WINDOW
        for provider in providers:
            try:
                rows = self._mollie_list_chargebacks(provider, since)
            except ValidationError:
                _logger.info("Mollie did not list chargebacks of %s", provider.id)
                continue
            for data in rows:
                self._mollie_follow_row(provider, data)
                if not self.env["ir.cron"]._commit_progress():
                    return

    @api.model
    def _mollie_list_chargebacks(self, provider, since):
        """Return the chargebacks made after ``since``, newest first.

        :raises ValidationError: when Mollie does not answer
        """
        found = []
        for rows in provider._mollie_read_pages("/chargebacks", "chargebacks"):
            recent = [
                row
                for row in rows
                if provider._mollie_get_moment(row["createdAt"]) >= since
            ]
            found += recent
            if len(recent) < len(rows):
                break
        return found

    @api.model
    def _mollie_follow_row(self, provider, data):
        """Book a chargeback of the list when its payment is one of ours."""
        paid = self.search(
            [
                ("provider_id", "=", provider.id),
                ("provider_reference", "=", data["paymentId"]),
                ("operation", "!=", "refund"),
                ("state", "=", "done"),
            ],
            limit=1,
        )
        try:
            if paid.try_lock_for_update():
                paid._mollie_book_chargeback(data)
        except Exception:
            _logger.exception("Chargeback of transaction %s is not booked", paid.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
