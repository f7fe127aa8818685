from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SubscriptionChangeWizard(models.TransientModel):
    """Another plan, other products or quantities, with what it means in money."""

    _name = "subscription.change.wizard"
    _description = "Change a Subscription"

    subscription_id = fields.Many2one("subscription.subscription", required=True)
    company_id = fields.Many2one(related="subscription_id.company_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    plan_id = fields.Many2one(
        "subscription.plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        required=True,
    )
    mode = fields.Selection(
        [("period", "When the billed period ends"), ("now", "Now")],
        string="From",
        default="period",
        required=True,
    )
    line_ids = fields.One2many(
        "subscription.change.wizard.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    effect = fields.Text(compute="_compute_effect")

    @api.depends("subscription_id")
    def _compute_plan_id(self):
        for wizard in self:
            wizard.plan_id = wizard.subscription_id.plan_id

    @api.depends("plan_id", "subscription_id")
    def _compute_line_ids(self):
        """Show what it has now, or what another plan brings."""
        for wizard in self:
            subscription = wizard.subscription_id
            if wizard.plan_id == subscription.plan_id:
                rows = [
                    {
                        "sequence": line.sequence,
                        "product_id": line.product_id.id,
                        "name": line.name,
                        "quantity": line.quantity,
                        "price_unit": line.price_unit,
                        "discount": line.discount,
                        "line_id": line._origin.id,
                    }
                    for line in subscription.line_ids
                    if not line.is_one_time
                ]
            else:
                rows = subscription._get_change_rows(wizard.plan_id)
            wizard.line_ids = [Command.clear()] + [Command.create(row) for row in rows]

    @api.depends(
        "plan_id",
        "mode",
        "line_ids.product_id",
        "line_ids.quantity",
        "line_ids.price_unit",
        "line_ids.discount",
    )
    def _compute_effect(self):
        for wizard in self:
            if not wizard.plan_id or not wizard.subscription_id:
                wizard.effect = False
                continue
            wizard.effect = "\n".join(
                wizard.subscription_id._get_change_preview(
                    wizard.plan_id, wizard._get_rows(), wizard.mode
                )
            )

    def _get_rows(self):
        return [
            {
                "sequence": line.sequence,
                "product_id": line.product_id.id,
                "name": line.name or line.product_id.display_name,
                "quantity": line.quantity,
                "price_unit": line.price_unit,
                "discount": line.discount,
                "line_id": line.line_id.id,
            }
            for line in self.line_ids
        ]

    def _is_unchanged(self):
        """Whether the dialog shows just what the subscription has."""
        subscription = self.subscription_id
        present = subscription.line_ids.filtered(lambda line: not line.is_one_time)
        return (
            self.plan_id == subscription.plan_id
            and self.line_ids.line_id == present
            and len(self.line_ids) == len(present)
            and all(
                line[name] == line.line_id[name]
                for line in self.line_ids
                for name in ("product_id", "quantity", "price_unit", "discount")
            )
        )

    def action_change(self):
        self.ensure_one()
        self.subscription_id.check_access("write")
        if self._is_unchanged():
            raise UserError(self.env._("Nothing is changed yet."))
        self.subscription_id._plan_change(self.plan_id, self._get_rows(), self.mode)
        return {"type": "ir.actions.act_window_close"}
