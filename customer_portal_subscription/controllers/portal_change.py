from odoo.http import request, route

from odoo.addons.customer_portal_otp.controllers.confirm import is_fresh
from odoo.addons.subscription_connector.controllers.portal_change import (
    SubscriptionChangePortal,
)


class MemberChangePortal(SubscriptionChangePortal):
    @route()
    def portal_subscription_method(self, subscription_id, **post):
        """Override of `portal_subscription_method`: a fresh code comes first."""
        if not is_fresh():
            page = f"/my/subscriptions/{subscription_id}/method"
            return request.redirect_query("/my/confirm", {"redirect": page}, code=303)
        return super().portal_subscription_method(subscription_id, **post)
