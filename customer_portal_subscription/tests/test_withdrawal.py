"""Withdrawing on the website: in time it ends at once and gives back by rule."""

from odoo import fields
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestWithdrawal(SubscriptionCommon):
    def _start(self, days_ago=0, **values):
        """A subscription that began some days ago, billed and posted."""
        day = fields.Date.subtract(fields.Date.today(), days=days_ago)
        subscription = self._create_subscription(fields.Date.to_string(day), **values)
        self._run_billing("ir_cron_draft")
        self._run_billing("ir_cron_post")
        self.env.invalidate_all()
        return subscription

    def _withdraw(self, subscription, **values):
        vals = {
            "name": "Mieke Jansen",
            "email": "mieke.jansen@example.com",
            "contract": subscription.name,
        }
        declarations = self.env["portal.declaration"]
        declaration = declarations._receive("withdraw", self.company, vals | values)
        declaration._process()
        return declaration

    def _get_credit(self, subscription):
        return subscription.period_ids.move_id.filtered(
            lambda move: move.move_type == "out_refund"
        )

    def _pay(self, subscription):
        invoice = subscription.period_ids.move_id
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        return invoice

    def test_in_time_it_ends_at_once_and_everything_is_given_back(self):
        """Art. 9, 13, 14: no request to begin early is on record, nothing is owed."""
        subscription = self._start(days_ago=5)
        invoice = self._pay(subscription)
        declaration = self._withdraw(subscription)
        self.assertEqual(subscription.state, "cancelled")
        self.assertFalse(subscription.date_next)
        self.assertEqual(
            self._get_credit(subscription).amount_total, invoice.amount_total
        )
        self.assertEqual(declaration.state, "task")
        activity = declaration.activity_ids
        due = fields.Date.add(declaration.date.date(), days=14)
        self.assertEqual(activity.date_deadline, due)
        self.assertIn(subscription.name, activity.summary)
        self.assertIn("15.00", activity.note)
        before = subscription.period_ids
        self._run_billing("ir_cron_draft")
        self.env.invalidate_all()
        self.assertEqual(subscription.period_ids, before)

    def test_with_an_early_start_requested_the_days_until_then_are_owed(self):
        """Art. 14(3): price of the term x days used / days of the term."""
        subscription = self._start(days_ago=6)
        subscription.date_start_requested = subscription.create_date
        [period] = subscription.period_ids
        invoice = self._pay(subscription)
        self._withdraw(subscription)
        whole = (period.date_to - period.date_from).days
        owed = invoice.currency_id.round(invoice.amount_total * 6 / whole)
        credit = self._get_credit(subscription)
        self.assertAlmostEqual(invoice.amount_total - credit.amount_total, owed, 2)

    def test_owner_is_told_and_nobody_else(self):
        subscription = self._start()
        declaration = self._withdraw(subscription, email="other@example.com")
        self.assertEqual(subscription.state, "cancelled")
        mails = self.env["mail.mail"].search([("subject", "like", subscription.name)])
        told = mails.filtered(lambda mail: "withdrawn" in mail.subject)
        self.assertEqual(told.email_to, self.customer.email)
        self.assertTrue(declaration.receipt_name)

    def test_unpaid_invoice_leaves_nothing_to_pay_back(self):
        subscription = self._start()
        declaration = self._withdraw(subscription)
        self.assertEqual(declaration.state, "done")
        self.assertFalse(declaration.activity_ids)
        self._run_billing("ir_cron_post")
        self.env.invalidate_all()
        self.assertFalse(subscription._get_open_amount())

    def test_what_the_rule_does_not_decide_goes_to_staff_with_the_reason(self):
        late = self._start(days_ago=20)
        self.customer.ref = False
        declaration = self._withdraw(late)
        self.assertEqual(declaration.state, "task")
        self.assertIn("14 days", str(declaration.message_ids.mapped("body")))
        self.assertNotEqual(late.state, "cancelled")
        fresh = self._start()
        for values, change in (
            ({"reason": "only the magazine"}, {"is_shipped": False}),
            ({}, {"is_shipped": True}),
        ):
            fresh._write_by_method(change)
            declaration = self._withdraw(fresh, **values)
            self.assertEqual(declaration.subscription_id, fresh)
            self.assertEqual(declaration.state, "task")
        fresh._write_by_method({"is_shipped": False})
        self.customer.is_company = True
        self.assertEqual(self._withdraw(fresh).state, "task")
        self.assertNotEqual(fresh.state, "cancelled")
