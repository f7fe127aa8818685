from datetime import timezone

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import ValidationError

from .. import const
from ..engine import answers
from ..exceptions import AnswerLostError


class PaymentTransaction(models.Model):
    """Ask a provider what became of a charge whose answer was lost.

    Odoo's own providers are known by their code, because their addons need not be
    installed:

    * the demo provider works inside our own transaction (read in its source on
      2026-11-22): a charge whose transaction is still a draft was never made there;
    * Stripe lists the payments of a customer, with our reference as description;
    * Adyen cannot be searched by our reference. The same request under the same key is
      its way of asking: it gives the first answer again, for 31 days at least
      (docs.adyen.com/development-resources/api-idempotency, read on 2026-11-25). Odoo
      makes the key of our reference, which stays.

    A provider in an addon of its own overrides the two methods.
    """

    _inherit = "payment.transaction"

    def _is_look_up_supported(self):
        """Whether the provider can be asked what became of a charge."""
        return self.provider_code in const.LOOKUP_PROVIDERS

    def _look_up_subscription_charge(self):
        """Ask the provider by our reference what became of the charge.

        Override for a provider that can be asked, together with
        :meth:`_is_look_up_supported`, and bring the transaction up to date there.

        :return: ``absent`` (never received), ``known`` or ``unknown``
        :rtype: str
        """
        self.ensure_one()
        if not self._is_look_up_supported():
            return "unknown"
        if self.state != "draft":
            return "known"
        if self.provider_code == "demo":
            return "absent"
        try:
            if self.provider_code == "stripe":
                return self._ask_stripe()
            self.with_context(subscription_answer_counts=True)._send_payment_request()
        except (ValidationError, AnswerLostError, OSError):
            # No answer; a refusal refuses the question, not the charge.
            return "unknown"
        return "unknown" if self.state == "draft" else "known"

    def _ask_stripe(self):
        """Read the customer's payments at Stripe and follow the one that is ours.

        :raises ValidationError: when Stripe does not answer
        """
        if intent := self._find_stripe_intent():
            self._process(
                "stripe",
                {
                    "reference": self.reference,
                    "payment_intent": intent,
                    "payment_method": intent.get("payment_method"),
                },
            )
            return "unknown" if self.state == "draft" else "known"
        arrived = fields.Datetime.now() - relativedelta(minutes=const.ARRIVAL_MINUTES)
        return "absent" if self.last_state_change < arrived else "unknown"

    def _look_up_pending_charge(self):
        """Read a payment under way again, where its provider can be asked for it.

        An addon that does not sweep by itself overrides this.
        """
        self.ensure_one()
        if self.provider_code == "stripe" and self.provider_reference:
            try:
                self._ask_stripe()
            except (ValidationError, OSError):
                return  # It is asked again tomorrow.

    def _find_stripe_intent(self):
        """Return the payment with our reference, None when Stripe has none."""
        if self.provider_reference:
            return self._send_api_request(
                "GET", f"payment_intents/{self.provider_reference}"
            )
        since = fields.Datetime.subtract(self.create_date, days=1)
        params = {
            "customer": self.token_id.sudo().provider_ref,
            "created[gte]": int(since.replace(tzinfo=timezone.utc).timestamp()),
            "limit": const.STRIPE_PAGE,
        }
        while True:
            page = self._send_api_request("GET", "payment_intents", params=params)
            for intent in page["data"]:
                if intent.get("description") == self.reference:
                    return intent
            if not page.get("has_more") or not page["data"]:
                return None
            params["starting_after"] = page["data"][-1]["id"]

    def _process(self, provider_code, payment_data):
        """Override of `payment`: why a charge was declined decides what follows.

        The code of Stripe and Adyen keeps words for the customer, without the reason.
        """
        reason = ""
        if self.subscription_charge_id:
            reason = answers.find_reason(provider_code, payment_data)
        transaction = self.with_context(subscription_decline=reason) if reason else self
        return super(PaymentTransaction, transaction)._process(
            provider_code, payment_data
        )

    def _validate_amount(self, payment_data):
        """Override of `payment`: money moved, but not as asked. Nobody tries again."""
        transaction = self
        if self.subscription_charge_id:
            transaction = self.with_context(subscription_decline="amount_mismatch")
        return super(PaymentTransaction, transaction)._validate_amount(payment_data)

    def _set_error(self, state_message, *args, **kwargs):
        """Override of `payment` to keep the reason of a decline."""
        if reason := self.env.context.get("subscription_decline"):
            state_message = f"{state_message} ({reason})"
        return super()._set_error(state_message, *args, **kwargs)
