from markupsafe import Markup, escape

from odoo import api, fields, models


class SubscriptionCampaignLine(models.Model):
    """One subscription in a campaign: when it moves and what it costs then."""

    _name = "subscription.campaign.line"
    _description = "Subscription in a Campaign"
    _order = "campaign_id, id"
    _rec_name = "subscription_id"

    campaign_id = fields.Many2one(
        "subscription.campaign", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    plan_id = fields.Many2one(related="campaign_id.target_plan_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    date = fields.Date(string="From")
    amount_old = fields.Monetary(string="Now")
    amount_new = fields.Monetary(string="Then")
    terms_note = fields.Char(string="Terms")
    terms_text = fields.Char(compute="_compute_terms_text")
    reason = fields.Char(string="Why Not")
    change_id = fields.Many2one("subscription.change", ondelete="set null")
    change_state = fields.Selection(related="change_id.state")

    def _announce(self):
        """Plan the change and tell the customer, whose choice it is to leave."""
        self.ensure_one()
        subscription, plan = self.subscription_id, self.plan_id
        rows = subscription._get_campaign_rows(plan)
        # Sudo: lines and changes are written by the buttons of a campaign only.
        self.sudo().change_id = subscription._create_change(
            plan, rows, self.date, self.campaign_id.target_version_id
        )
        subscription._log_event("change_set", note=self.campaign_id.name)
        template = self.env.ref(
            "subscription_connector.mail_template_campaign", raise_if_not_found=False
        )
        if self.campaign_id.is_mail and template and self.partner_id.email:
            mail_sudo = template.sudo().send_mail(self.id)
            self._tell_terms(self.env["mail.mail"].sudo().browse(mail_sudo))

    @api.depends("subscription_id", "campaign_id.target_plan_id")
    @api.depends_context("lang")
    def _compute_terms_text(self):
        """Say for the mail which terms change, in the language of the customer."""
        for line in self:
            line.terms_text = line.subscription_id._describe_moved_terms(line.plan_id)

    def _tell_terms(self, mail_sudo):
        """Name the terms that change also where a template leaves them out.

        :param mail_sudo: the mail as the template made it
        """
        line = self.with_context(lang=self.partner_id.lang)
        if not line.terms_text or escape(line.terms_text) in mail_sudo.body_html:
            return
        text = line.env._(
            "What changes in the terms: %(terms)s.", terms=line.terms_text
        )
        mail_sudo.body_html += Markup("<p>%s</p>") % text
