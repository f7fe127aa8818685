"""Credentials that give access to several accounts: somebody chooses one."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.connection_base.engine.provider_spec import ServiceAccount
from odoo.addons.connection_base.exceptions import AuthError

from .fake_common import FakeCommon

ONE = ServiceAccount("1", "Club", "EUR")
TWO = ServiceAccount("2", "Canteen")
THREE = ServiceAccount("3", "Club", "USD")


class TestAccountChoice(FakeCommon):
    def setUp(self):
        super().setUp()
        self.accounts = [ONE, TWO]
        self.hooks["_list_accounts"] = lambda record: self.accounts
        self.hooks["_test_connection"] = lambda record: {}
        self.connection = self._create_connection("fake", state="disconnected")

    def _connect(self):
        wizard = self.env["service.connect.wizard"].create(
            {"connection_id": self.connection.id, "value_1": "key-1"}
        )
        return wizard.action_connect()

    def _choose(self, action, account):
        wizard = self.env["service.account.wizard"].browse(action["res_id"])
        wizard.account_id = wizard.account_ids.filtered(
            lambda option: option.ref == account.ref
        )
        return wizard.action_choose()

    def test_connecting_shows_the_accounts_and_the_chosen_one_is_connected(self):
        action = self._connect()
        self.assertEqual(action["res_model"], "service.account.wizard")
        self.assertEqual(self.connection.state, "choosing")
        self.assertFalse(self.connection.date_next_sync, "nothing runs before that")
        wizard = self.env["service.account.wizard"].browse(action["res_id"])
        names = wizard.account_ids.mapped("display_name")
        self.assertEqual(names, ["Canteen", "Club · EUR"])
        self._choose(action, TWO)
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection.account_ref, "2")
        self.assertEqual(self.connection.account_label, "Canteen")
        self.assertTrue(self.connection.date_next_sync)

    def test_choosing_later_needs_no_credentials_again(self):
        self._connect()
        self._choose(self.connection.action_choose_account(), ONE)
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection._get_credentials(), {"api_key": "key-1"})

    def test_the_only_account_is_taken_without_a_question(self):
        self.accounts = [TWO]
        self._connect()
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection.account_label, "Canteen")

    def test_the_chosen_account_stays_chosen_when_connecting_again(self):
        self._choose(self._connect(), TWO)
        self.connection._mark_error(AuthError("over", reason="credentials"))
        self._connect()
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection.account_ref, "2")

    def test_another_account_is_never_taken_by_itself(self):
        """A sign-in that sees one other account only must not move the connection."""
        self._choose(self._connect(), TWO)
        self.connection._mark_error(AuthError("over", reason="credentials"))
        self.accounts = [THREE]
        action = self._connect()
        self.assertEqual(self.connection.state, "choosing")
        self.assertEqual(self.connection.account_ref, "2")
        self._choose(action, THREE)
        self.assertEqual(self.connection.account_ref, "3")

    def test_disconnecting_forgets_the_choice(self):
        self._choose(self._connect(), TWO)
        self.connection._disconnect()
        self.assertFalse(self.connection.account_ref)
        self._connect()
        self.assertEqual(self.connection.state, "choosing")

    def test_a_choice_that_waits_can_be_disconnected(self):
        self._connect()
        self.connection._disconnect()
        self.assertEqual(self.connection.state, "disconnected")
        self.assertFalse(self.connection._has_credentials())

    def test_nothing_chosen_or_from_another_list_connects_nothing(self):
        wizard = self.env["service.account.wizard"].browse(self._connect()["res_id"])
        with self.assertRaises(UserError):
            wizard.action_choose()
        other = self.connection.action_choose_account()["res_id"]
        wizard.account_id = (
            self.env["service.account.wizard"].browse(other).account_ids[0]
        )
        with self.assertRaises(UserError):
            wizard.action_choose()
        self.assertEqual(self.connection.state, "choosing")

    def test_a_service_that_refuses_the_list_is_quoted(self):
        self._connect()

        def refuse(record):
            raise AuthError("no", reason="credentials")

        self.hooks["_list_accounts"] = refuse
        with self.assertRaisesRegex(UserError, "does not accept"):
            self.connection.action_choose_account()

    def test_a_connected_service_offers_no_choice(self):
        self.accounts = [ONE]
        self._connect()
        with self.assertRaises(UserError):
            self.connection.action_choose_account()

    def test_choosing_is_for_administrators_no_rights(self):
        action = self._connect()
        office = new_test_user(
            self.env,
            "account_choice_office",
            "base.group_user,connection_base.group_connection_user",
        )
        with self.assertRaises(AccessError):
            self.connection.with_user(office).action_choose_account()
        wizard = self.env["service.account.wizard"].browse(action["res_id"])
        with self.assertRaises(AccessError):
            wizard.with_user(office).action_choose()

    def test_another_account_is_added_from_the_card(self):
        self._choose(self._connect(), TWO)
        action = self.connection.action_add_another()
        other = self.connection.browse(action["context"]["default_connection_id"])
        self.assertEqual(other.state, "disconnected")
        self.assertEqual(other.company_id, self.connection.company_id)
        self.assertNotEqual(other.name, self.connection.name)
        again = self.connection.action_add_another()["context"]
        self.assertEqual(again["default_connection_id"], other.id)

    def test_a_service_with_one_account_offers_no_other(self):
        single = self._create_connection("fake_limited")
        self.assertFalse(single.can_add)
        with self.assertRaises(UserError):
            single.action_add_another()

    def test_adding_an_account_is_for_administrators_no_rights(self):
        self._choose(self._connect(), TWO)
        office = self._create_office_user("account_add_office")
        with self.assertRaises(AccessError):
            self.connection.with_user(office).action_add_another()

    def test_a_long_list_is_searched_instead_of_read(self):
        self.accounts = [ServiceAccount(str(key), f"Club {key}") for key in range(13)]
        wizard = self.env["service.account.wizard"].browse(self._connect()["res_id"])
        self.assertTrue(wizard.is_long)
        self.accounts = self.accounts[:12]
        wizard = wizard.browse(self.connection.action_choose_account()["res_id"])
        self.assertFalse(wizard.is_long)
