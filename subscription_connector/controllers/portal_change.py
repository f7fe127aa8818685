from odoo import fields
from odoo.exceptions import UserError
from odoo.http import request, route

from .portal import SubscriptionPortal


class SubscriptionChangePortal(SubscriptionPortal):
    """What a member changes himself: pause, go on, take back, pay with something else.

    Each page looks the subscription up as the visitor; what follows acts in sudo after
    the right of a member to do just that was checked.
    """

    def _get_own(self, subscription_id):
        """Return the visitor's own subscription in sudo, or nothing."""
        # Sudo: a member reads only; each route checks what he may change.
        return self._get_subscription(subscription_id).sudo()

    def _redirect_to(self, subscription_sudo, done=""):
        url = f"/my/subscriptions/{subscription_sudo.id}"
        return request.redirect(f"{url}?done={done}" if done else url)

    def _render_change(self, template, subscription_sudo, **values):
        return request.render(
            f"subscription_connector.{template}",
            self._prepare_portal_layout_values()
            | {
                "page_name": "subscription",
                "subscription": subscription_sudo,
                "error": "",
            }
            | values,
        )

    # === PAUSE === #

    @route(
        "/my/subscriptions/<int:subscription_id>/pause",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_subscription_pause(self, subscription_id, **post):
        """Ask from when until when, say what it means, then pause (L13)."""
        subscription_sudo = self._get_own(subscription_id)
        if not subscription_sudo:
            return request.not_found()
        if not subscription_sudo._may_pause_self():
            return self._redirect_to(subscription_sudo)
        first = self._parse_day(post.get("date_from"))
        resume = self._parse_day(post.get("date_resume"))
        error = effect = ""
        if request.httprequest.method == "POST":
            try:
                self._check_pause_days(subscription_sudo, first, resume)
                if post.get("confirm"):
                    subscription_sudo._plan_pause(first, resume)
                    return self._redirect_to(subscription_sudo, "paused")
                effect = subscription_sudo._get_pause_effect(
                    first, resume, subscription_sudo.pause_settlement
                )
            except UserError as refusal:
                error = str(refusal)
        return self._render_change(
            "portal_subscription_pause",
            subscription_sudo,
            error=error,
            effect=effect,
            date_from=first or subscription_sudo._get_today(),
            date_resume=resume,
        )

    def _parse_day(self, value):
        try:
            return fields.Date.to_date(value) or None
        except ValueError:
            return None

    def _check_pause_days(self, subscription_sudo, first, resume):
        if not first or not resume:
            raise UserError(request.env._("Please choose both days."))
        subscription_sudo._check_pause(first, resume)

    @route(
        "/my/subscriptions/<int:subscription_id>/resume",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_resume(self, subscription_id, **_post):
        """Go on today, or drop a pause that has not begun."""
        subscription_sudo = self._get_own(subscription_id)
        if not subscription_sudo:
            return request.not_found()
        if not subscription_sudo._may_resume_self():
            return self._redirect_to(subscription_sudo)
        if subscription_sudo.state == "paused":
            subscription_sudo._resume()
        else:
            subscription_sudo.action_undo_pause()
        return self._redirect_to(subscription_sudo, "resumed")

    # === CANCELLATION === #

    @route(
        "/my/subscriptions/<int:subscription_id>/keep",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_keep(self, subscription_id, **_post):
        """Take a cancellation back, as long as it runs."""
        subscription_sudo = self._get_own(subscription_id)
        if not subscription_sudo:
            return request.not_found()
        if subscription_sudo._may_undo_cancel_self():
            subscription_sudo.action_undo_cancel()
            return self._redirect_to(subscription_sudo, "kept")
        return self._redirect_to(subscription_sudo)

    # === PAYMENT === #

    @route(
        "/my/subscriptions/<int:subscription_id>/method",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_subscription_method(self, subscription_id, **post):
        """Choose the saved method that pays this subscription."""
        subscription_sudo = self._get_own(subscription_id)
        if not subscription_sudo:
            return request.not_found()
        if not subscription_sudo._may_choose_method():
            return self._redirect_to(subscription_sudo)
        tokens_sudo = subscription_sudo._get_own_tokens(request.env.user.partner_id)
        if request.httprequest.method == "POST":
            chosen = tokens_sudo.filtered(lambda t: str(t.id) == post.get("token_id"))
            if chosen:
                subscription_sudo._choose_method(chosen)
                return self._redirect_to(subscription_sudo, "method")
        return self._render_change(
            "portal_subscription_method", subscription_sudo, tokens_sudo=tokens_sudo
        )

    @route(
        "/my/subscriptions/<int:subscription_id>/method/new",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_method_new(self, subscription_id, **_post):
        """Go on to the page that saves a new method for this subscription."""
        subscription_sudo = self._get_own(subscription_id)
        if not subscription_sudo:
            return request.not_found()
        if not subscription_sudo._may_choose_method():
            return self._redirect_to(subscription_sudo)
        return request.redirect(subscription_sudo._get_invitation()._get_url())

    @route(
        "/my/subscriptions/<int:subscription_id>/retry",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_retry(self, subscription_id, **_post):
        """Charge the saved method again for what failed (L20)."""
        subscription_sudo = self._get_own(subscription_id)
        if not subscription_sudo:
            return request.not_found()
        charges_sudo = subscription_sudo._get_failed_charges()
        if charges_sudo and subscription_sudo._may_retry_self():
            charges_sudo.action_retry()
            return self._redirect_to(subscription_sudo, "retry")
        return self._redirect_to(subscription_sudo)
