from odoo import api, models
from odoo.fields import Domain


class SubscriptionCharge(models.Model):
    """No second charge after a restored backup: what was made is taken for it."""

    _inherit = "subscription.charge"

    @api.model
    def _get_ready_domain(self, batch_size):
        """Return the domain of what may be charged now.

        The providers of the next charges are asked what they made for us already; one
        that does not answer charges nothing now.
        """
        domain = self._get_due_domain()
        asked = self.env["payment.provider"].sudo()
        while True:
            due = self.search(domain, order="company_id, id", limit=batch_size)
            providers_sudo = (
                due.subscription_id.sudo().payment_token_id.provider_id - asked
            )
            if not providers_sudo:
                return domain
            asked |= providers_sudo
            silent = providers_sudo.filtered(
                lambda provider: not provider._find_charges_made()
            )
            if silent:
                self._tell_silence(silent, due.company_id)
                domain &= Domain(
                    "subscription_id.payment_token_id.provider_id",
                    "not in",
                    silent.ids,
                )

    @api.model
    def _tell_silence(self, silent_sudo, companies):
        """Write into the run, once, that a provider could not be asked."""
        runs = self.env["subscription.billing.run"]
        runs._begin(companies)
        for company in companies:
            for provider in silent_sudo.filtered_domain(
                [("company_id", "parent_of", company.id)]
            ):
                message = self.env._(
                    "%(provider)s does not tell what it charged already. Nothing is "
                    "charged through it until it does.",
                    provider=provider.name,
                )
                told = runs._find_running(company).failure_ids.mapped("message")
                if message not in told:
                    runs._fail(company, "charge", message)
        self.env["ir.cron"]._commit_progress()

    def _get_found_payment(self):
        """Return what the provider charged for this period before a restore."""
        self.ensure_one()
        # Sudo: the cron may run as anybody who presses a button.
        return (
            self.env["subscription.charge.found"]
            .sudo()
            .search(
                Domain("subscription_id", "=", self.subscription_id.id)
                & Domain("date_period", "=", self._get_first_period().date_from)
                & Domain("state", "=", "open"),
                limit=1,
            )
        )

    def _take_found_payment(self, found, token_sudo):
        """Make a transaction of a payment that exists; it is read, not sent.

        :return: whether the payment can stand for this charge
        """
        self.ensure_one()
        currency = self.move_id.currency_id
        is_same = found.currency_id == currency and not currency.compare_amounts(
            found.amount, self._get_amount()
        )
        if (
            not is_same
            or found.is_given_back
            or found.provider_id != token_sudo.provider_id
        ):
            self._stop(
                self.env._(
                    "%(provider)s charged %(amount)s for this period already, as "
                    "%(reference)s. Book it or give it back, then settle it under "
                    "Charges Found.",
                    provider=found.provider_id.name,
                    amount=found.currency_id.format(found.amount),
                    reference=found.provider_reference,
                )
            )
            self._ask_to_settle(found)
            return False
        self._begin_call(token_sudo, provider_reference=found.provider_reference)
        found.write({"state": "taken", "charge_id": self.id})
        found.activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def _ask_to_settle(self, found):
        found.charge_id = self
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._(
                "Settle %(reference)s by hand", reference=found.provider_reference
            ),
            user_id=(self.subscription_id.user_id or self.env.user).id,
        )
