"""Who sees and does what, from the one with the least rights."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .fake_common import FakeCommon

MODELS = (
    "service.connection",
    "service.credential",
    "service.oauth.state",
    "service.rate.bucket",
    "service.sync.run",
    "service.sync.failure",
    "service.webhook.event",
    "service.connect.wizard",
    "service.disconnect.wizard",
)
OFFICE = ("service.connection", "service.sync.run", "service.sync.failure")
SECRET_FIELDS = (
    "test_base_url",
    "webhook_token",
    "webhook_url",
    "credential_ids",
    "webhook_event_ids",
)


class TestRights(FakeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls._create_office_user()
        cls.neighbour = new_test_user(
            cls.env, "connection_neighbour", "base.group_user"
        )
        cls.portal = new_test_user(cls.env, "connection_portal", "base.group_portal")
        cls.admin = new_test_user(
            cls.env, "connection_admin", "base.group_user,base.group_system"
        )
        cls.connection = cls._create_local()
        cls.run_made = cls.connection._start_run("sync")
        cls.run_made._fail("Order 1", "no address")
        cls.env["service.webhook.event"]._store(cls.connection, "e1", b"x", {}, {})

    def test_neighbours_members_and_visitors_see_nothing_no_rights(self):
        public = self.env.ref("base.public_user")
        for user in (self.neighbour, self.portal, public):
            for name in MODELS:
                with self.assertRaises(AccessError, msg=f"{user.login} {name}"):
                    self.env[name].with_user(user).search([])
            connection = self.connection.with_user(user)
            for button in (
                "action_connect",
                "action_disconnect",
                "action_test_connection",
                "action_sync_now",
            ):
                with self.assertRaises(AccessError, msg=f"{user.login} {button}"):
                    getattr(connection, button)()
            with self.assertRaises(AccessError):
                self.env["service.connection"].with_user(
                    user
                ).action_open_integrations()

    def test_the_office_sees_cards_runs_and_failures(self):
        connection = self.connection.with_user(self.office)
        values = connection.read(["name", "state", "last_error", "icon_url"])[0]
        self.assertEqual(values["state"], "connected")
        self.assertEqual(connection.run_ids.failure_ids.name, "Order 1")
        self.assertTrue(connection.is_syncing)
        connection.action_sync_now()

    def test_the_office_sees_no_secrets_and_changes_nothing_no_rights(self):
        connection = self.connection.with_user(self.office)
        self.assertFalse(set(SECRET_FIELDS) & connection.read()[0].keys())
        for name in SECRET_FIELDS:
            with self.assertRaises(AccessError, msg=name):
                connection.read([name])
        for name in set(MODELS) - set(OFFICE):
            with self.assertRaises(AccessError, msg=name):
                self.env[name].with_user(self.office).search([])
        with self.assertRaises(AccessError):
            connection.name = "mine"
        for button in ("action_connect", "action_disconnect", "action_test_connection"):
            with self.assertRaises(AccessError, msg=button):
                getattr(connection, button)()
        with self.assertRaises(AccessError):
            self.run_made.with_user(self.office).write({"state": "done"})
        settings = self.env["res.config.settings"].with_user(self.office)
        with self.assertRaises(AccessError):
            settings.action_rotate_connection_key()

    def test_an_administrator_connects_without_ever_writing_credentials_directly(self):
        connection = self._create_local(state="disconnected").with_user(self.admin)
        wizard = self.env["service.connect.wizard"].with_user(self.admin)
        wizard.create(
            {
                "connection_id": connection.id,
                "environment": "test",
                "test_base_url": self.server.url,
                "value_1": "key-typed-1",
            }
        ).action_connect()
        self.assertEqual(connection.state, "connected")
        credential = connection.credential_ids
        self.assertTrue(credential.summary)
        for refused in (
            lambda: credential.write({"payload": "x"}),
            credential.unlink,
            lambda: credential.create({"connection_id": connection.id, "payload": "x"}),
        ):
            with self.assertRaises(AccessError):
                refused()

    def test_an_administrator_reads_webhooks_and_handles_them_again(self):
        event = self.connection.with_user(self.admin).webhook_event_ids
        event.action_retry()
        self.assertEqual(event.state, "new")

    def test_another_company_sees_nothing_of_ours(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "connection_stranger",
            "base.group_user,base.group_system",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for name in (
            "service.connection",
            "service.credential",
            "service.sync.run",
            "service.sync.failure",
            "service.webhook.event",
        ):
            found = self.env[name].with_user(stranger).search([])
            self.assertFalse(found.filtered(lambda r: r.company_id != company), name)
            mine = self.env[name].search([], limit=1)
            with self.assertRaises(AccessError, msg=name):
                mine.with_user(stranger).read(["company_id"])

    def test_each_finds_the_page_in_its_own_menu(self):
        menus = self.env["ir.ui.menu"]

        def sees(user, name):
            menu = self.env.ref(f"connection_base.{name}")
            return menu.id in menus.with_user(user)._visible_menu_ids()

        self.assertTrue(sees(self.admin, "service_connection_menu"))
        self.assertFalse(sees(self.admin, "office_menu"))
        self.assertTrue(sees(self.office, "office_menu"))
        self.assertFalse(sees(self.office, "service_connection_menu"))
        self.assertFalse(sees(self.neighbour, "office_menu"))
        self.assertFalse(sees(self.neighbour, "service_connection_menu"))

    def test_the_office_does_not_get_into_settings(self):
        root = self.env.ref("base.menu_administration")
        tree = self.env["ir.ui.menu"].with_user(self.office).load_menus(False)
        office = self.env.ref("connection_base.office_menu")
        self.assertIn(office.id, tree["root"]["children"])
        self.assertNotIn(root.id, tree["root"]["children"])
