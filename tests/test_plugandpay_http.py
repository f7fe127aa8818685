"""Plug&Pay connected and disconnected over HTTP: its sandbox's book is the judge."""

from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import requests

from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

from tests.sandbox.client import SandboxClient
from tests.sandbox.plugandpay.testing import EVA, Api, filled
from tests.sandbox.testing import http, running_sandbox

CLIENT = {"value_1": "7", "value_2": "sandbox-secret"}


@tagged("post_install", "-at_install")
class TestPlugAndPayHttp(SubscriptionCommon, HttpCase):
    """An administrator signs in there, and lets go of it again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        sandbox = stack.enter_context(running_sandbox())
        cls.sandbox = SandboxClient(sandbox.url)
        cls.api = Api(sandbox.url, cls.sandbox)
        filled(cls.api)
        cls.admin = new_test_user(
            cls.env,
            "plugandpay_admin",
            "base.group_user,base.group_system",
            email="office@club.example",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.connection = cls._create_plugandpay(
            state="disconnected",
            environment="test",
            test_base_url=cls.api.base,
            responsible_id=cls.admin.id,
        )

    def _call(self, model, method, args, route="call_kw"):
        return self.make_jsonrpc_request(
            f"/web/dataset/{route}/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": {}},
        )

    def _press_connect(self):
        """Fill in the form and press *Connect*; return the way to Plug&Pay."""
        model = "service.connect.wizard"
        values = {
            "connection_id": self.connection.id,
            "environment": "test",
            "test_base_url": self.api.base,
            "auth_kind": "oauth_code",
            **CLIENT,
        }
        wizard = self._call(model, "create", [values])
        action = self._call(model, "action_connect", [[wizard]], "call_button")
        return action["url"]

    def _sign_in_there(self, url):
        """Allow it on Plug&Pay's own page; return the address it sends back to."""
        page = http.get(url)
        self.assertEqual(page.status_code, 200, page.text[:300])
        data = {key: row[0] for key, row in parse_qs(urlsplit(url).query).items()}
        answer = requests.post(
            url.partition("?")[0],
            data={**data, "answer": "allow"},
            allow_redirects=False,
            timeout=10,
        )
        return urlsplit(answer.headers["Location"])

    def _connect(self):
        self.authenticate("plugandpay_admin", "plugandpay_admin")
        back = self._sign_in_there(self._press_connect())
        answer = self.url_open(f"{back.path}?{back.query}", allow_redirects=False)
        self.assertEqual(answer.status_code, 303, answer.text[:300])
        self.env.invalidate_all()

    def _sync(self):
        with self.enter_registry_test_mode():
            self.env.ref("connection_base.ir_cron_sync").method_direct_trigger()
        self.env.invalidate_all()

    def _find(self):
        return self.env["subscription.subscription"].search(
            [("connection_id", "=", self.connection.id)]
        )

    def _ask_with(self, token):
        """Return what Plug&Pay answers to somebody who has this token."""
        url = self.api.base.removesuffix("/plugandpay")
        return Api(url, self.sandbox, token).get("/v2/auth/tenants/me").status_code

    def test_signing_in_connects_imports_and_disconnecting_lets_go(self):
        """H4, H5, H7, H8: sign in at Plug&Pay, import, mail; then the way back."""
        self._connect()
        self.assertEqual(self.connection.state, "connected")
        self.assertTrue(self.connection.account_label)
        self.assertTrue(self.connection.plugandpay_date_activated)
        token = self.connection._get_credentials()["access_token"]
        self.assertEqual(self._ask_with(token), 200)
        rules = self.api.data("/v2/rules")
        self.assertEqual(len(rules), 1)
        self._sync()
        found = self._find()
        self.assertEqual(found.partner_id.email, EVA["email"], "the active one alone")
        self.assertEqual(found.collection, "outside")
        run = self.connection.run_ids.filtered(lambda run: run.kind == "import")
        self.assertEqual(run.state, "done")
        mails = self.env["mail.mail"].search([("model", "=", "service.sync.run")])
        self.assertIn(self.admin.partner_id, mails.recipient_ids)

        # Away again: what it does stands next to the button, and happens there too.
        effects = " ".join(self.connection._get_disconnect_effects())
        self.assertIn("goes on billing", effects)
        asked = len(self.sandbox.requests("plugandpay"))
        self._disconnect()
        self.assertEqual(self.connection.state, "disconnected")
        self.assertFalse(self.connection.plugandpay_date_activated)
        self.assertEqual(self.api.data("/v2/rules"), [])
        self.assertFalse(self.connection._get_credentials())
        made = self.sandbox.requests("plugandpay")[asked:]
        self.assertTrue([row for row in made if row["method"] == "DELETE"])
        self.assertEqual(self._ask_with(token), 401, "of no use to anybody")

        # Nothing is asked any more, nothing is lost here, and it can come back.
        asked = len(self.sandbox.requests("plugandpay"))
        self._sync()
        self.assertEqual(len(self.sandbox.requests("plugandpay")), asked)
        self.assertEqual(self._find(), found)
        self.assertEqual(found.state, "active")
        self._connect()
        self._sync()
        self.assertEqual(self._find(), found, "brought over once")

    def _disconnect(self):
        model = "service.disconnect.wizard"
        wizard = self._call(model, "create", [{"connection_id": self.connection.id}])
        self._call(model, "action_disconnect", [[wizard]], "call_button")
        self.env.invalidate_all()
