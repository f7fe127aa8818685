"""Builders for tests of the member's area with subscriptions."""

import time

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.customer_portal_otp.const import IDENTITY_CHECK
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


class MemberSubscriptionCommon(SubscriptionCommon, HttpCase):
    """Members of the company, who sign in with a fresh or an older code."""

    @classmethod
    def _create_user_of(cls, partner, login=""):
        """Return a portal user of a contact; the password is the login."""
        return new_test_user(
            cls.env,
            login or partner.email,
            "base.group_portal",
            partner_id=partner.id,
            name=partner.name,
            email=partner.email,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _sign_in(self, user, age=0):
        """Sign in; the last code is ``age`` seconds old."""
        since = {IDENTITY_CHECK: time.time() - age}
        self.authenticate(user.login, user.login, session_extra=since)


class ShopConsentCommon(SubscriptionCommon, HttpCase):
    """A shop that sells the plan, and a cart of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._open_shop()
        cls.provider.sudo().write({"is_published": True, "allow_tokenization": True})
        cls.customer.phone = "+31 20 1234567"

    def _fill_cart(self):
        self.make_jsonrpc_request(
            "/shop/cart/add",
            {
                "product_template_id": self.product.product_tmpl_id.id,
                "product_id": self.product.id,
                "quantity": 1,
                "subscription_plan_id": self.plan.id,
            },
        )
        cart = self.env["sale.order"].search(
            [("website_id", "=", self.website.id)], order="id desc", limit=1
        )
        # Sudo: as the checkout, which writes the visitor's own cart.
        addresses = ("partner_id", "partner_invoice_id", "partner_shipping_id")
        cart.sudo().write(dict.fromkeys(addresses, self.customer.id))
        return cart.sudo()

    def _tick(self, kind, is_given=True):
        params = {"kind": kind, "is_given": is_given}
        return self.make_jsonrpc_request("/shop/consent", params)

    def _get_consent_mail(self):
        return self.env["mail.mail"].search([("subject", "like", "What you ticked")])
