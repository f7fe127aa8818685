from odoo import fields, models


class SubscriptionPlan(models.Model):
    """What members change themselves, and which mails they get."""

    _inherit = "subscription.plan"

    customer_type_id = fields.Many2one(
        "subscription.customer.type",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Given to the customer at the start, taken at the end unless another "
        "subscription gives it.",
    )
    is_self_change = fields.Boolean(
        string="Members May Change Plan",
        help="Members choose another plan that is sold in the web shop.",
    )
    is_confirmation_mail = fields.Boolean(
        string="Confirm by Mail",
        default=True,
        help="The customer gets a mail with plan, interval and duration at the start.",
    )
    reminder_days = fields.Integer(
        string="Remind before Billing",
        help="Days before a billing day on which the customer is mailed. 0: never.",
    )
    after_term = fields.Selection(
        [("end", "Ends by itself"), ("renew", "Goes on until cancelled")],
        string="After the Term",
        default="end",
        required=True,
        help="What goes on has no fixed term any more: a consumer may then leave on "
        "any day with a month's notice at most.",
    )
    term_reminder_days = fields.Integer(
        string="Remind before the Term Ends",
        help="Days before the end of a fixed term on which the customer is mailed; "
        "where it goes on: before the last day to object. 0: never.",
    )
    is_self_pause = fields.Boolean(
        string="Members May Pause",
        help="Members choose from when until when, on their own page.",
    )
