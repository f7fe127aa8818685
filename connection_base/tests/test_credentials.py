"""Credentials at rest."""

import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.exceptions import UserError
from odoo.tools.misc import file_open

from odoo.addons.connection_base.engine.vault import KEY_VARIABLE

from .common import TEST_KEY
from .fake_common import FakeCommon

SECRET = "sk_live_planted_canary"
OTHER_KEY = Fernet.generate_key().decode()


class TestCredentials(FakeCommon):
    def setUp(self):
        super().setUp()
        self.connection = self._create_local(credentials={"api_key": SECRET})

    def _with_key(self, keys):
        return patch.dict(os.environ, {KEY_VARIABLE: keys})

    def _row(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT payload FROM service_credential WHERE connection_id = %s",
            [self.connection.id],
        )
        return self.env.cr.fetchone()

    def test_the_database_holds_no_plain_value(self):
        self.assertNotIn(SECRET, self._row()[0])
        self.assertEqual(self.connection._get_credentials(), {"api_key": SECRET})

    def test_no_field_export_or_message_shows_the_value(self):
        self.env.flush_all()
        for record in (
            self.connection,
            self.connection.credential_ids,
            self.connection.message_ids,
        ):
            self.assertNotIn(SECRET, str(record.read()))
        exported = self.connection.export_data(
            ["name", "credential_ids/summary", "credential_ids/payload"]
        )
        self.assertNotIn(SECRET, str(exported))
        shown = self.connection.credential_ids.summary
        self.assertEqual(shown, "API key …nary")

    def test_without_a_key_it_refuses_with_words_and_loses_nothing(self):
        before = self._row()
        with self._with_key(""):
            for refused in (
                self.connection._get_credentials,
                lambda: self.connection._set_credentials({"api_key": "new"}),
                self.env["service.credential"]._rotate,
            ):
                with self.assertRaisesRegex(UserError, "Nothing was changed"):
                    refused()
            self.connection.credential_ids.invalidate_recordset()
            self.assertIn("CONNECTION_BASE_KEY", self.connection.credential_ids.summary)
            settings = self.env["res.config.settings"].create({})
            self.assertIn("no encryption key", settings.connection_key_state)
        self.assertEqual(self._row(), before)
        self.assertEqual(self.connection._get_credentials(), {"api_key": SECRET})

    def test_with_another_key_it_refuses_with_words_and_loses_nothing(self):
        before = self._row()
        with self._with_key(OTHER_KEY):
            with self.assertRaisesRegex(UserError, "another encryption key"):
                self.connection._get_credentials()
            with self.assertRaisesRegex(UserError, self.connection.name):
                self.env["service.credential"]._rotate()
        self.assertEqual(self._row(), before)

    def test_a_bad_key_is_named_as_such(self):
        for key, words in (("nonsense", "not a valid Fernet key"),):
            with self._with_key(key), self.assertRaisesRegex(UserError, words):
                self.connection._get_credentials()

    def test_disconnecting_works_without_the_key(self):
        with self._with_key(""):
            self.connection._disconnect()
        self.assertEqual(self.connection.state, "disconnected")
        self.assertIsNone(self._row())

    def test_rotation_locks_all_with_the_new_key(self):
        old = self.connection.credential_ids.key_fingerprint
        settings = self.env["res.config.settings"].create({})
        with self._with_key(f"{OTHER_KEY},{TEST_KEY}"):
            result = settings.action_rotate_connection_key()
            self.assertEqual(result["params"]["type"], "success")
        self.assertNotEqual(self.connection.credential_ids.key_fingerprint, old)
        with self._with_key(OTHER_KEY):
            self.assertEqual(self.connection._get_credentials(), {"api_key": SECRET})

    def test_rotation_is_all_or_nothing(self):
        second = self._create_local(credentials={"api_key": "second"})
        with self._with_key(OTHER_KEY):
            second._set_credentials({"api_key": "locked elsewhere"})
        self.env.flush_all()
        before = self._row()
        third = Fernet.generate_key().decode()
        with (
            self._with_key(f"{third},{TEST_KEY}"),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            self.env["service.credential"]._rotate()
        self.assertEqual(self._row(), before)

    def test_credentials_of_one_connection_do_not_work_for_another(self):
        other = self._create_local()
        other.credential_ids.sudo().payload = self.connection.credential_ids.payload
        with self.assertRaises(UserError):
            other._get_credentials()

    def test_a_neutralized_copy_can_reach_nothing(self):
        self.connection._start_run("sync")
        self.env["service.webhook.event"]._store(self.connection, "e", b"x", {}, {})
        wizard = self.env["service.connect.wizard"].create(
            {"connection_id": self.connection.id, "value_1": SECRET}
        )
        self.env.flush_all()
        with file_open("connection_base/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertIsNone(self._row())
        self.assertFalse(wizard.payload)
        self.assertEqual(self.connection.state, "disconnected")
        self.assertEqual(self.connection.environment, "test")
        self.assertFalse(self.connection.test_base_url)
        self.assertFalse(self.connection.webhook_token)
        self.assertFalse(self.connection.date_next_sync)
        self.assertEqual(self.connection.run_ids.state, "failed")
        self.assertEqual(self.connection.webhook_event_ids.state, "ignored")
        self.connection.write({"test_base_url": self.server.url})
        self.connection._connect_with({"api_key": "a-new-key"})
        self.assertTrue(self.connection.webhook_token)
