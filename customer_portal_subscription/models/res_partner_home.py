from odoo import models
from odoo.fields import Domain
from odoo.tools import format_amount

RUNNING = ("planned", "active", "paused")


class ResPartner(models.Model):
    """Subscriptions on the first page of the member's area."""

    _inherit = "res.partner"

    def _get_portal_places(self):
        """Override of `_get_portal_places` to add subscriptions."""
        places = super()._get_portal_places()
        # Staff without a right to subscriptions have a home page too.
        if not self.env["subscription.subscription"].has_access("read"):
            return places
        running = self._get_portal_running()
        is_own = any(subscription._is_of_visitor() for subscription in running)
        return [
            *places,
            {
                "sequence": 20,
                "url": "/my/subscriptions",
                "icon": "/subscription_connector/static/description/portal.svg",
                "title": self.env._("Your subscriptions"),
                "text": self._get_portal_running_text(running),
                "hint": self.env._("Pause, change or cancel")
                if is_own
                else self.env._("Look at them"),
                "function": "subscriptions",
            },
        ]

    def _get_portal_subscription_domain(self):
        """Return what the visitor's list of subscriptions holds.

        The record rules say the same of members; staff, who may read them all, sees
        only what is his own there.
        """
        self.ensure_one()
        user = self.env.user
        seen = Domain("partner_id", "child_of", self.ids)
        if user._is_portal():
            seen |= Domain("partner_id", "in", user._get_portal_payee_ids())
            seen |= Domain("partner_id", "child_of", user._get_portal_shared_ids())
        return seen & Domain("state", "!=", "draft")

    def _get_portal_running(self):
        """Return what runs, what is billed next first."""
        return self.env["subscription.subscription"].search(
            self._get_portal_subscription_domain()
            & Domain("state", "in", RUNNING)
            & Domain("date_withdrawn", "=", False),
            order="date_next, id",
        )

    def _get_portal_running_text(self, running):
        """Say what runs, and what is billed next and when."""
        if not running:
            return self.env._("None at the moment")
        first = running[0]
        # Sudo: members read no plans; the name of their own one.
        what = first.plan_id.sudo().name
        if len(running) > 1:
            what = self.env._("%(count)s running", count=len(running))
        if not first.date_next:
            return what
        return self.env._(
            "%(what)s: %(amount)s on %(day)s",
            what=what,
            amount=format_amount(self.env, first.amount_total, first.currency_id),
            day=self._format_portal_day(first.date_next),
        )
