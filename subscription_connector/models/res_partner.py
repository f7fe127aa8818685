from odoo import api, fields, models

from .account_move_numbers import Posting


class ResPartner(models.Model):
    _inherit = "res.partner"

    subscription_count = fields.Integer(
        compute="_compute_subscription_count",
        groups="subscription_connector.group_subscription_user",
    )

    def _compute_subscription_count(self):
        counts = dict(
            self.env["subscription.subscription"]._read_group(
                [
                    ("partner_id", "in", self.ids),
                    ("state", "in", ("planned", "active", "paused")),
                ],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.subscription_count = counts.get(partner, 0)

    def _increase_rank(self, field, n=1):
        """Override of `account` to note the ranks of a whole bite (``Posting``)."""
        posting = self.env.context.get("subscription_ranks")
        if not isinstance(posting, Posting):
            return super()._increase_rank(field, n)
        for partner in self.with_context(subscription_ranks=None):
            posting.ranks[partner, field] += n
        return None

    def action_view_subscriptions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_subscription_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.id)],
            "context": {"default_partner_id": self.id},
        }

    @api.model
    def _get_outside_partner(self, company, contact):
        """Find the customer of an outside record, or create one.

        The address alone is not enough: families and offices share mailboxes. So
        the name has to agree too, and what is not certain becomes a new contact.

        :param contact: :class:`~..engine.outside.Contact`
        """
        found = self.browse()
        if contact.email:
            found = self.search(
                [
                    ("email", "=ilike", contact.email.replace("_", r"\_")),
                    ("company_id", "in", (False, company.id)),
                ]
            )
        same = found.filtered(
            lambda partner: (partner.name or "").strip().lower() == contact.name.lower()
        )
        return same[:1] or self.create(self._prepare_outside_vals(company, contact))

    @api.model
    def _prepare_outside_vals(self, company, contact):
        country = self.env["res.country"].search(
            [("code", "=", contact.country)], limit=1
        )
        return {
            "name": contact.name,
            "email": contact.email,
            "street": contact.street,
            "zip": contact.zip,
            "city": contact.city,
            "phone": contact.phone,
            "country_id": country.id,
            "company_id": company.id,
        }
