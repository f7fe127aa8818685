"""R9: guesses and enumeration, at one per cent here, in full with ``--long``."""

import os
import re
import statistics
import time
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged

from ..engine.ask import CLOSED, PROVEN, WRONG
from .common import KEY
from .http_common import Browser, PortalOtpHttpCommon

IS_LONG = os.environ.get("SUITE_LONG") == "1"
GUESSES = 100_000 if IS_LONG else 1_000
GUESSES_PER_CODE = 10
ASKS = 200 if IS_LONG else 20


def record_figure(test, what, value, unit=""):
    """Print a figure at the end of the suite, where its plugin is there."""
    try:
        from setup.lib.pytest_plugin import record
    except ImportError:
        return
    record(test, what, value, unit)


@tagged("post_install", "-at_install")
class TestGuesses(BaseCase):
    """Real transactions: nothing of a test mode stands before the database."""

    EMAIL = "guess@member.example"

    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(os.environ, {"PORTAL_OTP_KEY": KEY}))
        self.addCleanup(self._clean)

    def _work(self, work):
        with db_connect(get_db_name()).cursor() as cr:
            return work(api.Environment(cr, SUPERUSER_ID, {}))

    def _clean(self):
        def sweep(env):
            challenges = env["portal.sign.in.challenge"]
            challenges.search([("email", "=", self.EMAIL)]).unlink()
            env["portal.sign.in.request"].search([]).unlink()

        self._work(sweep)

    def _new_code(self, env):
        """Make a code without its mail; return (token, code)."""
        from ..engine.ask import Ask
        from ..engine.keyed import new_token

        challenges = env["portal.sign.in.challenge"]
        keyed, token = challenges._get_keyed(), new_token()
        ask = Ask(
            email=self.EMAIL,
            ip="192.0.2.1",
            lang="en_US",
            company_id=env.ref("base.main_company").id,
            base_url="https://club.example",
        )
        challenge = challenges.create(
            challenges._prepare_challenge_vals(ask, keyed, token)
        )
        return token, keyed.unseal(challenge.sealed_code)

    def test_no_guess_is_accepted_beyond_five_tries(self):
        """100,000 guesses: after five wrong ones the right code opens nothing."""
        accepted = beyond = 0
        for _number in range(GUESSES // GUESSES_PER_CODE):
            token, code = self._work(self._new_code)
            wrong = f"{(int(code) + 1) % 10**8:08d}"

            def guess(env, token=token, wrong=wrong, code=code):
                prove = env["portal.sign.in.challenge"]._prove
                tries = [prove(token, wrong, is_trusted=True) for _try in range(5)]
                rest = [prove(token, code, is_trusted=True) for _try in range(5)]
                return [t.outcome for t in tries], [r.outcome for r in rest]

            tries, rest = self._work(guess)
            self.assertEqual(tries, [WRONG] * 4 + [CLOSED])
            accepted += tries.count(PROVEN)
            beyond += rest.count(PROVEN)
        record_figure("guesses", "guesses", GUESSES)
        record_figure("guesses", "accepted beyond five tries", beyond)
        self.assertEqual((accepted, beyond), (0, 0))


def rank_z(one, other):
    """Return the z value of the rank sum test: how far apart two samples are.

    Between -3.3 and 3.3 the samples cannot be told apart (0.1 %).
    """
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    total = sum(rank for rank, (_value, group) in enumerate(ranked, 1) if group == 0)
    n, m = len(one), len(other)
    mean = n * (n + m + 1) / 2
    return (total - mean) / (n * m * (n + m + 1) / 12) ** 0.5


@tagged("post_install", "-at_install")
class TestEnumeration(PortalOtpHttpCommon):
    def setUp(self):
        super().setUp()
        params = self.env["ir.config_parameter"].sudo()
        for name in ("network_hour", "database_hour", "captcha_from"):
            params.set_param(f"customer_portal_otp.{name}", "100000")

    def _ask_timed(self, email):
        browser = Browser(self)
        browser.get("/my/sign-in")
        begin = time.perf_counter()
        answer = browser.ask(email, allow_redirects=False)
        seconds = time.perf_counter() - begin
        shape = (answer.status_code, answer.headers["Location"], answer.text)
        headers = sorted(set(answer.headers) - {"Date"})
        # The page that follows, without what is the visitor's own.
        page = browser.get("/my/sign-in/code").text.replace(email, "…")
        page = re.sub(r"[0-9a-f]{40}o\d+|data-wait=\"\d+\"", "", page)
        return seconds, (shape, headers, page)

    def test_known_and_unknown_addresses_cannot_be_told_apart(self):
        """Same page, same bytes, same time: medians within 5 ms, ranks alike."""
        known = [f"known{number}@member.example" for number in range(ASKS)]
        for email in known:
            self._create_member(name=email, email=email)
        unknown = [f"nobody{number}@member.example" for number in range(ASKS)]
        self._ask_timed("warm@member.example")
        times, shapes = {0: [], 1: []}, []
        for turn, pair in enumerate(zip(known, unknown, strict=True)):
            # In turns and each first every other time: a busy moment of the machine
            # and what came just before meet both alike.
            for group, email in sorted(enumerate(pair), reverse=bool(turn % 2)):
                seconds, shape = self._ask_timed(email)
                times[group].append(seconds * 1000)
                shapes.append(shape)
        self.assertTrue(all(shape == shapes[0] for shape in shapes))
        one, other = times[0], times[1]
        apart = abs(statistics.median(one) - statistics.median(other))
        z = rank_z(one, other)
        record_figure("enumeration", "medians apart", f"{apart:.2f}", "ms")
        record_figure("enumeration", "rank test z", f"{z:.2f}")
        self.assertLess(abs(z), 3.3)
        if IS_LONG:
            self.assertLess(apart, 5)
