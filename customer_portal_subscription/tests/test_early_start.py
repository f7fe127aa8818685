"""A consumer asks at the checkout to begin before the 14 days to withdraw are over."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

BOX = 'id="early_start"'


@tagged("post_install", "-at_install")
class TestEarlyStart(SubscriptionCommon, HttpCase):
    """Directive 2011/83/EU articles 7(3), 8(8) and 14(3)."""

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

    def _tick(self, is_requested=True):
        params = {"is_requested": is_requested}
        return self.make_jsonrpc_request("/shop/early_start", params)

    def _get_mail(self):
        return self.env["mail.mail"].search([("subject", "like", "begin at once")])

    def test_consumer_is_asked_and_the_box_is_empty(self):
        self._fill_cart()
        page = self.url_open("/shop/payment").text
        self.assertIn(BOX, page)
        box = page[page.index(BOX) :]
        self.assertNotIn("checked", box[: box.index(">")])
        self.assertIn("before the 14 days are over", page)

    def test_request_is_kept_with_moment_and_text_and_confirmed_by_mail(self):
        cart = self._fill_cart()
        self.assertTrue(self._tick())
        self.assertTrue(cart.date_start_requested)
        shown = cart._get_start_request_text()
        cart.action_confirm()
        subscription = cart.subscription_ids
        self.assertEqual(subscription.date_start_requested, cart.date_start_requested)
        self.assertEqual(subscription.start_request_text, shown)
        mail = self._get_mail()
        self.assertEqual(mail.email_to, self.customer.email)
        self.assertIn("before the 14 days are over", mail.body_html)
        self.assertIn(subscription.name, mail.body_html)
        self.assertEqual(mail.res_id, cart.id)

    def test_who_does_not_tick_orders_and_owes_nothing_for_the_days(self):
        cart = self._fill_cart()
        self.url_open("/shop/payment")
        cart.action_confirm()
        self.assertFalse(cart.subscription_ids.date_start_requested)
        self.assertFalse(self._get_mail())

    def test_who_ticked_pays_the_days_until_he_withdraws(self):
        cart = self._fill_cart()
        self._tick()
        cart.action_confirm()
        subscription = cart.subscription_ids
        [period] = subscription.period_ids
        self._run_billing()
        self.env.invalidate_all()
        day = fields.Date.add(period.date_from, days=6)
        credit = subscription._withdraw("D1", day)
        amount = period.move_id.amount_total
        whole = (period.date_to - period.date_from).days
        owed = period.move_id.currency_id.round(amount * 6 / whole)
        self.assertAlmostEqual(amount - credit, owed, 2)

    def test_tick_is_taken_back_by_the_box_and_by_the_next_page(self):
        """Each page asks anew: nothing is on record that is not seen."""
        cart = self._fill_cart()
        self._tick()
        self.assertFalse(self._tick(False))
        self.assertFalse(cart.date_start_requested)
        self._tick()
        self.url_open("/shop/payment")
        self.env.invalidate_all()
        self.assertFalse(cart.date_start_requested)
        self.assertFalse(cart.start_request_text)

    def test_text_is_kept_in_the_language_of_the_page(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        cart = self._fill_cart()
        dutch = cart.with_context(lang="nl_NL")
        self.assertTrue(dutch._request_start(True))
        self.assertEqual(cart.start_request_text, dutch._get_start_request_text())
        self.assertIn("14 dagen", cart.start_request_text)

    def test_business_is_not_asked_and_cannot_ask(self):
        cart = self._fill_cart()
        self.customer.is_company = True
        self.assertNotIn(BOX, self.url_open("/shop/payment").text)
        self.assertFalse(self._tick())
        self.assertFalse(cart.date_start_requested)

    def test_goods_and_carts_without_a_plan_are_not_asked_about(self):
        cart = self._fill_cart()
        self.plan.is_shipped = True
        self.assertFalse(cart._is_start_request_offered())
        self.plan.is_shipped = False
        self.assertTrue(cart._is_start_request_offered())
        cart.order_line.subscription_plan_id = False
        self.assertFalse(cart._is_start_request_offered())

    def test_nobody_asks_for_somebody_else_no_rights(self):
        """The request reaches the visitor's own cart alone."""
        cart = self._fill_cart()
        self.authenticate(None, None)
        self.opener.cookies.clear()
        self.assertFalse(self._tick())
        self.assertFalse(cart.date_start_requested)

    def test_order_that_was_sold_is_not_asked_about_any_more(self):
        cart = self._fill_cart()
        cart.action_confirm()
        self.assertFalse(cart._request_start(True))
