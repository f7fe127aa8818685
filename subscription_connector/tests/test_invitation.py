from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import HttpCase, JsonRpcException, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestInvitation(SubscriptionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.write(
            {"is_published": True, "allow_tokenization": True, "state": "test"}
        )
        cls.subscription = (
            cls.env["subscription.subscription"]
            .with_user(cls.office)
            .create({"partner_id": cls.customer.id, "plan_id": cls.plan.id})
        )

    def _invite(self):
        action = self.subscription.action_invite()
        return (
            self.env["subscription.invitation"]
            .with_user(self.office)
            .browse(action["res_id"])
        )

    def _save_method(self, invitation, **values):
        """Do what the provider's form and its answer do."""
        path = invitation.url.split("/", 3)[3]
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "token_id": None,
            "flow": "direct",
            "tokenization_requested": True,
            "landing_route": "/my",
            "is_validation": True,
            **values,
        }
        self.make_jsonrpc_request(f"/{path}/transaction", params)
        transactions = self.env["payment.transaction"].sudo()
        return transactions.search(
            [("subscription_invitation_id", "=", invitation.id)], limit=1
        )

    def test_the_office_invites_by_qr_code_and_link(self):
        """L6, L9: the same invitation as long as it can be used."""
        invitation = self._invite()
        self.assertEqual(invitation.state, "waiting")
        self.assertTrue(invitation.qr_code)
        self.assertEqual(self._invite(), invitation)
        invitation.action_mail()
        mail = self.env["mail.mail"].sudo().search([("model", "=", invitation._name)])
        self.assertIn(invitation.url, mail.body_html)
        with self.assertRaises(AccessError):
            invitation.read(["access_token"])

    def test_the_phone_saves_a_method_and_the_screen_turns(self):
        """L9: the visitor is not signed in; the draft can be started at once."""
        invitation = self._invite()
        page = self.url_open(invitation.url)
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.plan.name, page.text)
        self.assertNotIn(self.customer.name, page.text)
        tx_sudo = self._save_method(invitation)
        self.assertEqual(tx_sudo.operation, "validation")
        self.assertEqual(tx_sudo.partner_id, self.customer)
        tx_sudo.token_id = self._create_saved_method(self.customer, "7777")
        tx_sudo._tokenize({})
        invitation.invalidate_recordset()
        self.assertEqual(invitation.state, "done")
        self.assertIn("7777", invitation.payment_method_label)
        self.assertEqual(self.subscription.sudo().payment_token_id, tx_sudo.token_id)
        self.assertIn("7777", self.url_open(invitation.url).text)
        self.assertFalse(self.subscription.sudo().event_ids, "a draft has no history")
        self.subscription.action_start()
        self.assertEqual(self.subscription.state, "active")

    def test_a_wrong_or_old_address_saves_nothing(self):
        """R10: a wrong secret looks like a missing page; an old one says so."""
        invitation = self._invite()
        wrong = invitation.url[:-4] + "AAAA"
        self.assertEqual(self.url_open(wrong).status_code, 404)
        missing = invitation.url.replace(f"/{invitation.id}/", "/99999999/")
        self.assertEqual(self.url_open(missing).status_code, 404)
        invitation.sudo().date_end = fields.Datetime.now() - timedelta(days=1)
        self.assertIn("no longer valid", self.url_open(invitation.url).text)
        with self.assertRaisesRegex(JsonRpcException, "ValidationError"):
            self._save_method(invitation)
        self.assertNotEqual(self._invite(), invitation)

    def test_a_cancelled_one_needs_no_method(self):
        self.subscription.sudo().payment_token_id = self.token
        self.subscription.action_start()
        self.subscription._cancel()
        with self.assertRaises(UserError):
            self._invite()

    def test_missing_data_is_named_with_the_way_to_fill_it_in(self):
        """L7: who can be reached neither by mail nor by post cannot be sold to."""
        self.customer.write({"email": False, "street": False, "zip": False})
        with self.assertRaises(RedirectWarning) as caught:
            self.subscription.action_start()
        message, action, _button = caught.exception.args[:3]
        self.assertIn("e-mail address", message)
        self.assertEqual(action["res_id"], self.customer.id)
        self.customer.write({"street": "Kade 1", "zip": "1011 AA", "city": "Amsterdam"})
        self.subscription.sudo().payment_token_id = self.token
        self.subscription.action_start()
        self.assertEqual(self.subscription.state, "active")

    def test_what_is_shipped_needs_an_address(self):
        subscription = self.subscription.copy({"is_shipped": True})
        self.customer.write({"street": False, "zip": False, "city": False})
        with self.assertRaisesRegex(RedirectWarning, "street, postcode, city"):
            subscription.action_start()
