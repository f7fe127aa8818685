"""A consumer asks at the checkout to begin before the 14 days to withdraw are over."""

from odoo import fields
from odoo.tests import tagged

from odoo.addons.customer_portal_subscription.models.sale_order import EARLY_START

from .common import ShopConsentCommon

BOX = 'id="consent_early_start"'


@tagged("post_install", "-at_install")
class TestEarlyStart(ShopConsentCommon):
    """Directive 2011/83/EU articles 7(3), 8(8) and 14(3)."""

    def _ask_early(self, is_given=True):
        return self._tick(EARLY_START, is_given)

    def test_consumer_is_asked_and_the_box_is_empty(self):
        self._fill_cart()
        page = self.url_open("/shop/payment").text
        self.assertIn(BOX, page)
        box = page[page.index(BOX) :]
        self.assertNotIn("checked", box[: box.index(">")])
        self.assertIn("before the 14 days are over", page)

    def test_request_is_kept_with_moment_and_text_and_confirmed_by_mail(self):
        cart = self._fill_cart()
        self.assertTrue(self._ask_early())
        self.assertTrue(cart.date_start_requested)
        shown = cart._get_consent_text(EARLY_START)
        cart.action_confirm()
        subscription = cart.subscription_ids
        self.assertEqual(subscription.date_start_requested, cart.date_start_requested)
        self.assertEqual(subscription.start_request_text, shown)
        mail = self._get_consent_mail()
        self.assertEqual(mail.email_to, self.customer.email)
        self.assertIn("before the 14 days are over", mail.body_html)
        self.assertIn(subscription.name, mail.body_html)
        self.assertEqual(mail.res_id, cart.id)

    def test_confirmation_page_speaks_its_language_also_about_the_payment(self):
        """Odoo keeps its own words for it in one language."""
        self.env["res.lang"]._activate_lang("nl_NL")
        cart = self._fill_cart()
        transaction = self._create_transaction(
            "direct",
            reference="shop",
            tokenize=True,
            state="done",
            sale_order_ids=[(6, 0, cart.ids)],
        )
        page = (
            self.env["ir.qweb"]
            .with_context(lang="nl_NL")
            ._render(
                "website_sale.payment_confirmation_status",
                {"order": cart, "tx_sudo": transaction.sudo(), "website": self.website},
            )
        )
        self.assertIn("betaling", str(page))

    def test_who_does_not_tick_orders_and_owes_nothing_for_the_days(self):
        cart = self._fill_cart()
        self.url_open("/shop/payment")
        cart.action_confirm()
        self.assertFalse(cart.subscription_ids.date_start_requested)
        self.assertFalse(self._get_consent_mail())

    def test_who_ticked_pays_the_days_until_he_withdraws(self):
        cart = self._fill_cart()
        self._ask_early()
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
        self._ask_early()
        self.assertFalse(self._ask_early(False))
        self.assertFalse(cart.date_start_requested)
        self._ask_early()
        self.url_open("/shop/payment")
        self.env.invalidate_all()
        self.assertFalse(cart.date_start_requested)
        self.assertFalse(cart.start_request_text)

    def test_text_is_kept_in_the_language_of_the_page(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        cart = self._fill_cart()
        dutch = cart.with_context(lang="nl_NL")
        self.assertTrue(dutch._keep_consent(EARLY_START, True))
        self.assertEqual(cart.start_request_text, dutch._get_consent_text(EARLY_START))
        self.assertIn("14 dagen", cart.start_request_text)

    def test_page_tells_where_to_withdraw_before_ordering(self):
        """Article 6(1)(h): that the function is there and where; goods as well."""
        cart = self._fill_cart()
        told = "o_shop_withdraw"
        self.assertNotIn(told, self.url_open("/shop/payment").text)
        self.company.is_portal_withdraw_page = True
        page = self.url_open("/shop/payment").text
        self.assertIn('href="/contract/withdraw"', page[page.index(told) :])
        self.plan.is_shipped = True
        self.assertIn(told, self.url_open("/shop/payment").text)
        cart.partner_id.is_company = True
        self.assertNotIn(told, self.url_open("/shop/payment").text)

    def test_business_is_not_asked_and_cannot_ask(self):
        cart = self._fill_cart()
        self.customer.is_company = True
        self.assertNotIn(BOX, self.url_open("/shop/payment").text)
        self.assertFalse(self._ask_early())
        self.assertFalse(cart.date_start_requested)

    def test_goods_and_carts_without_a_plan_are_not_asked_about(self):
        cart = self._fill_cart()
        self.plan.is_shipped = True
        self.assertFalse(cart._is_consent_asked(EARLY_START))
        self.plan.is_shipped = False
        self.assertTrue(cart._is_consent_asked(EARLY_START))
        cart.order_line.subscription_plan_id = False
        self.assertFalse(cart._is_consent_asked(EARLY_START))

    def test_nobody_asks_for_somebody_else_no_rights(self):
        """The request reaches the visitor's own cart alone."""
        cart = self._fill_cart()
        self.authenticate(None, None)
        self.opener.cookies.clear()
        self.assertFalse(self._ask_early())
        self.assertFalse(cart.date_start_requested)

    def test_order_that_was_sold_is_not_asked_about_any_more(self):
        cart = self._fill_cart()
        cart.action_confirm()
        self.assertFalse(cart._keep_consent(EARLY_START, True))
