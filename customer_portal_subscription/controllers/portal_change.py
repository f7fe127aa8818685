from odoo.http import request, route

from odoo.addons.customer_portal_otp.controllers.confirm import is_fresh
from odoo.addons.subscription_connector.controllers.portal_change import (
    SubscriptionChangePortal,
)


class MemberChangePortal(SubscriptionChangePortal):
    def _get_subscription_domain(self):
        """Override of `_get_subscription_domain`: also whom the visitor pays for."""
        partner = request.env.user.partner_id.with_env(request.env)
        return partner._get_portal_subscription_domain()

    def _may_cancel(self, subscription):
        """Override of `_may_cancel`: seen is not yet one's own."""
        return super()._may_cancel(subscription) and subscription._is_of_visitor()

    @route()
    def portal_subscription_method(self, subscription_id, **post):
        """Override of `portal_subscription_method`: a fresh code comes first."""
        if self._needs_fresh_code(subscription_id):
            return self._redirect_to_fresh_code(subscription_id)
        return super().portal_subscription_method(subscription_id, **post)

    @route()
    def portal_subscription_method_new(self, subscription_id, **post):
        """Override of `portal_subscription_method_new`: not from a page left open."""
        if self._needs_fresh_code(subscription_id):
            return self._redirect_to_fresh_code(subscription_id)
        return super().portal_subscription_method_new(subscription_id, **post)

    def _needs_fresh_code(self, subscription_id):
        """Whether the visitor's own subscription is behind a fresh code now.

        No code is asked for somebody else's: it goes on to answer 404, as a
        subscription that does not exist, with and without a fresh code.
        """
        subscription = self._get_subscription(subscription_id)
        return bool(subscription) and not is_fresh() and subscription._is_of_visitor()

    def _redirect_to_fresh_code(self, subscription_id):
        page = f"/my/subscriptions/{subscription_id}/method"
        return request.redirect_query("/my/confirm", {"redirect": page}, code=303)
