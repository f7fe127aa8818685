from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    subscription_plan_line_ids = fields.One2many(
        "subscription.plan.line",
        compute="_compute_subscription_plan_line_ids",
        groups="subscription_connector.group_subscription_user",
    )
    is_subscription_only = fields.Boolean(
        string="Only with a Plan",
        default=True,
        help="In the web shop a product that has a plan cannot be bought just once.",
    )

    def _compute_subscription_plan_line_ids(self):
        lines = self.env["subscription.plan.line"].search(
            [
                ("product_id.product_tmpl_id", "in", self.ids),
                ("plan_id.active", "=", True),
            ]
        )
        by_template = lines.grouped(lambda line: line.product_id.product_tmpl_id)
        for template in self:
            template.subscription_plan_line_ids = by_template.get(template, lines[:0])

    def _get_shop_plans(self):
        """Return the plans that the product page offers, in their order."""
        self.ensure_one()
        website = self.env["website"].get_current_website(fallback=False)
        company = website.company_id or self.env.company
        return self.env["subscription.plan"].search(
            [
                ("is_sold_online", "=", True),
                ("company_id", "=", company.id),
                ("line_ids.product_id.product_tmpl_id", "=", self.id),
            ]
        )
