from odoo.http import request, route

from odoo.addons.customer_portal_otp.controllers.confirm import is_fresh
from odoo.addons.subscription_connector.controllers.portal_change import (
    SubscriptionChangePortal,
)


class MemberChangePortal(SubscriptionChangePortal):
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
        return not is_fresh() and bool(self._get_subscription(subscription_id))

    def _redirect_to_fresh_code(self, subscription_id):
        page = f"/my/subscriptions/{subscription_id}/method"
        return request.redirect_query("/my/confirm", {"redirect": page}, code=303)
