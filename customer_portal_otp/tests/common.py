"""Builders for the tests of signing in by code."""

import os
import re
from unittest.mock import patch

from odoo.tests import TransactionCase
from odoo.tools import SQL

from odoo.addons.mail.tests.common import MockEmail

from ..engine.ask import Ask

KEY = "a key for tests only, long enough to be one"
CODE_LINK = re.compile(r"/my/sign-in/code#code=(\d{8})")


class PortalOtpCommon(MockEmail, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(os.environ, {"PORTAL_OTP_KEY": KEY}))
        os.environ.pop("PORTAL_OTP_KEY_FILE", None)
        cls.company = cls.env.company
        cls.company.write(
            {
                "email": "info@club.example",
                "is_portal_access_by_code": True,
                "portal_sign_in_unknown": "mail",
            }
        )
        cls.challenges = cls.env["portal.sign.in.challenge"].sudo()
        # Codes asked for outside the test must not count in it.
        cls.env["portal.sign.in.request"].sudo().search([]).unlink()
        cls.challenges.search([]).unlink()
        cls.member = cls._create_member()

    @classmethod
    def _create_member(cls, **values):
        vals = {"name": "Mia Member", "email": "mia@member.example", "lang": "en_US"}
        return cls.env["res.partner"].create(vals | values)

    @classmethod
    def _create_portal_user(cls, partner, **values):
        vals = {
            "partner_id": partner.id,
            "login": partner.email,
            "group_ids": [(6, 0, [cls.env.ref("base.group_portal").id])],
        }
        users = cls.env["res.users"].with_context(no_reset_password=True)
        return users.create(vals | values)

    def _prepare_ask(self, email="mia@member.example", **values):
        vals = {
            "email": email,
            "ip": "192.0.2.1",
            "lang": "en_US",
            "company_id": self.company.id,
            "base_url": "https://club.example",
        }
        return Ask(**(vals | values))

    def _ask(self, email="mia@member.example", **values):
        """Ask for a code; return the browser's token."""
        return self._asked(email, **values).token

    def _asked(self, email="mia@member.example", **values):
        with self.enter_registry_test_mode():
            asked = self.challenges._ask(self._prepare_ask(email, **values))
        self.challenges.invalidate_model()
        return asked

    def _prove(self, token, code, **values):
        with self.enter_registry_test_mode():
            proof = self.challenges._prove(token, code, **values)
        self.challenges.invalidate_model()
        return proof

    def _read_code(self, token):
        """Return the code of a challenge whose mail has not left yet."""
        challenge = self.challenges._find(token)
        return challenge._get_keyed().unseal(challenge.sealed_code)

    def _make_wrong(self, code):
        return f"{(int(code) + 1) % 10**8:08d}"

    def _send_mails(self):
        """Run the mail lane; return the mails it sent."""
        with (
            self.mock_mail_gateway(mail_unlink_sent=True),
            self.enter_registry_test_mode(),
        ):
            self.env.ref(
                "customer_portal_otp.ir_cron_sign_in_mail"
            ).method_direct_trigger()
        self.challenges.invalidate_model()
        return list(self._mails)

    def _age(self, challenge, seconds):
        """Make a challenge older (the database's clock cannot be frozen)."""
        self.env.cr.execute(
            SQL(
                """UPDATE portal_sign_in_challenge
                      SET date_expires = date_expires - %(age)s * interval '1 second',
                          create_date = create_date - %(age)s * interval '1 second'
                    WHERE id = %(id)s""",
                age=seconds,
                id=challenge.id,
            )
        )
        challenge.invalidate_recordset()
