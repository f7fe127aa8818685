import json
import re

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestShop(SubscriptionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._open_shop()
        cls.welcome = cls._create_product_for_plan("Welcome pack", 5.0)
        cls.yearly = cls._create_plan(
            name="Member per year", interval_unit="year", is_sold_online=True
        )

    def _get_page(self):
        return self.url_open(self.product.product_tmpl_id.website_url)

    def _add_to_cart(self, **values):
        params = {
            "product_template_id": self.product.product_tmpl_id.id,
            "product_id": self.product.id,
            "quantity": 1,
        }
        return self.make_jsonrpc_request("/shop/cart/add", params | values)

    def _get_cart(self):
        return self.env["sale.order"].search(
            [("website_id", "=", self.website.id)], order="id desc", limit=1
        )

    def test_the_product_page_offers_the_plans(self):
        page = self._get_page()
        self.assertEqual(page.status_code, 200)
        for plan in self.plan | self.yearly:
            self.assertIn(f'id="subscription_plan_{plan.id}"', page.text)
        self.assertNotIn("subscription_plan_none", page.text)
        self.product.is_subscription_only = False
        self.assertIn("subscription_plan_none", self._get_page().text)

    def _find_price(self, path):
        """Return the first price of the page, without its currency."""
        text = self.url_open(path).text
        return re.search(r'class="oe_currency_value">([\d.]+)<', text).group(1)

    def test_the_price_is_that_of_the_plan_everywhere(self):
        """One price for one thing: the sales price is that of buying once."""
        self.plan.line_ids.price_unit = 17.5
        self.website.show_line_subtotals_tax_selection = "tax_included"
        page = self.product.product_tmpl_id.website_url
        self.assertEqual(self._find_price(page), "17.50")
        self.assertIn('"price": 17.5', self._get_page().text)
        self.assertEqual(self._find_price(f"/shop?search={self.product.name}"), "17.50")
        self.product.is_subscription_only = False
        self.assertEqual(self._find_price(page), "15.00")

    def test_the_plans_show_the_price_of_the_visitor(self):
        """The pricelist of the shop counts, as in the cart."""
        self.website.show_line_subtotals_tax_selection = "tax_included"
        self.env.ref("base.group_user")._apply_group(
            self.env.ref("product.group_product_pricelist")
        )
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Ten off",
                "company_id": self.company.id,
                "website_id": self.website.id,
                "sequence": 0,
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 10})
                ],
            }
        )
        self.website.user_id.partner_id.with_company(
            self.company
        ).specific_property_product_pricelist = pricelist
        self._add_to_cart(subscription_plan_id=self.plan.id)
        cart = self._get_cart().order_line
        shown = re.search(
            rf'for="subscription_plan_{self.plan.id}".*?oe_currency_value">([\d.]+)<',
            self._get_page().text,
            re.DOTALL,
        ).group(1)
        self.assertEqual(float(shown), cart.price_unit)
        self.assertEqual(cart.price_unit, 13.5)

    def test_a_visitor_puts_a_plan_into_the_cart(self):
        self.yearly.line_ids.price_unit = 120.0
        self._add_to_cart(subscription_plan_id=self.yearly.id)
        line = self._get_cart().order_line
        self.assertEqual(line.subscription_plan_id, self.yearly)
        self.assertEqual(line.price_unit, 120.0)

    def test_two_plans_of_one_product_are_two_lines(self):
        self._add_to_cart(subscription_plan_id=self.plan.id)
        self._add_to_cart(subscription_plan_id=self.yearly.id)
        self._add_to_cart(subscription_plan_id=self.yearly.id)
        cart = self._get_cart()
        self.assertEqual(len(cart.order_line), 2)
        self.assertEqual(cart.order_line.subscription_plan_id, self.plan | self.yearly)

    def test_without_a_choice_the_first_plan_is_taken(self):
        """A quick add from a list cannot make a one-off sale of a membership."""
        self._add_to_cart()
        self.assertEqual(self._get_cart().order_line.subscription_plan_id, self.plan)

    def test_the_other_products_of_the_plan_come_along(self):
        self.yearly.line_ids = [(0, 0, {"product_id": self.welcome.id})]
        self._add_to_cart(subscription_plan_id=self.yearly.id)
        cart = self._get_cart()
        self.assertEqual(cart.order_line.product_id, self.product | self.welcome)
        cart.sudo().write({"partner_id": self.customer.id})
        cart.sudo().action_confirm()
        self.assertEqual(len(cart.subscription_ids), 1)
        self.assertEqual(len(cart.subscription_ids.line_ids), 2)

    def test_a_plan_that_was_not_offered_is_refused(self):
        hidden = self._create_plan(name="Only for staff")
        with self.assertRaises(UserError):
            self.env["sale.order"]._get_cart_plan(self.product.id, hidden.id)

    def test_the_method_that_paid_is_kept_for_the_next_periods(self):
        """User wish 5: the order of a guest starts a subscription that can be paid."""
        self._add_to_cart(subscription_plan_id=self.plan.id)
        cart = self._get_cart().sudo()
        guest = self._create_customer("Guest Buyer")
        cart.write({"partner_id": guest.id, "partner_invoice_id": guest.id})
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.payment_method_id,
                    "amount": cart.amount_total,
                    "currency_id": cart.currency_id.id,
                    "partner_id": guest.id,
                    "reference": json.dumps(cart.id),
                    "operation": "online_direct",
                    "tokenize": True,
                    "sale_order_ids": [(6, 0, cart.ids)],
                }
            )
        )
        transaction.token_id = self._create_saved_method(guest, "4242")
        transaction._set_done()
        transaction._post_process()
        subscription = cart.subscription_ids
        self.assertEqual(cart.state, "sale")
        self.assertEqual(subscription.payment_token_id, transaction.token_id)
        self._run_billing()
        self.assertEqual(subscription.period_ids.move_id.payment_state, "paid")
        self.assertFalse(subscription.charge_ids)

    def _create_transaction(self, cart, **values):
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.payment_method_id,
                    "amount": cart.amount_total,
                    "currency_id": cart.currency_id.id,
                    "partner_id": self.customer.id,
                    "reference": f"tx-{cart.id}",
                    "operation": "online_direct",
                    "sale_order_ids": [(6, 0, cart.ids)],
                    **values,
                }
            )
        )

    def test_no_plan_is_paid_without_keeping_the_method(self):
        """User wish 15: neither by a request made by hand nor by express checkout."""
        self._add_to_cart(subscription_plan_id=self.plan.id)
        cart = self._get_cart().sudo()
        with self.assertRaisesRegex(ValidationError, "can be saved"):
            self._create_transaction(cart, reference="by hand")
        providers = self.env["payment.provider"].sudo()
        self.provider.sudo().allow_express_checkout = True
        arguments = (self.company.id, self.customer.id, 15.0)
        found = providers._get_compatible_providers(
            *arguments, is_express_checkout=True, sale_order_id=cart.id
        )
        self.assertFalse(found)
        cart.order_line.subscription_plan_id = False
        self.assertTrue(self._create_transaction(cart))

    def _get_payment_page(self, **values):
        self._add_to_cart(subscription_plan_id=self.plan.id)
        cart = self._get_cart().sudo()
        cart.write(
            {
                "partner_id": self.customer.id,
                "partner_invoice_id": self.customer.id,
                "partner_shipping_id": self.customer.id,
            }
        )
        self.customer.write(
            {
                "street": "Kade 1",
                "zip": "1011 AA",
                "city": "Amsterdam",
                "phone": "+31 20 1234567",
                **values,
            }
        )
        self.provider.sudo().write({"is_published": True, "allow_tokenization": True})
        return self.url_open("/shop/payment").text

    def test_the_order_button_names_the_duty_to_pay(self):
        """Art. 8 par. 2 of Directive 2011/83/EU, for carts with a plan."""
        self.assertIn("Order with obligation to pay", self._get_payment_page())

    def test_the_terms_are_read_right_before_ordering(self):
        """Price per period, beginning, duration, end: § 312j par. 2 BGB."""
        self.plan.write(
            {
                "trial_count": 2,
                "trial_unit": "week",
                "trial_price": 1.0,
                "period_count": 12,
                "after_term": "renew",
                "minimum_count": 12,
                "notice_count": 1,
                "notice_unit": "month",
            }
        )
        page = self._get_payment_page()
        begin = page.index("o_shop_terms")
        terms = page[begin : page.index("</section>", begin)]
        amount = self.plan._get_order_texts(15.0, self.plan.currency_id)[0]
        for text in (
            amount,
            "for 2 weeks.",
            "It lasts 12 billing periods and then goes on until you cancel it.",
            "You can leave after 12 billing periods at the earliest.",
            "Notice: one month.",
        ):
            self.assertIn(text, terms)

    def test_each_beginning_and_end_has_its_words(self):
        plan, currency = self.plan, self.plan.currency_id
        for values, text in (
            ({"trial_count": 1, "trial_unit": "month"}, "Free at first: one month."),
            (
                {"trial_count": 0, "intro_count": 3, "intro_discount": 12.5},
                "12.5 % off at first: 3 billing periods.",
            ),
            (
                {"intro_count": 0, "alignment": "calendar"},
                "The first period is shorter and costs its share of days.",
            ),
            ({"period_count": 0}, "It goes on until you cancel it."),
            (
                {"period_count": 6, "after_term": "end"},
                "It lasts 6 billing periods and then ends by itself.",
            ),
        ):
            plan.write(values)
            self.assertIn(text, plan._get_order_texts(15.0, currency))

    def test_a_free_trial_asks_for_the_method_by_mail(self):
        """Nothing is to be paid at the checkout, so no method was saved there."""
        self.plan.write({"trial_count": 14, "trial_unit": "day"})
        self._add_to_cart(subscription_plan_id=self.plan.id)
        cart = self._get_cart().sudo()
        guest = self._create_customer("Guest Trial")
        cart.write({"partner_id": guest.id, "partner_invoice_id": guest.id})
        cart.action_confirm()
        invitation = cart.subscription_ids.invitation_ids
        self.assertEqual(invitation.state, "waiting")
        mail = self.env["mail.mail"].search([("model", "=", invitation._name)])
        self.assertEqual(mail.recipient_ids, guest)
