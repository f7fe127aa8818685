"""Digital content: the right to withdraw is lost by consent, and by nothing else."""

from odoo import fields
from odoo.tests import tagged
from odoo.tools import format_date

from odoo.addons.customer_portal_subscription.models.sale_order import (
    DIGITAL_CONTENT,
    EARLY_START,
)

from .common import ShopConsentCommon
from .test_withdrawal import WithdrawalCommon

BOX = 'id="consent_digital_content"'
SERVICE_BOX = 'id="consent_early_start"'


@tagged("post_install", "-at_install")
class TestDigitalContent(WithdrawalCommon, ShopConsentCommon):
    """Directive 2011/83/EU articles 14(4)(b) and 16(m), § 356 V BGB, 6:230p BW."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.is_digital_content = True

    def _sell(self, is_agreed=True):
        """Sell the plan in the shop; return the subscription."""
        cart = self._fill_cart()
        self.assertEqual(self._tick(DIGITAL_CONTENT, is_agreed), is_agreed)
        cart.action_confirm()
        self._run_billing("ir_cron_draft")
        self._run_billing("ir_cron_post")
        self.env.invalidate_all()
        return cart.subscription_ids

    def _send(self, state="sent"):
        """Let the confirmation have left, or not."""
        mail = self._get_consent_mail()
        mail.sudo().state = state
        return mail

    def test_consumer_is_asked_by_a_box_of_its_own_that_is_empty(self):
        self._fill_cart()
        page = self.url_open("/shop/payment").text
        self.assertIn(BOX, page)
        self.assertNotIn(SERVICE_BOX, page)
        box = page[page.index(BOX) :]
        self.assertNotIn("checked", box[: box.index(">")])
        self.assertIn("lose my right to withdraw", page)
        self.assertIn(f"{self.plan.name}: I agree", page)

    def test_service_and_content_in_one_cart_are_two_boxes_with_their_plans(self):
        cart = self._fill_cart()
        service = self._create_plan(name="Advice per month")
        line = cart.order_line.copy({"order_id": cart.id})
        line.subscription_plan_id = service
        page = self.url_open("/shop/payment").text
        self.assertIn(f"{self.plan.name}: I agree", page)
        self.assertIn(f"{service.name}: I ask", page)
        self._tick(DIGITAL_CONTENT)
        cart.action_confirm()
        content = cart.subscription_ids.filtered("is_digital_content")
        self.assertTrue(content.date_content_agreed)
        other = cart.subscription_ids - content
        self.assertFalse(other.date_content_agreed or other.date_start_requested)

    def test_consent_is_kept_with_moment_and_text_and_confirmed_by_mail(self):
        cart = self._fill_cart()
        self.assertTrue(self._tick(DIGITAL_CONTENT))
        shown = cart._get_consent_text(DIGITAL_CONTENT)
        cart.action_confirm()
        subscription = cart.subscription_ids
        self.assertEqual(subscription.date_content_agreed, cart.date_content_agreed)
        self.assertEqual(subscription.content_agreed_text, shown)
        self.assertFalse(subscription.date_start_requested)
        mail = self._get_consent_mail()
        self.assertEqual(subscription.sudo().content_mail_id, mail)
        self.assertEqual(mail.email_to, self.customer.email)
        self.assertIn("lose my right to withdraw", mail.body_html)
        self.assertIn(subscription.name, mail.body_html)
        data = self.customer._get_portal_data()["subscriptions"][0]
        self.assertEqual(data["content_agreed_text"], shown)

    def test_who_agreed_and_got_the_confirmation_withdraws_no_more_by_rule(self):
        """Art. 16(m): a person looks at it, with the reason; nothing is held."""
        subscription = self._sell()
        self._send()
        # Half past midnight here, still the day before in UTC.
        night = fields.Datetime.now().replace(hour=23, minute=30)
        subscription.date_content_agreed = fields.Datetime.subtract(night, days=1)
        declaration = self._declare(subscription)
        self.assertEqual(declaration.state, "task")
        said = str(declaration.message_ids.mapped("body"))
        self.assertIn("Digital content", said)
        self.assertIn(format_date(self.env, fields.Date.to_date(night)), said)
        self.assertFalse(subscription.date_withdrawn)
        self.assertEqual(subscription.state, "active")

    def test_confirmation_that_did_not_leave_leaves_the_right(self):
        """Art. 14(4)(b)(iii): nothing is owed either."""
        for state in ("exception", "outgoing"):
            with self.subTest(state=state):
                subscription = self._sell()
                subscription.sudo().content_mail_id.state = state
                invoice = subscription.period_ids.move_id
                self._withdraw(subscription)
                self.assertEqual(subscription.state, "cancelled")
                credit = self._get_credit(subscription)
                self.assertEqual(credit.amount_total, invoice.amount_total)

    def test_who_did_not_agree_withdraws_and_owes_nothing(self):
        """Art. 14(4)(b)(i): the right stays, delivered or not."""
        subscription = self._sell(is_agreed=False)
        self.assertFalse(self._get_consent_mail())
        invoice = subscription.period_ids.move_id
        self._withdraw(subscription)
        self.assertEqual(subscription.state, "cancelled")
        credit = self._get_credit(subscription)
        self.assertEqual(credit.amount_total, invoice.amount_total)

    def test_before_the_delivery_begins_the_right_is_there(self):
        """Art. 16(m): lost only if performance has begun."""
        subscription = self._create_subscription(
            fields.Date.to_string(fields.Date.add(fields.Date.today(), days=5))
        )
        subscription.date_content_agreed = fields.Datetime.now()
        self.assertEqual(self._declare(subscription).state, "held")

    def test_what_staff_noted_for_a_sale_by_letter_is_checked_by_a_person(self):
        subscription = self._start(days_ago=3)
        subscription.date_content_agreed = fields.Datetime.now()
        self.assertEqual(self._declare(subscription).state, "task")

    def test_consent_is_forgotten_by_the_box_and_by_the_next_page(self):
        cart = self._fill_cart()
        self._tick(DIGITAL_CONTENT)
        self.assertFalse(self._tick(DIGITAL_CONTENT, False))
        self.assertFalse(cart.date_content_agreed)
        self._tick(DIGITAL_CONTENT)
        self.url_open("/shop/payment")
        self.env.invalidate_all()
        self.assertFalse(cart.date_content_agreed)
        self.assertFalse(cart.content_agreed_text)

    def test_early_start_business_and_goods_are_not_asked_and_cannot_agree(self):
        cart = self._fill_cart()
        self.assertFalse(self._tick(EARLY_START))
        self.assertFalse(self._tick("nonsense"))
        self.plan.is_shipped = True
        self.assertFalse(cart._is_consent_asked(DIGITAL_CONTENT))
        self.plan.is_shipped = False
        self.customer.is_company = True
        self.assertNotIn(BOX, self.url_open("/shop/payment").text)
        self.assertFalse(self._tick(DIGITAL_CONTENT))
        self.assertFalse(cart.date_content_agreed)

    def test_nobody_agrees_for_somebody_else_no_rights(self):
        """The tick reaches the visitor's own cart alone."""
        cart = self._fill_cart()
        self.authenticate(None, None)
        self.opener.cookies.clear()
        self.assertFalse(self._tick(DIGITAL_CONTENT))
        self.assertFalse(cart.date_content_agreed)
