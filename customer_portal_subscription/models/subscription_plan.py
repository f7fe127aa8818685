from odoo import fields, models


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    is_digital_content = fields.Boolean(
        string="Digital Content",
        help="Data that the customer gets for himself: downloads, e-books, issues as "
        "a file. The web shop then asks consumers to agree that the delivery begins "
        "and that the right to withdraw is lost by it; without that the right stays. "
        "Access to a platform or a program is a service: leave it off (Directive "
        "2011/83/EU article 16, Directive (EU) 2019/2161 recital 30).",
    )
