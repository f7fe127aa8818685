from odoo import fields, models
from odoo.tools import format_amount, format_date

from odoo.addons.customer_portal_otp.engine.withdrawal import last_day, refund_until


class PortalDeclaration(models.Model):
    """A withdrawal in time ends the subscription at once and gives back by rule.

    Directive 2011/83/EU articles 9 to 14 and 11a. What is not plainly within the rule
    (late, a business, goods, a part of the contract, billed elsewhere) is a task for a
    person, with the subscription named and the reason.
    """

    _inherit = "portal.declaration"

    def _process_withdrawal(self):
        """Withdraw from the subscription that was found.

        :return: one sentence about what was done; empty when a person decides
        :rtype: str
        """
        self.ensure_one()
        subscription = self.subscription_id
        if obstacle := self._get_withdraw_obstacle(subscription):
            self.message_post(body=obstacle)
            return ""
        credit = subscription._withdraw(self.number)
        self._ask_refund(subscription, credit)
        self._tell_withdrawn(subscription, credit)
        return self.env._(
            "%(subscription)s has ended by withdrawal.", subscription=subscription.name
        )

    def _get_withdraw_obstacle(self, subscription):
        """Return why the rule does not decide alone; empty where it does."""
        declared = self._get_local_day(self.date)
        limit = last_day(self._get_conclusion_day(subscription))
        if declared > limit:
            return self.env._(
                "The 14 days to withdraw ended on %(day)s: check whether the customer "
                "was told about the right to withdraw.",
                day=format_date(self.env, limit),
            )
        if self.reason:
            return self.env._("Only a part of the contract is meant.")
        if subscription.partner_id.commercial_partner_id.is_company:
            return self.env._("A business has no right to withdraw by law.")
        if subscription.collection == "outside":
            return self.env._("It is billed elsewhere and has to be ended there.")
        if subscription.is_shipped:
            return self.env._("Goods are sent: the 14 days begin when they arrive.")
        return ""

    def _get_conclusion_day(self, subscription):
        """Return the day the contract was concluded, as far as it is known.

        A contract that began before it was entered here was concluded before that.
        """
        order = subscription.sale_order_id
        known = (order.date_order or subscription.create_date, subscription.create_date)
        days = [self._get_local_day(moment) for moment in known]
        return min(*days, subscription.date_start)

    def _get_local_day(self, moment):
        here = self.with_context(tz=self._prepare_values()["tz"])
        return fields.Datetime.context_timestamp(here, moment).date()

    def _get_refund_day(self):
        return refund_until(self._get_local_day(self.date))

    def _ask_refund(self, subscription, credit):
        """Plan the paying back for a person, where something was paid or is paid."""
        paid = subscription._get_paid_amount()
        is_coming = subscription.charge_ids.filtered(
            lambda charge: charge.state in ("running", "pending", "unknown")
        )
        if not (paid or is_coming):
            return
        user = self._get_task_user()
        texts = self.with_context(lang=user.lang).env
        currency = subscription.currency_id
        note = texts._(
            "Paid until now: %(paid)s. Credit note for the periods: %(credit)s. "
            "One-time fees are not in it: give them back too.",
            paid=format_amount(texts, paid, currency),
            credit=format_amount(texts, credit, currency),
        )
        if is_coming:
            note += " " + texts._("A payment is under way; it goes back as well.")
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            date_deadline=self._get_refund_day(),
            summary=texts._(
                "Withdrawal of %(subscription)s: pay back",
                subscription=subscription.name,
            ),
            note=note,
        )

    def _tell_withdrawn(self, subscription, credit):
        """Mail what happened to the address on file, whoever asked."""
        partner = subscription.partner_id
        if not partner.email_normalized:
            return
        declaration = self.with_context(lang=partner.lang or self.lang)
        declaration._send_mail(
            declaration.env._(
                "You have withdrawn from %(subscription)s",
                subscription=subscription.name,
            ),
            "customer_portal_subscription.declaration_mail_withdrawn",
            partner.email_normalized,
            subscription=subscription,
            credit=credit,
            is_owed=bool(subscription.date_start_requested),
            refund_day=self._get_refund_day(),
        )
