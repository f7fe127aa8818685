from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SaleOrder(models.Model):
    _inherit = "sale.order"

    subscription_ids = fields.One2many(
        "subscription.subscription",
        "sale_order_id",
        groups="subscription_connector.group_subscription_user",
    )
    subscription_count = fields.Integer(compute="_compute_subscription_count")

    @api.depends("subscription_ids")
    def _compute_subscription_count(self):
        for order in self:
            order.subscription_count = len(order.sudo().subscription_ids)

    # === SELLING === #

    def action_confirm(self):
        """Override of `sale` to start what was sold with a plan."""
        res = super().action_confirm()
        for order in self.filtered(lambda order: order.state == "sale"):
            order._create_subscriptions()
        return res

    def _action_cancel(self):
        """Override of `sale`: a cancelled order ends what it started."""
        res = super()._action_cancel()
        # Sudo: cancelling the order is the right that counts here.
        for subscription_sudo in self.sudo().subscription_ids:
            if subscription_sudo.state in ("planned", "active", "paused"):
                subscription_sudo._cancel()
        return res

    def _create_subscriptions(self):
        """Create one subscription per plan; the order claims its first period."""
        self.ensure_one()
        lines = self.order_line.filtered(
            lambda line: line.subscription_plan_id and not line.subscription_id
        )
        for plan, plan_lines in lines.grouped("subscription_plan_id").items():
            # Sudo: visitors and salespeople sell without managing subscriptions.
            subscription_sudo = (
                self.env["subscription.subscription"]
                .sudo()
                ._create_by_method(self._prepare_subscription_vals(plan, plan_lines))
            )
            plan_lines.subscription_id = subscription_sudo
            subscription_sudo._start()
            subscription_sudo._claim_for_order(self)
            if self.website_id and not subscription_sudo.payment_token_id:
                # Nothing was to be paid yet, so no method was saved at the checkout.
                subscription_sudo._get_invitation()._send()

    def _prepare_subscription_vals(self, plan, lines):
        self.ensure_one()
        # Sudo: the method that paid the order is kept for its subscription.
        token = (
            self.sudo()
            .transaction_ids.filtered(
                lambda tx: tx.state in ("done", "authorized", "pending")
            )
            .token_id[:1]
        )
        if self.website_id:
            collection = "token"
        else:
            token = token or self._get_customer_token()
            collection = "token" if token else "invoice"
        # Of the customer's usual address, later orders take what it is on their day.
        usual = self.partner_id.address_get(["delivery"])["delivery"]
        shipping = self.partner_shipping_id.filtered(lambda p: p.id != usual)
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "partner_invoice_id": self.partner_invoice_id.id,
            "partner_shipping_id": shipping.id,
            "carrier_id": self.carrier_id.id,
            "user_id": self.user_id.id,
            "plan_id": plan.id,
            "pricelist_id": self.pricelist_id.id,
            "team_id": self.team_id.id,
            "journal_id": self.journal_id.id,
            "currency_id": self.currency_id.id,
            "date_start": self.company_id._get_billing_day(),
            "collection": collection,
            "payment_token_id": token.id,
            "sale_order_id": self.id,
            "line_ids": [
                Command.create(line._prepare_subscription_line_vals()) for line in lines
            ],
        }

    def _get_customer_token(self):
        """Return the newest saved method of the customer, for sales by staff."""
        return (
            self.env["payment.token"]
            .sudo()
            .search(
                [
                    (
                        "partner_id.commercial_partner_id",
                        "=",
                        self.partner_id.commercial_partner_id.id,
                    ),
                    ("company_id", "=", self.company_id.id),
                ],
                order="id desc",
                limit=1,
            )
        )

    # === INVOICING === #

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Override of `sale`: the order's own invoice is that of the first period."""
        moves = super()._create_invoices(grouped=grouped, final=final, date=date)
        # Sudo: the right to invoice the order is the right that counts.
        periods_sudo = self.sudo().subscription_ids.period_ids.filtered(
            lambda period: period.state == "claimed" and not period.move_id
        )
        for period_sudo in periods_sudo:
            period_sudo._attach_invoice_lines(moves.sudo().invoice_line_ids)
        return moves

    # === WEB SHOP === #

    def _cart_find_product_line(
        self, product_id, uom_id, *args, subscription_plan_id=None, **kwargs
    ):
        """Override of `website_sale`: the same product on two plans is two lines."""
        lines = super()._cart_find_product_line(product_id, uom_id, *args, **kwargs)
        plan = self._get_cart_plan(product_id, subscription_plan_id)
        return lines.filtered(lambda line: line.subscription_plan_id == plan)

    def _prepare_order_line_values(
        self, product_id, quantity, uom_id, *, subscription_plan_id=None, **kwargs
    ):
        """Override of `website_sale` to keep the chosen plan."""
        vals = super()._prepare_order_line_values(
            product_id, quantity, uom_id, **kwargs
        )
        plan = self._get_cart_plan(product_id, subscription_plan_id)
        return vals | {"subscription_plan_id": plan.id}

    def _cart_add(self, product_id, quantity=1.0, **kwargs):
        """Override of `website_sale` to add the other products of the plan too."""
        known = self.order_line
        values = super()._cart_add(product_id, quantity, **kwargs)
        line = (self.order_line - known).filtered("subscription_plan_id")[:1]
        others = line.subscription_plan_id.line_ids.filtered(
            lambda plan_line: plan_line.product_id != line.product_id
        )
        for plan_line in others:
            self.env["sale.order.line"].create(
                {
                    "order_id": self.id,
                    "product_id": plan_line.product_id.id,
                    "product_uom_qty": plan_line.quantity * quantity,
                    "linked_line_id": line.id,
                    "subscription_plan_id": plan_line.plan_id.id,
                }
            )
        return values

    @api.model
    def _get_cart_plan(self, product_id, plan_id):
        """Return the plan for a cart line; the choice must be one we offered.

        :raises UserError: when the product is not sold with that plan
        """
        template = self.env["product.product"].browse(product_id).product_tmpl_id
        # Sudo: visitors have no right on plans, the choice was shown to them.
        plans_sudo = template.sudo()._get_shop_plans()
        if plan_id:
            plan_sudo = plans_sudo.filtered(lambda plan: plan.id == int(plan_id))
            if not plan_sudo:
                raise UserError(self.env._("This product is not sold with that plan."))
            return plan_sudo
        if template.sudo().is_subscription_only:
            return plans_sudo[:1]
        return plans_sudo.browse()

    def action_view_subscriptions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_subscription_action"
        )
        return action | {"domain": [("sale_order_id", "=", self.id)], "context": {}}
