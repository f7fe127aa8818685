"""The engine: plain Python, no database."""

import doctest
import os
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from odoo.addons.customer_portal_otp.engine import (
    code,
    colour,
    key_source,
    keyed,
    limits,
    still_page,
    visitor,
    withdrawal,
)

MODULES = (code, colour, keyed, limits, still_page, visitor, withdrawal)


class TestEngine(unittest.TestCase):
    def test_examples_in_the_docstrings_hold(self):
        for module in MODULES:
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertTrue(result.attempted)
                self.assertFalse(result.failed)

    def test_codes_use_every_digit_at_every_place(self):
        """R9(f), small: chi-square of each place stays below the 0.1 % bound."""
        codes = [code.make_code() for _number in range(20000)]
        for place in range(code.DIGITS):
            counts = Counter(text[place] for text in codes)
            chi = sum((counts[str(d)] - 2000) ** 2 / 2000 for d in range(10))
            self.assertLess(chi, 33.0, f"place {place}")

    def test_a_code_is_read_as_people_write_it(self):
        same = ("12345678", "1234 5678", " 1234-5678\n", "1234\u00a05678", "1234–5678")
        for text in same + ("1 2 3 4 5 6 7 8", "١٢٣٤٥٦٧٨"):
            with self.subTest(text=text):
                self.assertEqual(code.normalise_code(text), "12345678")

    def test_what_is_not_a_code_is_refused(self):
        for text in ("", "1234567", "123456789", "1234567a", None, 12345678, "1" * 99):
            with self.subTest(text=text):
                self.assertIsNone(code.normalise_code(text))

    def test_hashes_differ_by_key_scope_purpose_and_split(self):
        one = keyed.KeyedSecrets(b"a" * 32, "db")
        hashes = {
            one.hash("code", "ab", "c"),
            one.hash("code", "a", "bc"),
            one.hash("browser", "ab", "c"),
            keyed.KeyedSecrets(b"b" * 32, "db").hash("code", "ab", "c"),
            keyed.KeyedSecrets(b"a" * 32, "other").hash("code", "ab", "c"),
        }
        self.assertEqual(len(hashes), 5)

    def test_a_sealed_code_stays_closed_with_another_key(self):
        sealed = keyed.KeyedSecrets(b"a" * 32, "db").seal("12345678")
        self.assertNotIn("12345678", sealed)
        self.assertIsNone(keyed.KeyedSecrets(b"b" * 32, "db").unseal(sealed))

    def test_only_local_paths_are_followed(self):
        """No open redirect: whatever a browser reads as another host is refused."""
        bad = (
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/my//evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            "my/invoices",
            " /my",
            "/my\r\nSet-Cookie: a=b",
            "/my/sign-in",
            "/nl/my/sign-in/code",
            "/web/session/logout",
            "/" + "a" * 2000,
            None,
            7,
        )
        for value in bad:
            with self.subTest(value=value):
                self.assertEqual(visitor.local_path(value), "/my")
        good = ("/my", "/my/invoices/7?access_token=x", "/shop/checkout", "/nl/my/home")
        for value in good:
            self.assertEqual(visitor.local_path(value), value)

    def test_each_limit_names_itself(self):
        bounds = limits.Limits(2, 4, 3, 5)
        cases = (
            ({"mailbox_hour": 1}, ""),
            ({"mailbox_hour": 2}, "mailbox"),
            ({"mailbox_hour": 1, "mailbox_day": 4}, "mailbox"),
            ({"network_hour": 3}, "network"),
            ({"database_hour": 5}, "database"),
        )
        for counts, reason in cases:
            with self.subTest(counts=counts):
                self.assertEqual(limits.decide(counts, bounds).reason, reason)

    def test_accent_keeps_text_readable(self):
        """B11: the accent colour of the company, contrast checked."""
        for value in ("#ffdd00", "#123456", "#777777", "#ff0000", "#00ff00"):
            back, text = colour.accent(value)
            self.assertGreaterEqual(colour.contrast(back, text), colour.MIN_CONTRAST)


class TestKeySource(unittest.TestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def _write(self, text, mode=0o600):
        path = Path(self.folder) / "key"
        path.write_text(text)
        path.chmod(mode)
        return {"PORTAL_OTP_KEY_FILE": str(path)}

    def test_the_environment_comes_first(self):
        environ = self._write("f" * 40) | {"PORTAL_OTP_KEY": "e" * 40}
        self.assertEqual(key_source.read_key(environ, self.folder), b"e" * 40)

    def test_a_named_file_is_read(self):
        key = key_source.read_key(self._write("f" * 40 + "\n"), self.folder)
        self.assertEqual(key, b"f" * 40)

    def test_without_a_name_a_file_is_made_once_and_closed_to_others(self):
        first = key_source.read_key({}, self.folder)
        self.assertEqual(key_source.read_key({}, self.folder), first)
        path = Path(self.folder) / key_source.OWN_FILE
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(self.folder), [key_source.OWN_FILE])

    def test_a_wrong_key_source_is_refused_with_words(self):
        cases = (
            ({"PORTAL_OTP_KEY": "short"}, "shorter than 32"),
            (self._write("f" * 40, 0o644), "0600"),
            ({"PORTAL_OTP_KEY_FILE": "/nowhere/key"}, "cannot be read"),
        )
        for environ, words in cases:
            with (
                self.subTest(words=words),
                self.assertRaisesRegex(key_source.KeyMissingError, words),
            ):
                key_source.read_key(environ, self.folder)

    def test_a_place_that_cannot_be_written_is_refused_with_words(self):
        blocked = Path(self.folder) / "file"
        blocked.write_text("")
        with self.assertRaisesRegex(key_source.KeyMissingError, "no key file"):
            key_source.read_key({}, str(blocked))
