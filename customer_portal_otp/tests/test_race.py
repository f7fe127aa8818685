"""R9(c): many checks of the right code at once, exactly one success.

Real cursors and threads, outside the test's transaction: nothing of a test
mode stands between the code and the database.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from ..engine.ask import PROVEN, WRONG, Ask
from .common import KEY
from .test_rigs import record_figure

IS_LONG = os.environ.get("SUITE_LONG") == "1"
RACES = 1000 if IS_LONG else 10
PARALLEL = 50 if IS_LONG else 10
EMAIL = "race@member.example"


@tagged("post_install", "-at_install")
class TestRace(BaseCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(os.environ, {"PORTAL_OTP_KEY": KEY}))
        self.registry = Registry(get_db_name())
        # Each check has its request's connection and one for the code: all of them at
        # once are more than one server of Odoo opens by itself.
        self._work(lambda env: env.cr.dbname)
        self.enterContext(patch.object(sql_db._Pool, "_maxconn", 3 * PARALLEL))
        self.addCleanup(self._clean)
        self._run("set_up")

    def _work(self, work):
        with db_connect(get_db_name()).cursor() as cr:
            return work(api.Environment(cr, SUPERUSER_ID, {}))

    def _run(self, stage):
        def sweep(env):
            env["portal.sign.in.challenge"].search([("email", "=", EMAIL)]).unlink()
            env["portal.sign.in.request"].search([]).unlink()
            cron = env.ref("customer_portal_otp.ir_cron_sign_in_mail")
            env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()

        self.assertIn(stage, ("set_up", "clean"))
        self._work(sweep)

    def _clean(self):
        self._run("clean")

    def _new_code(self):
        def ask(env):
            challenges = env["portal.sign.in.challenge"]
            asked = challenges._ask(
                Ask(
                    email=EMAIL,
                    ip="192.0.2.1",
                    lang="en_US",
                    company_id=env.ref("base.main_company").id,
                    base_url="https://club.example",
                    is_known_device=True,
                )
            )
            return asked.token

        token = self._work(ask)

        def read(env):
            challenge = env["portal.sign.in.challenge"]._find(token)
            return challenge._get_keyed().unseal(challenge.sealed_code)

        return token, self._work(read)

    def _race(self, work):
        barrier = Barrier(PARALLEL)

        def one(_number):
            barrier.wait(timeout=30)
            return self._work(work)

        with ThreadPoolExecutor(PARALLEL) as pool:
            return list(pool.map(one, range(PARALLEL)))

    @mute_logger("odoo.sql_db")
    def test_parallel_checks_of_the_right_code_succeed_once(self):
        begin = time.monotonic()
        for number in range(RACES):
            self._run("set_up")
            token, code = self._new_code()
            outcomes = self._race(
                lambda env, t=token, c=code: (
                    env["portal.sign.in.challenge"]._prove(t, c).outcome
                )
            )
            self.assertEqual(outcomes.count(PROVEN), 1, f"race {number}: {outcomes}")
        record_figure("races", "races of parallel right codes", RACES)
        record_figure("races", "connections checking at once in each", PARALLEL)
        seconds = f"{time.monotonic() - begin:.0f}"
        record_figure("races", "time they took", seconds, "s")

    @mute_logger("odoo.sql_db")
    def test_parallel_wrong_codes_get_five_tries_together(self):
        token, code = self._new_code()
        wrong = f"{(int(code) + 1) % 10**8:08d}"
        outcomes = self._race(
            lambda env: env["portal.sign.in.challenge"]._prove(token, wrong).outcome
        )
        self.assertEqual(outcomes.count(WRONG), 4)
        found = self._work(
            lambda env: (
                env["portal.sign.in.challenge"]
                ._find(token)
                .mapped(lambda c: (c.state, c.attempts))
            )
        )
        self.assertEqual(found, [("closed", 5)])

    @mute_logger("odoo.sql_db")
    def test_parallel_requests_keep_the_limit_of_a_mailbox(self):
        def ask(env):
            return (
                env["portal.sign.in.challenge"]
                ._ask(
                    Ask(
                        email=EMAIL,
                        ip="192.0.2.1",
                        lang="en_US",
                        company_id=env.ref("base.main_company").id,
                        base_url="https://club.example",
                    )
                )
                .reason
            )

        reasons = self._race(ask)
        self.assertEqual(reasons.count(""), 5)
        self.assertEqual(reasons.count("mailbox"), PARALLEL - 5)
