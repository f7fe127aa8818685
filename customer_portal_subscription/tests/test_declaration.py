"""A cancellation from the website ends the subscription that is certainly meant."""

import re

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

UNDO = re.compile(r"/contract/undo/[\w-]+")


@tagged("post_install", "-at_install")
class TestDeclaration(SubscriptionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = fields.Date.today()
        cls.subscription = cls._create_subscription(fields.Date.to_string(today))
        cls.subscription.plan_id.is_self_cancel = True

    def setUp(self):
        super().setUp()
        # Paid to the end of the month: it cannot end today.
        self._run_billing("ir_cron_draft")
        self.env.invalidate_all()

    def _receive(self, kind="cancel", **values):
        vals = {
            "name": "Mieke Jansen",
            "email": "mieke.jansen@example.com",
            "contract": "my membership",
        }
        declarations = self.env["portal.declaration"]
        declaration = declarations._receive(kind, self.company, vals | values)
        declaration._process()
        return declaration

    def _get_mails(self, address="mieke.jansen@example.com"):
        mails = self.env["mail.mail"].search([("email_to", "=", address)])
        return mails.filtered(lambda mail: "/contract/undo/" in (mail.body_html or ""))

    def test_found_contract_is_cancelled_on_the_earliest_day(self):
        """H2, H14 without sign-in: done, and the details go to the address on file."""
        declaration = self._receive()
        self.assertEqual(declaration.state, "done")
        self.assertEqual(declaration.partner_id, self.customer)
        days = self.subscription._get_cancel_dates()
        self.assertEqual(self.subscription.date_cancel, days[0])
        self.assertEqual(len(self._get_mails()), 1)

    def test_wanted_day_counts_when_it_is_later(self):
        days = self.subscription._get_cancel_dates(count=3)
        self._receive(date_wanted=fields.Date.subtract(days[2], days=3))
        self.assertEqual(self.subscription.date_cancel, days[2])

    def test_number_and_one_of_name_and_address_are_enough(self):
        number = self.subscription.name
        self._receive(name="M. J.", contract=f"number {number}")
        self.assertTrue(self.subscription.date_cancel)
        self.subscription.action_undo_cancel()
        declaration = self._receive(email="new@example.com", contract=number)
        self.assertEqual(declaration.state, "done")
        # The details go to the address on file, not to the one that was given.
        self.assertFalse(self._get_mails("new@example.com"))
        self.assertEqual(len(self._get_mails()), 2)

    def test_what_is_not_certain_becomes_a_task(self):
        number = self.subscription.name
        for values in (
            {"name": "Somebody Else"},
            {"email": "other@example.com"},
            {"name": "X", "email": "other@example.com", "contract": number},
        ):
            declaration = self._receive(**values)
            self.assertEqual(declaration.state, "task")
            self.assertTrue(declaration.activity_ids)
        self.assertFalse(self.subscription.date_cancel)
        self.assertFalse(self._get_mails())

    def test_second_subscription_needs_a_number(self):
        today = fields.Date.to_string(fields.Date.today())
        other = self._create_subscription(today)
        self.assertEqual(self._receive().state, "task")
        self._receive(contract=other.name)
        self.assertTrue(other.date_cancel)
        self.assertFalse(self.subscription.date_cancel)

    def test_good_cause_goes_to_staff_with_the_contract(self):
        declaration = self._receive(is_extraordinary=True, reason="moved")
        self.assertEqual(declaration.state, "task")
        self.assertEqual(declaration.subscription_id, self.subscription)
        self.assertFalse(self.subscription.date_cancel)

    def test_undo_link_asks_first_and_takes_it_back_once(self):
        declaration = self._receive()
        path = UNDO.search(self._get_mails().body_html).group(0)
        self.authenticate(None, None)
        page = self.url_open(path).text
        self.assertTrue(self.subscription.date_cancel)
        token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page).group(1)
        answer = self.url_open(path, data={"csrf_token": token})
        self.assertIn("alert-success", answer.text)
        self.env.invalidate_all()
        self.assertFalse(self.subscription.date_cancel)
        self.assertIn("Taken back", declaration.result)
        self.assertIn("alert-info", self.url_open(path).text)

    def test_receipt_opens_no_undo(self):
        declaration = self._receive()
        token = declaration._get_link_token("receipt")
        answer = self.url_open(f"/contract/undo/{token}")
        self.assertEqual(answer.status_code, 404)
