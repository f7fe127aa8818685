"""The vault: what locks credentials, and how it refuses."""

import os
import tempfile

from cryptography.fernet import Fernet

from odoo.tests import BaseCase

from odoo.addons.connection_base.engine.vault import (
    FILE_VARIABLE,
    KEY_VARIABLE,
    Vault,
    VaultError,
    load_vault,
)

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


class TestVault(BaseCase):
    def _refused(self, environ):
        with self.assertRaises(VaultError) as caught:
            load_vault(environ)
        return caught.exception.reason

    def _key_file(self, content, mode=0o600):
        handle, path = tempfile.mkstemp()
        self.addCleanup(os.unlink, path)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(path, mode)
        return path

    def test_what_was_locked_is_unlocked_by_the_same_key(self):
        vault = load_vault({KEY_VARIABLE: OLD})
        locked = vault.lock({"api_key": "live_1"}, owner="1")
        self.assertNotIn("live_1", locked)
        self.assertEqual(vault.unlock(locked, owner="1"), {"api_key": "live_1"})

    def test_another_key_unlocks_nothing(self):
        locked = Vault([OLD]).lock({"api_key": "x"}, owner="1")
        with self.assertRaises(VaultError) as caught:
            Vault([NEW]).unlock(locked, owner="1")
        self.assertEqual(caught.exception.reason, "wrong")

    def test_the_old_key_behind_the_new_one_still_unlocks(self):
        locked = Vault([OLD]).lock({"api_key": "x"}, owner="1")
        both = Vault([NEW, OLD])
        self.assertEqual(both.unlock(locked, owner="1"), {"api_key": "x"})
        again = both.lock({"api_key": "x"}, owner="1")
        self.assertEqual(Vault([NEW]).unlock(again, owner="1"), {"api_key": "x"})
        self.assertEqual(both.fingerprint, Vault([NEW]).fingerprint)

    def test_values_copied_to_another_owner_do_not_unlock(self):
        vault = Vault([OLD])
        locked = vault.lock({"api_key": "x"}, owner="1")
        for owner, text in (("2", locked), ("1", "garbage"), ("1", "")):
            with self.assertRaises(VaultError):
                vault.unlock(text, owner=owner)

    def test_without_a_key_nothing_is_locked(self):
        for environ in ({}, {KEY_VARIABLE: "  "}, {KEY_VARIABLE: ","}):
            self.assertEqual(self._refused(environ), "missing")

    def test_something_that_is_not_a_key_is_refused(self):
        self.assertEqual(self._refused({KEY_VARIABLE: "password"}), "malformed")

    def test_a_key_file_of_the_owner_alone_is_read(self):
        path = self._key_file(f"{NEW}\n{OLD}\n".encode())
        vault = load_vault({FILE_VARIABLE: path})
        self.assertEqual(vault.fingerprint, Vault([NEW]).fingerprint)
        locked = Vault([OLD]).lock({"a": 1}, owner="1")
        self.assertEqual(vault.unlock(locked, owner="1"), {"a": 1})

    def test_a_key_file_that_others_may_read_is_refused(self):
        for mode in (0o640, 0o604, 0o666):
            path = self._key_file(NEW.encode(), mode)
            self.assertEqual(self._refused({FILE_VARIABLE: path}), "permissions")

    def test_a_key_file_that_is_missing_or_unreadable_is_refused(self):
        self.assertEqual(self._refused({FILE_VARIABLE: "/no/such/file"}), "missing")
        self.assertEqual(self._refused({FILE_VARIABLE: "/"}), "unreadable")
        path = self._key_file(b"\xff\xfe")
        self.assertEqual(self._refused({FILE_VARIABLE: path}), "unreadable")

    def test_the_variable_wins_over_the_file(self):
        path = self._key_file(OLD.encode())
        vault = load_vault({KEY_VARIABLE: NEW, FILE_VARIABLE: path})
        self.assertEqual(vault.fingerprint, Vault([NEW]).fingerprint)

    def test_no_refusal_shows_a_key(self):
        for environ in ({KEY_VARIABLE: "my-secret-key"}, {KEY_VARIABLE: NEW[:-4]}):
            with self.assertRaises(VaultError) as caught:
                load_vault(environ)
            self.assertNotIn(environ[KEY_VARIABLE], str(caught.exception))
