import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class SubscriptionCustomerType(models.Model):
    """What a customer is while a subscription runs: a tag, a pricelist, an access.

    Given when a subscription of one of its plans begins and taken when the last one
    ends (L3, L14). Each is an event of the subscription, which other systems can read.
    """

    _name = "subscription.customer.type"
    _description = "Customer Type"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    category_id = fields.Many2one(
        "res.partner.category",
        string="Tag",
        required=True,
        ondelete="restrict",
        help="The customer has this tag as long as a subscription gives the type.",
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        ondelete="restrict",
        check_company=True,
        help="The customer buys at these prices as long as he has the type.",
    )
    is_portal = fields.Boolean(
        string="Portal Access",
        help="Customers without a user get one for the member's area, by mail.",
    )
    plan_ids = fields.One2many("subscription.plan", "customer_type_id")
    partner_count = fields.Integer(string="Customers", compute="_compute_partner_count")

    def _compute_partner_count(self):
        """Count customers, not subscriptions: who has two counts once."""
        counts = {}
        if self.ids:
            self.env["subscription.subscription"].flush_model()
            self.env["subscription.plan"].flush_model()
            # One grouped statement over two tables; the types are readable already.
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT plan.customer_type_id, COUNT(DISTINCT sub.partner_id)
                      FROM subscription_subscription sub
                      JOIN subscription_plan plan ON plan.id = sub.plan_id
                     WHERE sub.state IN ('active', 'paused')
                       AND plan.customer_type_id IN %s
                     GROUP BY plan.customer_type_id
                    """,
                    tuple(self.ids),
                )
            )
            counts = dict(rows)
        for record in self:
            record.partner_count = counts.get(record.id, 0)

    def action_view_customers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "base.action_partner_form"
        )
        partners = self._get_holders()
        return action | {
            "name": self.name,
            "domain": [("id", "in", partners.ids)],
            "context": {},
        }

    def _get_holders(self):
        return (
            self.env["subscription.subscription"]
            .search(self._get_giving_domain())
            .partner_id
        )

    def _get_giving_domain(self):
        return [
            ("plan_id.customer_type_id", "in", self.ids),
            ("state", "in", ("active", "paused")),
        ]

    # === GIVE AND TAKE === #

    def _is_given_to(self, partner):
        """Whether a running subscription gives this type to the customer."""
        return bool(
            self.env["subscription.subscription"].search_count(
                [*self._get_giving_domain(), ("partner_id", "=", partner.id)], limit=1
            )
        )

    def _give(self, partner):
        """Give the type; who has it already is left alone.

        :return: whether the customer did not have it
        """
        self.ensure_one()
        partner = partner.with_company(self.company_id)
        is_new = self.category_id not in partner.category_id
        if is_new:
            partner.category_id |= self.category_id
        if self.pricelist_id:
            partner.specific_property_product_pricelist = self.pricelist_id
        if self.is_portal:
            self._give_access(partner)
        return is_new

    def _take(self, partner):
        """Take the type; the pricelist goes to that of another type he still has.

        :return: whether the customer had it
        """
        self.ensure_one()
        partner = partner.with_company(self.company_id)
        had = self.category_id in partner.category_id
        if had:
            partner.category_id -= self.category_id
        if (
            self.pricelist_id
            and partner.specific_property_product_pricelist == self.pricelist_id
        ):
            others = self.search(
                [("company_id", "=", self.company_id.id), ("pricelist_id", "!=", False)]
            ).filtered(lambda other: other != self and other._is_given_to(partner))
            partner.specific_property_product_pricelist = others[:1].pricelist_id
        return had

    @api.model
    def _give_access(self, partner):
        """Invite the customer to the member's area; what prevents it goes to a log.

        A shared or missing address must not stop the sale.
        """
        if partner.with_context(active_test=False).user_ids or not partner.email:
            return
        wizard = self.env["portal.wizard"].create({"partner_ids": [partner.id]})
        try:
            wizard.user_ids.action_grant_access()
        except UserError:
            _logger.info("No portal access for customer %s", partner.id)
