"""One code: asked for, checked, used."""

import os
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..const import MAX_TRIES
from ..engine.ask import CLOSED, PAUSED, PROVEN, WRONG
from .common import PortalOtpCommon


@tagged("post_install", "-at_install")
class TestChallenge(PortalOtpCommon):
    def test_right_code_is_accepted_once(self):
        """B3, R9: the code proves the mailbox; replayed it is refused."""
        token = self._ask()
        code = self._read_code(token)
        proof = self._prove(token, code)
        self.assertEqual((proof.outcome, proof.email), (PROVEN, "mia@member.example"))
        self.assertEqual(self._prove(token, code).outcome, CLOSED)

    def test_proven_code_is_used_once_and_deleted(self):
        token = self._ask()
        self._prove(token, self._read_code(token))
        challenge = self.challenges._find(token)
        self.assertTrue(challenge._consume())
        self.assertFalse(challenge._consume())
        self.assertFalse(self.challenges._find(token))

    def test_unproven_code_cannot_be_used(self):
        challenge = self.challenges._find(self._ask())
        self.assertFalse(challenge._consume())
        self.assertTrue(challenge.exists())

    def test_code_is_accepted_as_typed(self):
        token = self._ask()
        code = self._read_code(token)
        self.assertEqual(self._prove(token, f"{code[:4]}-{code[4:]} ").outcome, PROVEN)

    def test_five_wrong_tries_close_the_code(self):
        token = self._ask()
        code = self._read_code(token)
        wrong = self._make_wrong(code)
        for left in range(MAX_TRIES - 1, 0, -1):
            proof = self._prove(token, wrong)
            self.assertEqual((proof.outcome, proof.tries_left), (WRONG, left))
        self.assertEqual(self._prove(token, wrong).outcome, CLOSED)
        self.assertEqual(self._prove(token, code).outcome, CLOSED)

    def test_garbage_counts_as_a_try(self):
        token = self._ask()
        for text in ("", None, "x" * 500, "12"):
            self._prove(token, text)
        self.assertEqual(self.challenges._find(token).attempts, 4)

    def test_code_after_ten_minutes_is_refused(self):
        token = self._ask()
        code = self._read_code(token)
        self._age(self.challenges._find(token), 601)
        self.assertEqual(self._prove(token, code).outcome, CLOSED)

    def test_code_just_before_ten_minutes_is_accepted(self):
        token = self._ask()
        code = self._read_code(token)
        self._age(self.challenges._find(token), 590)
        self.assertEqual(self._prove(token, code).outcome, PROVEN)

    def test_proven_code_expires_too(self):
        token = self._ask()
        self._prove(token, self._read_code(token))
        challenge = self.challenges._find(token)
        self._age(challenge, 601)
        self.assertFalse(challenge._is_proven())
        self.assertFalse(challenge._consume())

    def test_code_in_another_browser_is_refused(self):
        token = self._ask()
        code = self._read_code(token)
        other = self._ask()
        self.assertEqual(self._prove(other, code).outcome, WRONG)
        self.assertEqual(self._prove("", code).outcome, CLOSED)
        self.assertEqual(self._prove("invented", code).outcome, CLOSED)
        self.assertEqual(self._prove(token, code).outcome, PROVEN)

    def test_new_code_closes_the_old_one_of_this_browser(self):
        old = self._ask()
        old_code = self._read_code(old)
        new = self._ask(old_token=old)
        self.assertEqual(self._prove(old, old_code).outcome, CLOSED)
        self.assertEqual(self._prove(new, self._read_code(new)).outcome, PROVEN)

    def test_stranger_asking_for_my_mailbox_leaves_my_code_valid(self):
        """A lock-out must not be a weapon: codes of other browsers stay."""
        mine = self._ask()
        self._ask(ip="198.51.100.9")
        self.assertEqual(self._prove(mine, self._read_code(mine)).outcome, PROVEN)

    def test_row_holds_neither_code_nor_token(self):
        token = self._ask()
        code = self._read_code(token)
        self.env.cr.execute("SELECT * FROM portal_sign_in_challenge")
        row = " ".join(str(value) for value in self.env.cr.fetchall()[-1])
        self.assertNotIn(code, row)
        self.assertNotIn(token, row)

    def test_sealed_code_is_wiped_when_proven(self):
        token = self._ask()
        self._prove(token, self._read_code(token))
        self.assertFalse(self.challenges._find(token).sealed_code)

    def test_another_key_opens_nothing(self):
        token = self._ask()
        code = self._read_code(token)
        with patch.dict(os.environ, {"PORTAL_OTP_KEY": "x" * 40}):
            self.assertEqual(self._prove(token, code).outcome, CLOSED)
            self.assertFalse(self.challenges._find(token))

    def test_without_a_key_it_refuses_with_words(self):
        with (
            patch.dict(os.environ, {"PORTAL_OTP_KEY": "short"}),
            self.assertRaisesRegex(UserError, "has no key"),
        ):
            self.challenges._ask(self._prepare_ask())

    def test_new_code_can_be_asked_for_after_a_minute(self):
        """B3: resend after 60 seconds."""
        challenge = self.challenges._find(self._ask())
        self.assertIn(challenge._get_wait_seconds(), range(55, 61))
        self._age(challenge, 60)
        self.assertEqual(challenge._get_wait_seconds(), 0)

    def test_brake_holds_strangers_and_lets_known_devices_pass(self):
        self.env["ir.config_parameter"].set_param("customer_portal_otp.wrong_day", "2")
        spent = self._ask()
        for _try in range(2):
            self._prove(spent, self._make_wrong(self._read_code(spent)))
        token = self._ask()
        code = self._read_code(token)
        with self.assertLogs("odoo.addons.customer_portal_otp", "WARNING"):
            self.assertEqual(self._prove(token, code).outcome, PAUSED)
        self.assertEqual(self._prove(token, code, is_trusted=True).outcome, PROVEN)

    def test_old_rows_are_swept_after_a_day(self):
        young, old = self._ask(), self._ask(email="old@member.example")
        self._age(self.challenges._find(old), 90000)
        self.challenges._gc_challenges()
        self.assertTrue(self.challenges._find(young))
        self.assertFalse(self.challenges._find(old))
