"""A service that exists in tests only.

Its codes are put into the selection and its spec and hooks into the model class for
the time of a test class, above whatever the installed addons do.
"""

from unittest.mock import patch

from odoo.exceptions import AccessDenied

from odoo.addons.connection_base.clients.auth import BearerAuth
from odoo.addons.connection_base.clients.http_client import HttpClient
from odoo.addons.connection_base.engine.provider_spec import (
    CredentialField,
    OAuthSpec,
    ProviderSpec,
    RateLimit,
)

KEY_FIELDS = (CredentialField("api_key", "API key"),)
CLIENT_FIELDS = (
    CredentialField("client_id", "Client ID", secret=False),
    CredentialField("client_secret", "Client secret"),
)
OAUTH = OAuthSpec(
    authorize_path="/oauth/authorize",
    token_path="/oauth/token",
    scopes=("read", "write"),
    pkce=True,
    callback_params=("tenant_id",),
    extra_authorize={"step": "choose"},
    revoke_path="/oauth/revoke",
)
SPECS = {
    "fake": ProviderSpec(
        code="fake",
        name="Fake",
        hosts={"live": {"api": "https://api.fake.example"}},
        auth=("api_key",),
        credentials={"api_key": KEY_FIELDS},
        webhook=True,
        description="A service for tests",
    ),
    "fake_limited": ProviderSpec(
        code="fake_limited",
        name="Fake with a limit",
        hosts={"live": {"api": "https://api.fake.example"}},
        auth=("api_key",),
        credentials={"api_key": KEY_FIELDS},
        rate_limit=RateLimit(calls=2, seconds=60),
        multiple=False,
        sync_minutes=0,
    ),
    "fake_oauth": ProviderSpec(
        code="fake_oauth",
        name="Fake sign-in",
        hosts={
            "live": {
                "api": "https://api.fake.example",
                "auth": "https://my.fake.example",
            }
        },
        auth=("oauth_code", "oauth_client"),
        credentials={"oauth_code": CLIENT_FIELDS, "oauth_client": CLIENT_FIELDS},
        oauth=OAUTH,
    ),
}


class FakeClient(HttpClient):
    provider = "fake"
    idempotency_header = "Idempotency-Key"

    def whoami(self):
        return self.get_json("/me")


class FakeProviderMixin:
    """Adds the fake services; ``cls.hooks`` holds what the tests want them to do."""

    @classmethod
    def _set_up_providers(cls):
        """Call in `setUpClass`."""
        cls.hooks = {}
        model = cls.registry["service.connection"]
        field = model._fields["provider"]
        selection = [*field.selection, *((code, s.name) for code, s in SPECS.items())]
        cls.startClassPatcher(patch.object(field, "selection", selection))
        known = dict.fromkeys(code for code, _label in selection)
        cls.startClassPatcher(patch.object(field, "_selection", known))
        for name in (
            "_provider_specs",
            "_get_client",
            "_list_accounts",
            "_test_connection",
            "_sync",
            "_on_connected",
            "_on_disconnected",
            "_verify_webhook",
            "_handle_webhook_event",
        ):
            original = getattr(model, name)
            fake = cls._make_hook(name, original)
            cls.startClassPatcher(patch.object(model, name, fake))

    @classmethod
    def _make_hook(cls, name, original):
        hooks = cls.hooks

        def fake(self, *args):
            if name == "_provider_specs":
                return original(self) | SPECS
            if self.provider not in SPECS:
                return original(self, *args)
            return hooks.get(name, DEFAULTS.get(name, original))(self, *args)

        return fake

    def setUp(self):
        super().setUp()
        self.hooks.clear()


def _get_client(self):
    options = self._get_client_options()
    if self.auth_kind == "api_key":
        options["auth"] = BearerAuth(self._get_credentials()["api_key"])
    return FakeClient(**options)


def _test_connection(self):
    answer = self._get_client().whoami()
    return {"account_ref": answer["id"], "account_label": answer["name"]}


def _verify_webhook(self, headers, body, params):
    if headers.get("x-signature") != "good":
        raise AccessDenied()
    return params.get("id") or body.decode()[:40]


DEFAULTS = {
    "_get_client": _get_client,
    "_test_connection": _test_connection,
    "_verify_webhook": _verify_webhook,
}
