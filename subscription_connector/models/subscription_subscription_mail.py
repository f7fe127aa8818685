import logging

from odoo import api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class SubscriptionSubscription(models.Model):
    """Mails to the customer: confirmed, about to be renewed, cancelled."""

    _inherit = "subscription.subscription"

    date_reminded = fields.Date(
        string="Reminded of",
        readonly=True,
        copy=False,
        help="The billing day that the customer was reminded of.",
    )
    duration_label = fields.Char(string="Duration", compute="_compute_duration_label")

    @api.depends("period_count", "after_term")
    @api.depends_context("lang")
    def _compute_duration_label(self):
        for subscription in self:
            if subscription.period_count and subscription.after_term == "renew":
                subscription.duration_label = subscription.env._(
                    "%(count)s periods, then until cancelled",
                    count=subscription.period_count,
                )
            elif subscription.period_count:
                subscription.duration_label = subscription.env._(
                    "%(count)s periods, then it ends by itself",
                    count=subscription.period_count,
                )
            else:
                subscription.duration_label = subscription.env._("until cancelled")

    def _send_template(self, xmlid, **kwargs):
        """Mail a template to the customer, where there is an address."""
        self.ensure_one()
        template = self.env.ref(xmlid, raise_if_not_found=False)
        if template and self.partner_id.email:
            template.sudo().send_mail(self.id, **kwargs)

    def _send_confirmation(self):
        """Confirm what was agreed (L8), where the plan wants it.

        An import passes ``subscription_no_mail``: its customers know already.
        """
        self.ensure_one()
        plan_sudo = self.sudo().plan_id
        if (
            plan_sudo.is_confirmation_mail
            and self.collection != "outside"
            and not self.env.context.get("subscription_no_mail")
        ):
            self._send_template("subscription_connector.mail_template_started")

    @api.model
    def _cron_remind(self):
        """Cron: tell customers some days before a bill, or the end of a term."""
        self._remind_of_terms()
        plans = self.env["subscription.plan"].search([("reminder_days", ">", 0)])
        for plan in plans:
            today = plan.company_id._get_billing_day()
            domain = (
                Domain("plan_id", "=", plan.id)
                & Domain("state", "=", "active")
                & Domain("collection", "!=", "outside")
                & Domain("date_next", ">", today)
                & Domain(
                    "date_next", "<=", fields.Date.add(today, days=plan.reminder_days)
                )
            )
            for subscription in self.search(domain):
                subscription._mail_alone(domain, "_remind")

    def _mail_alone(self, domain, method):
        """Send a mail of one; what fails keeps no other customer's mail back."""
        try:
            getattr(self, method)(domain)
        except Exception:
            _logger.exception("Subscription %s got no reminder", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
        self.env["ir.cron"]._commit_progress()

    def _remind(self, domain):
        """Mail the reminder of the next billing day, once."""
        locked = self.try_lock_for_update().filtered_domain(domain)
        if locked and locked.date_reminded != locked.date_next:
            locked._write_by_method({"date_reminded": locked.date_next})
            locked._send_template("subscription_connector.mail_template_renewal")
