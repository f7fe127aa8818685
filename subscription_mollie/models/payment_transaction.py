import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.const import CURRENCY_MINOR_UNITS
from odoo.addons.payment_mollie.controllers.main import MollieController

from .. import const

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """Mandates, recurring charges and refunds at Mollie.

    A first payment by a customer of ours gives a mandate, which becomes a saved
    method; a charge names customer and mandate. Each write carries a key made of
    our own reference, and what was lost is found by that reference.
    """

    _inherit = "payment.transaction"

    # === FIRST PAYMENT === #

    def _mollie_prepare_payment_request_payload(self):
        """Override of `payment_mollie` to ask for a mandate."""
        payload = super()._mollie_prepare_payment_request_payload()
        if self.tokenize or self.operation == "validation":
            payload |= {
                "customerId": self._mollie_get_customer(),
                "sequenceType": "first",
            }
        return payload

    def _mollie_get_customer(self):
        """Return the id of our customer at Mollie, made there where it is missing.

        :raises ValidationError: when Mollie refuses or does not answer
        """
        self.ensure_one()
        known_sudo = (
            self.env["payment.token"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("provider_id", "=", self.provider_id.id),
                    ("mollie_customer_ref", "!=", False),
                ],
                order="id desc",
                limit=1,
            )
        )
        if known_sudo:
            return known_sudo.mollie_customer_ref
        payload = {"name": self.partner_name or self.partner_id.name}
        if self.partner_email:
            payload["email"] = self.partner_email
        customer = self._send_api_request(
            "POST",
            "/customers",
            json=payload,
            idempotency_key=self._mollie_get_key("customer"),
        )
        return customer["id"]

    def _mollie_get_key(self, scope):
        """Return the key under which Mollie does a request once only."""
        return payment_utils.generate_idempotency_key(self, scope=f"mollie_{scope}")

    def _extract_token_values(self, payment_data):
        """Override of `payment` to keep the mandate of a first payment."""
        if self.provider_code != "mollie":
            return super()._extract_token_values(payment_data)
        if not payment_data.get("mandateId"):
            _logger.warning("Payment of transaction %s gave no mandate", self.id)
            return {}
        details = payment_data.get("details") or {}
        digits = details.get("cardNumber") or details.get("consumerAccount") or ""
        values = {
            "provider_ref": payment_data["mandateId"],
            "mollie_customer_ref": payment_data["customerId"],
            "payment_details": digits[-4:],
        }
        if payment_data.get("method") == "creditcard":
            values["date_expiry"] = self._mollie_get_expiry(payment_data)
        else:
            # What was paid by iDEAL is collected by direct debit from then on.
            values["payment_method_id"] = self.env.ref(
                "payment.payment_method_sepa_direct_debit"
            ).id
        return values

    def _mollie_get_expiry(self, payment_data):
        """Return the last day of the card, nothing where Mollie does not tell it."""
        customer, mandate = payment_data["customerId"], payment_data["mandateId"]
        try:
            data = self._send_api_request(
                "GET", f"/customers/{customer}/mandates/{mandate}"
            )
        except ValidationError:
            return False  # The method works all the same.
        return (data.get("details") or {}).get("cardExpiryDate") or False

    # === CHARGES === #

    def _send_payment_request(self):
        """Override of `payment` to charge a mandate."""
        if self.provider_code != "mollie":
            return super()._send_payment_request()
        data = self._send_api_request(
            "POST",
            "/payments",
            json=self._mollie_prepare_charge_payload(),
            idempotency_key=self._mollie_get_charge_key(),
        )
        self.provider_reference = data["id"]
        self._process("mollie", data)
        return None

    def _mollie_get_charge_key(self):
        """Return a key that no other charge can have.

        After a restored backup a reference may be used once more; with the same key
        Mollie would answer with the payment of the first one.
        """
        return self._mollie_get_key(f"charge_{self.id}_{self.create_date}")

    def _mollie_get_period(self):
        """Return the first day that is charged for, as text; nothing without charge."""
        charge = self.subscription_charge_id
        return str(charge._get_first_period().date_from) if charge else None

    def _mollie_prepare_charge_payload(self):
        """Return the payload of a charge without the customer."""
        self.ensure_one()
        token_sudo = self.token_id.sudo()
        base_url = self.provider_id.get_base_url().rstrip("/")
        return {
            "description": self.reference,
            "amount": self._mollie_get_amount(self.amount),
            "sequenceType": "recurring",
            "redirectUrl": None,  # nobody is sent anywhere, yet the API asks for it
            "customerId": token_sudo.mollie_customer_ref,
            "mandateId": token_sudo.provider_ref,
            "metadata": self._mollie_prepare_charge_metadata(),
            "webhookUrl": (
                f"{base_url}{MollieController._webhook_url}?ref={self.reference}"
            ),
        }

    def _mollie_prepare_charge_metadata(self):
        """Return what tells later for what a payment was made, whatever we forgot."""
        self.ensure_one()
        metadata = {"reference": self.reference}
        if charge := self.subscription_charge_id:
            metadata |= {
                "database": self.env["ir.config_parameter"]
                .sudo()
                .get_param("database.uuid"),
                "subscription": charge.subscription_id.id,
                "period": self._mollie_get_period(),
            }
        return metadata

    def _mollie_get_amount(self, amount):
        places = CURRENCY_MINOR_UNITS.get(
            self.currency_id.name, self.currency_id.decimal_places
        )
        return {"currency": self.currency_id.name, "value": f"{amount:.{places}f}"}

    def _apply_updates(self, payment_data):
        """Override of `payment_mollie`: a refusal of the bank is an error with a code.

        What follows from it (another try or none) depends on that code.
        """
        if self.provider_code != "mollie" or payment_data.get("status") != "failed":
            return super()._apply_updates(payment_data)
        details = payment_data.get("details") or {}
        reason = payment_data.get("statusReason") or {}
        words = (
            details.get("bankReasonCode") or details.get("failureReason"),
            details.get("bankReason"),
            reason.get("code"),
            reason.get("message"),
        )
        text = ": ".join(filter(None, words))
        self._set_error(text or self.env._("The payment failed."))
        return None

    def _is_look_up_supported(self):
        """Override of `subscription_connector`: Mollie lists a customer's payments."""
        return self.provider_code == "mollie" or super()._is_look_up_supported()

    def _look_up_subscription_charge(self):
        """Override of `subscription_connector` to find a lost charge at Mollie."""
        if self.provider_code != "mollie":
            return super()._look_up_subscription_charge()
        try:
            data = self._mollie_find_payment()
        except ValidationError:
            return "unknown"
        if data:
            self.provider_reference = data["id"]
            self._process("mollie", data)
            return "known"
        arrived = fields.Datetime.now() - relativedelta(minutes=const.ARRIVAL_MINUTES)
        return "absent" if self.last_state_change < arrived else "unknown"

    def _mollie_find_payment(self):
        """Return the payment with our reference, None when Mollie has none.

        :raises ValidationError: when Mollie does not answer
        """
        self.ensure_one()
        if self.provider_reference:
            return self._send_api_request("GET", f"/payments/{self.provider_reference}")
        customer = self.token_id.sudo().mollie_customer_ref
        pages = self.provider_id._mollie_read_pages(
            f"/customers/{customer}/payments", "payments"
        )
        return next(
            (data for page in pages for data in page if self._mollie_is_mine(data)),
            None,
        )

    def _mollie_is_mine(self, data):
        """Whether a payment has our reference, and is for the period we charge."""
        period = (data.get("metadata") or {}).get("period")
        return data.get("description") == self.reference and period in (
            None,
            self._mollie_get_period(),
        )

    # === REFUNDS === #

    def _send_refund_request(self):
        """Override of `payment` to give money back the way it came."""
        if self.provider_code != "mollie":
            return super()._send_refund_request()
        paid = self.source_transaction_id
        data = self._send_api_request(
            "POST",
            f"/payments/{paid.provider_reference}/refunds",
            json={
                "amount": self._mollie_get_amount(-self.amount),
                "description": self.reference,
                "metadata": {"reference": self.reference},
            },
            idempotency_key=self._mollie_get_key("refund"),
        )
        self.provider_reference = data["id"]
        self._mollie_follow_refund(data)
        return None

    def _mollie_follow_refund(self, data):
        """Bring a refund to the state that Mollie says."""
        self.ensure_one()
        status = data.get("status")
        if status == "refunded":
            self._set_done()
        elif status in const.REFUND_PENDING:
            if self.state != "pending":
                self._set_pending()
        elif status == "canceled":
            self._set_canceled()
        else:
            self._set_error(self.env._("The refund failed."))

    # === SWEEP === #

    @api.model
    def _cron_mollie_sweep(self, batch_size=100):
        """Cron: read again what waits, so that a lost webhook loses nothing."""
        cron = self.env["ir.cron"]
        before = fields.Datetime.now() - relativedelta(minutes=const.SWEEP_MINUTES)
        waiting = self.search(
            [
                ("provider_code", "=", "mollie"),
                ("state", "=", "pending"),
                ("provider_reference", "!=", False),
                ("write_date", "<", before),
            ],
            order="write_date",
            limit=batch_size,
        )
        cron._commit_progress(remaining=len(waiting))
        for transaction in waiting:
            if locked := transaction.try_lock_for_update():
                locked._mollie_read_again()
            if not cron._commit_progress(1):
                return

    def _mollie_read_again(self):
        self.ensure_one()
        try:
            if self.operation == "refund":
                paid = self.source_transaction_id.provider_reference
                data = self._send_api_request(
                    "GET", f"/payments/{paid}/refunds/{self.provider_reference}"
                )
                self._mollie_follow_refund(data)
            else:
                data = self._send_api_request(
                    "GET", f"/payments/{self.provider_reference}"
                )
                self._process("mollie", data)
        except ValidationError:
            _logger.info("Mollie did not tell about transaction %s", self.id)
        # Looked at now: the next sweep begins with those that waited longer.
        self.write({"provider_reference": self.provider_reference})
