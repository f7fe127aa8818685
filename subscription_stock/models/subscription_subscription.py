from odoo import fields, models


class SubscriptionSubscription(models.Model):
    """From where its goods leave, and what became of them."""

    _inherit = "subscription.subscription"

    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        help="Where the goods of each period leave from. Empty: the warehouse that "
        "Odoo chooses for an order of the responsible.",
    )
    picking_count = fields.Integer(
        string="Deliveries", compute="_compute_picking_count", compute_sudo=True
    )

    def _compute_picking_count(self):
        for subscription in self:
            subscription.picking_count = len(subscription._get_pickings())

    def _get_pickings(self):
        """Return the transfers of all its orders, those of the sale included."""
        self.ensure_one()
        orders = self.sale_order_id | self.period_ids.delivery_order_id
        return orders.picking_ids

    def action_view_pickings(self):
        """Button: open the transfers."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_tree_all"
        )
        return action | {
            # Sudo: the orders lead to the transfers; stock's own rights open them.
            "domain": [("id", "in", self.sudo()._get_pickings().ids)],
            "context": {"create": False},
        }
