from odoo import fields
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager


class SubscriptionPortal(CustomerPortal):
    """The pages of the member: what he has, what comes next, and ending it.

    Records are searched as the visitor, so that somebody else's number answers
    exactly like one that does not exist.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "subscription_count" in counters:
            values["subscription_count"] = request.env[
                "subscription.subscription"
            ].search_count(self._get_subscription_domain(), limit=100)
        return values

    def _get_subscription_domain(self):
        """Only what is his own, also for staff who look at the website."""
        partner = request.env.user.partner_id
        return [("partner_id", "child_of", [partner.id]), ("state", "!=", "draft")]

    def _get_subscription(self, subscription_id):
        """Return the visitor's own subscription, or nothing."""
        return request.env["subscription.subscription"].search(
            [("id", "=", subscription_id), *self._get_subscription_domain()]
        )

    @route(
        ["/my/subscriptions", "/my/subscriptions/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_subscriptions(self, page=1, **_kwargs):
        """List the visitor's subscriptions, the running ones first."""
        subscriptions = request.env["subscription.subscription"]
        domain = self._get_subscription_domain()
        page_values = pager(
            url="/my/subscriptions",
            total=subscriptions.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        found = subscriptions.search(
            domain,
            order="date_next, id desc",
            limit=self._items_per_page,
            offset=page_values["offset"],
        )
        return request.render(
            "subscription_connector.portal_my_subscriptions",
            self._prepare_portal_layout_values()
            | {
                "page_name": "subscription",
                "subscriptions": found,
                "external_invoices": self._get_loose_external_invoices(),
                "pager": page_values,
                "default_url": "/my/subscriptions",
            },
        )

    def _get_loose_external_invoices(self):
        """Invoices of outside orders that belong to no subscription (H1)."""
        partner = request.env.user.partner_id
        return request.env["subscription.external.invoice"].search(
            [
                ("partner_id", "child_of", [partner.id]),
                ("subscription_id", "=", False),
            ],
            limit=100,
        )

    @route(
        "/my/subscriptions/<int:subscription_id>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_subscription(
        self, subscription_id, cancelled=None, done=None, **_kwargs
    ):
        """Show one subscription: what comes next, invoices, buttons."""
        subscription = self._get_subscription(subscription_id)
        if not subscription:
            return request.not_found()
        # Sudo: the invoices of his own subscription, also where the account
        # settings hide other invoices of the same company from him.
        subscription_sudo = subscription.sudo()
        moves_sudo = subscription_sudo.period_ids.move_id.filtered(
            lambda move: move.state == "posted"
        )
        connection_sudo = subscription_sudo.connection_id
        return request.render(
            "subscription_connector.portal_my_subscription",
            self._prepare_portal_layout_values()
            | {
                "page_name": "subscription",
                "subscription": subscription,
                "subscription_sudo": subscription_sudo,
                "invoices": moves_sudo,
                "external_invoices": subscription.external_invoice_ids,
                "may_cancel": self._may_cancel(subscription),
                "outside_portal_url": connection_sudo.plugandpay_portal_url,
                "outside_missing": self._get_outside_missing(subscription_sudo),
                "is_cancelled_now": bool(cancelled),
                "done": done,
                "failed_charges": subscription_sudo._get_failed_charges(),
            },
        )

    def _may_cancel(self, subscription):
        return (
            subscription.state in ("planned", "active", "paused")
            and not subscription.date_cancel
        )

    def _get_outside_missing(self, subscription_sudo):
        """Name what is missing between here and the outside portal (H12).

        :return: ``portal``, ``connection`` or nothing
        """
        connection_sudo = subscription_sudo.connection_id
        if not connection_sudo:
            return ""
        if connection_sudo.state not in ("connected", "error"):
            return "connection"
        return "" if connection_sudo.plugandpay_portal_url else "portal"

    @route(
        "/my/subscriptions/<int:subscription_id>/cancel",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_subscription_cancel(self, subscription_id, **post):
        """Ask for reason and date (H14), then cancel or pass the wish on."""
        subscription = self._get_subscription(subscription_id)
        if not subscription:
            return request.not_found()
        url = f"/my/subscriptions/{subscription.id}"
        if not self._may_cancel(subscription):
            return request.redirect(url)
        # Sudo: a member reads; what he may change here is checked below.
        subscription_sudo = subscription.sudo()
        days = subscription_sudo._get_cancel_dates()
        reasons = self._get_cancel_reasons(subscription_sudo.company_id)
        error = ""
        if request.httprequest.method == "POST":
            day = self._parse_cancel_day(post.get("date"), days)
            reason = reasons.filtered(lambda r: str(r.id) == post.get("reason_id"))
            if day and reason:
                note = (post.get("note") or "").strip()[:500]
                self._cancel_for_member(subscription_sudo, day, reason, note)
                return request.redirect(f"{url}?cancelled=1")
            error = "date" if not day else "reason"
        return request.render(
            "subscription_connector.portal_subscription_cancel",
            self._prepare_portal_layout_values()
            | {
                "page_name": "subscription",
                "subscription": subscription,
                "days": days,
                "effects": {
                    day: subscription_sudo._get_cancel_effects(
                        day, subscription_sudo._is_rest_credited()
                    )
                    for day in days
                },
                "reasons": reasons,
                "error": error,
                "post": post,
                "is_self": subscription_sudo._may_cancel_self(),
            },
        )

    def _get_cancel_reasons(self, company):
        # Sudo: reasons are configuration; only those offered to members leave here.
        return (
            request.env["subscription.close.reason"]
            .sudo()
            .search(
                [
                    ("is_portal", "=", True),
                    ("company_id", "in", (False, company.id)),
                ]
            )
        )

    def _parse_cancel_day(self, value, days):
        """Return the chosen day when it is one that was offered."""
        return next((day for day in days if fields.Date.to_string(day) == value), None)

    def _cancel_for_member(self, subscription_sudo, day, reason, note):
        if subscription_sudo._may_cancel_self():
            subscription_sudo._cancel(day, reason, note)
        else:
            subscription_sudo._ask_cancel(day, reason, note)
