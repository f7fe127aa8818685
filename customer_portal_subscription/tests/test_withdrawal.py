"""Withdrawing on the website: held for three days, then given back by rule."""

import re

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

from .common import MemberSubscriptionCommon

UNDO = re.compile(r"/contract/undo/[\w-]+")


class WithdrawalCommon(SubscriptionCommon):
    def _start(self, days_ago=0, **values):
        """A subscription that began some days ago, billed and posted."""
        day = fields.Date.subtract(fields.Date.today(), days=days_ago)
        subscription = self._create_subscription(fields.Date.to_string(day), **values)
        self._run_billing("ir_cron_draft")
        self._run_billing("ir_cron_post")
        self.env.invalidate_all()
        return subscription

    def _declare(self, subscription, **values):
        """Declare it on the public page and let the cron look at it once."""
        vals = {
            "name": "Mieke Jansen",
            "email": "mieke.jansen@example.com",
            "contract": subscription.name,
        }
        declarations = self.env["portal.declaration"]
        declaration = declarations._receive("withdraw", self.company, vals | values)
        declaration._process()
        return declaration

    def _withdraw(self, subscription, **values):
        """Declare it and let the days pass in which it can be taken back."""
        declaration = self._declare(subscription, **values)
        if declaration.state == "held":
            with self._when_due(declaration):
                declaration._process()
        return declaration

    def _when_due(self, declaration):
        return freeze_time(fields.Datetime.add(declaration.date_carry_out, hours=1))

    def _run_declarations(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "customer_portal_otp.ir_cron_declarations"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def _get_undo_path(self):
        mails = self.env["mail.mail"].search([("email_to", "=", self.customer.email)])
        bodies = [mail.body_html for mail in mails if UNDO.search(mail.body_html or "")]
        return UNDO.search(bodies[0]).group(0)

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


@tagged("post_install", "-at_install")
class TestWithdrawal(WithdrawalCommon):
    def test_in_time_it_ends_and_everything_is_given_back(self):
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
        with self._when_due(declaration):
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

    def test_nobody_who_could_object_leaves_it_to_staff(self):
        """Without an address on file the undo link reaches nobody."""
        subscription = self._start()
        self.customer.email = False
        declaration = self._declare(subscription)
        self.assertEqual(declaration.state, "task")
        self.assertEqual(declaration.subscription_id, subscription)
        self.assertFalse(subscription.date_withdrawn)


@tagged("post_install", "-at_install")
class TestWithdrawalHeld(WithdrawalCommon, MemberSubscriptionCommon):
    """A stranger knows name and address; the owner of the mailbox decides."""

    def test_nothing_is_done_that_could_not_be_undone_but_nothing_is_billed(self):
        subscription = self._start(days_ago=3, interval_unit="day", interval_count=1)
        invoices = subscription.period_ids.move_id
        declaration = self._declare(subscription)
        self.assertEqual(declaration.state, "held")
        self.assertEqual(subscription.state, "active")
        self.assertEqual(subscription.date_withdrawn, declaration.date)
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=2)):
            self._run_billing()
            self.env.invalidate_all()
            self._run_declarations()
        self.assertEqual(subscription.period_ids.move_id, invoices)
        self.assertEqual(set(subscription.charge_ids.mapped("state")), {"waiting"})
        self.assertEqual(declaration.state, "held")

    def test_what_nobody_took_back_counts_from_the_day_it_was_declared(self):
        """Art. 14(3): the days in which it was held cost nothing."""
        subscription = self._start(days_ago=6)
        subscription.date_start_requested = subscription.create_date
        [period] = subscription.period_ids
        invoice = self._pay(subscription)
        declaration = self._declare(subscription)
        with self._when_due(declaration):
            self._run_declarations()
        self.assertEqual(subscription.state, "cancelled")
        whole = (period.date_to - period.date_from).days
        owed = invoice.currency_id.round(invoice.amount_total * 6 / whole)
        credit = self._get_credit(subscription)
        self.assertAlmostEqual(invoice.amount_total - credit.amount_total, owed, 2)

    def test_link_to_the_address_on_file_takes_it_back_once(self):
        subscription = self._start(days_ago=3)
        declaration = self._declare(subscription, email="other@example.com")
        path = self._get_undo_path()
        self.authenticate(None, None)
        page = self.url_open(path).text
        self.assertTrue(subscription.date_withdrawn)
        token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page).group(1)
        answer = self.url_open(path, data={"csrf_token": token})
        self.assertIn("alert-success", answer.text)
        self.env.invalidate_all()
        self.assertFalse(subscription.date_withdrawn)
        self.assertEqual(declaration.state, "done")
        with self._when_due(declaration):
            self._run_declarations()
        self.assertEqual(subscription.state, "active")
        self.assertIn("alert-info", self.url_open(path).text)

    def test_link_is_too_late_once_it_is_carried_out(self):
        subscription = self._start(days_ago=3)
        self._withdraw(subscription)
        path = self._get_undo_path()
        self.authenticate(None, None)
        self.assertIn("alert-info", self.url_open(path).text)
        self.assertEqual(subscription.state, "cancelled")

    def test_customer_who_is_signed_in_needs_no_such_protection(self):
        subscription = self._start(days_ago=3)
        user = self._create_user_of(self.customer)
        values = {
            "name": self.customer.name,
            "email": self.customer.email,
            "contract": subscription.name,
        }
        declarations = self.env["portal.declaration"].with_user(user)
        declaration = declarations._receive("withdraw", self.company, values)
        declaration.with_user(self.env.user)._process()
        self.assertEqual(subscription.state, "cancelled")

    def test_member_sees_that_it_was_withdrawn_from_and_changes_nothing(self):
        subscription = self._start(days_ago=3)
        member = self._create_user_of(self.customer)
        self._declare(subscription)
        self._sign_in(member)
        page = self.url_open(f"/my/subscriptions/{subscription.id}").text
        self.assertIn("You withdrew from this contract", page)
        self.assertNotIn(f"/my/subscriptions/{subscription.id}/cancel", page)
        self.assertIn("None at the moment", self.url_open("/my").text)

    def test_staff_takes_it_back_for_who_calls(self):
        subscription = self._start(days_ago=3)
        declaration = self._declare(subscription)
        declaration.with_user(self.office).action_take_back()
        self.assertFalse(subscription.date_withdrawn)
        self.assertEqual(declaration.state, "done")
        with self.assertRaises(UserError):
            declaration.with_user(self.office).action_take_back()

    def test_staff_takes_it_back_no_rights(self):
        subscription = self._start(days_ago=3)
        declaration = self._declare(subscription)
        nobody = new_test_user(self.env, "no_subscriptions", "base.group_user")
        with self.assertRaises(AccessError):
            declaration.with_user(nobody).action_take_back()
        self.assertTrue(subscription.date_withdrawn)

    def test_what_ended_meanwhile_goes_to_staff(self):
        subscription = self._start(days_ago=3)
        declaration = self._declare(subscription)
        subscription._cancel()
        with self._when_due(declaration):
            declaration._process()
        self.assertEqual(declaration.state, "task")
        self.assertTrue(declaration.activity_ids)
