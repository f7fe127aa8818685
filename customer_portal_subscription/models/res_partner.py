from odoo import models

FIELDS = (
    "name",
    "plan_id",
    "state",
    "date_start",
    "date_next",
    "date_cancel",
    "date_end",
    "date_start_requested",
    "start_request_text",
    "date_content_agreed",
    "content_agreed_text",
    "date_withdrawn",
    "amount_total",
    "currency_id",
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_portal_data(self):
        """Override of `_get_portal_data` to add subscriptions and their history."""
        data = super()._get_portal_data()
        # Sudo: the history is for staff; this is the member's own.
        mine = [("partner_id", "=", self.id)]
        subscriptions = self.env["subscription.subscription"].sudo().search(mine)
        data["subscriptions"] = [self._get_row(own, FIELDS) for own in subscriptions]
        events = self.env["subscription.event"].sudo()
        data["subscription_history"] = [
            self._get_row(event, ("date", "subscription_id", "kind"))
            for event in events.search([("subscription_id", "in", subscriptions.ids)])
        ]
        return data

    def _is_consumer(self):
        """Whether the law on consumers protects this customer; in doubt it does.

        Where collections know what the customer is, their word counts too.
        """
        self.ensure_one()
        customer = self.commercial_partner_id
        # Of an addon that may be absent, with one meaning where it is there.
        is_known = "debtor_kind" in customer._fields
        kind = customer["debtor_kind"] if is_known else "consumer"
        return kind == "consumer" and not customer.is_company

    def _get_portal_kept(self):
        """Override of `_get_portal_kept`: what runs is ended first."""
        kept = super()._get_portal_kept()
        running = [("partner_id", "=", self.id), ("state", "in", ("active", "paused"))]
        if self.env["subscription.subscription"].sudo().search_count(running, limit=1):
            kept.append(
                (
                    self.env._("Your subscription"),
                    None,
                    self.env._("as long as it runs: cancel it first"),
                )
            )
        return kept
