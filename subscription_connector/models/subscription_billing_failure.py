from odoo import fields, models


class SubscriptionBillingFailure(models.Model):
    _name = "subscription.billing.failure"
    _description = "Failure in a Billing Run"
    _order = "id desc"
    _rec_name = "message"

    run_id = fields.Many2one(
        "subscription.billing.run", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    stage = fields.Selection(
        [
            ("draft", "Draft"),
            ("post", "Post"),
            ("send", "Send"),
            ("charge", "Charge"),
            ("deliver", "Deliver"),
        ],
        required=True,
    )
    message = fields.Char(required=True)
    subscription_id = fields.Many2one("subscription.subscription", ondelete="cascade")
    move_id = fields.Many2one(
        "account.move", string="Invoice", ondelete="set null", index="btree_not_null"
    )

    def action_open(self):
        """Open what failed."""
        self.ensure_one()
        record = self.move_id or self.subscription_id or self.run_id
        return record.get_formview_action()
