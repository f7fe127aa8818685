from odoo import fields, models


class SubscriptionBillingPreviewLine(models.TransientModel):
    _name = "subscription.billing.preview.line"
    _description = "Line of a Billing Preview"
    _order = "id"

    preview_id = fields.Many2one(
        "subscription.billing.preview", required=True, ondelete="cascade"
    )
    subscription_id = fields.Many2one("subscription.subscription", required=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    plan_id = fields.Many2one(related="subscription_id.plan_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    date_from = fields.Date(string="From", required=True)
    date_last = fields.Date(string="Until", required=True)
    amount = fields.Monetary()
    amount_last = fields.Monetary(string="Last Time")
    difference = fields.Monetary()
    reason = fields.Char(string="Why")

    def action_open(self):
        """Open the subscription behind the line."""
        self.ensure_one()
        return self.subscription_id.get_formview_action()
