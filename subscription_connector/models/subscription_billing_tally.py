from odoo import fields, models

COUNTS = ("drafted", "posted", "sent", "charged", "pending", "unknown", "failed")


class SubscriptionBillingTally(models.Model):
    """How many records one stage of a billing run handled; added, never changed."""

    _name = "subscription.billing.tally"
    _description = "Tally of a Billing Run"
    _rec_name = "kind"
    _log_access = False

    run_id = fields.Many2one(
        "subscription.billing.run", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    kind = fields.Char(required=True)
    number = fields.Integer(required=True)
