import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
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

    def _get_holders(self, partners=None):
        """Return the customers to whom a running subscription gives the type.

        :param partners: those that are asked about, by default everybody
        """
        domain = Domain(self._get_giving_domain())
        if partners is not None:
            domain &= Domain("partner_id", "in", partners.ids)
        return self.env["subscription.subscription"].search(domain).partner_id

    def _get_giving_domain(self):
        return [
            ("plan_id.customer_type_id", "in", self.ids),
            ("state", "in", ("active", "paused")),
        ]

    # === GIVE AND TAKE === #

    def _give(self, partners):
        """Give the type; who has it already is left alone.

        :return: the customers who did not have it
        """
        self.ensure_one()
        partners = partners.with_company(self.company_id)
        news = partners.filtered(lambda one: self.category_id not in one.category_id)
        if news:
            news.category_id = [Command.link(self.category_id.id)]
        if self.pricelist_id:
            field = "specific_property_product_pricelist"
            partners.filtered(lambda one: one[field] != self.pricelist_id)[field] = (
                self.pricelist_id
            )
        if self.is_portal:
            for partner in partners:
                self._give_access(partner)
        return news

    def _take(self, partners):
        """Take the type; what another type still gives stays or comes in its place.

        :return: the customers who had it
        """
        self.ensure_one()
        partners = partners.with_company(self.company_id)
        had = partners.filtered(lambda one: self.category_id in one.category_id)
        if not had:
            return had
        others = self.search(
            [("company_id", "=", self.company_id.id), ("id", "!=", self.id)]
        )
        kept = others.filtered(
            lambda other: other.category_id == self.category_id
        )._get_holders(had)
        (had - kept).category_id = [Command.unlink(self.category_id.id)]
        for partner in had if self.pricelist_id else ():
            if partner.specific_property_product_pricelist == self.pricelist_id:
                left = others.filtered(
                    lambda other, partner=partner: (
                        other.pricelist_id and other._get_holders(partner)
                    )
                )
                partner.specific_property_product_pricelist = left[:1].pricelist_id
        return had - kept

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
