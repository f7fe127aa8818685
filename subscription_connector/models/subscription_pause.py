from odoo import fields, models


class SubscriptionPause(models.Model):
    _name = "subscription.pause"
    _description = "Pause of a Subscription"
    _order = "date_from desc, id desc"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    kind = fields.Selection(
        [("requested", "Requested"), ("payment", "Payment failed")], required=True
    )
    date_from = fields.Date(required=True)
    date_to = fields.Date(help="First day after the pause; empty while it lasts.")

    _dates_ordered = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A pause cannot end before it begins.",
    )
