import secrets
import time

from odoo import models
from odoo.exceptions import AccessDenied, UserError
from odoo.http import request

from ..clients.http_client import USER_AGENT
from ..clients.oauth import OAuthClient
from ..const import CALLBACK_PATH, OAUTH_SESSION_KEY
from ..engine.oauth import authorize_url, challenge, token_values
from ..exceptions import AuthError, ProviderError
from .own_transaction import in_own_transaction
from .token_source import ConnectionTokens


class ServiceConnection(models.Model):
    """Signing in at the service: OAuth2 (RFC 6749) with state and PKCE (RFC 7636)."""

    _inherit = "service.connection"

    def _get_redirect_uri(self) -> str:
        """Return the address the service sends people back to."""
        return f"{self.get_base_url().rstrip('/')}{CALLBACK_PATH}"

    def _get_oauth_client(self, values: dict | None = None) -> OAuthClient:
        """Return the client for the service's token endpoint."""
        self.ensure_one()
        spec = self._get_spec()
        values = self._get_credentials() if values is None else values
        client = OAuthClient(
            spec=spec.oauth,
            client_id=str(values.get("client_id") or ""),
            client_secret=str(values.get("client_secret") or ""),
            base_url=self._get_base_url(spec.oauth.token_role),
            user_agent=USER_AGENT,
        )
        client.provider = self.provider
        return client

    def _ask_token(self, values: dict) -> dict:
        """Return a new token answer for the stored credentials.

        :raises AuthError: there is nothing to renew with, or the service refuses
        """
        client = self._get_oauth_client(values)
        if self.auth_kind == "oauth_client":
            return client.client_credentials()
        if not values.get("refresh_token"):
            raise AuthError(
                f"The sign-in at {self._get_spec().name} is over.", reason="credentials"
            )
        return client.refresh(values["refresh_token"], self._extra_params(values))

    def _extra_params(self, values: dict) -> dict:
        keys = self._get_spec().oauth.callback_params
        return {key: str(values[key]) for key in keys if values.get(key)}

    def _revoke_token(self):
        """Tell the service, where it has a way to, that the token is no longer used."""
        self.ensure_one()
        spec = self._get_spec()
        if not spec.oauth or not spec.oauth.revoke_path or not self._has_credentials():
            return
        if not self._get_credentials().get("access_token"):
            return
        # One that works: with a token that is over nothing can be asked.
        access = ConnectionTokens(self).current()
        values = self._get_credentials()
        token = values.get("refresh_token") or access
        self._get_oauth_client(values).revoke(str(token), bearer=access)

    # --- The way there --------------------------------------------------------------

    def _start_oauth(self, values: dict) -> str:
        """Store the client's credentials and return the address to send people to.

        :param values: ``client_id`` and ``client_secret``
        """
        self.ensure_one()
        spec = self._get_spec()
        self._set_credentials(values)
        self._update_state(("disconnected", "choosing", "error"), "connecting")
        state, verifier = self.env["service.oauth.state"]._open(
            self, self._session_nonce()
        )
        params = {
            "response_type": "code",
            "client_id": str(values.get("client_id") or ""),
            "redirect_uri": self._get_redirect_uri(),
            "state": state,
            **spec.oauth.extra_authorize,
        }
        if spec.oauth.scopes:
            params["scope"] = " ".join(spec.oauth.scopes)
        if spec.oauth.pkce:
            params["code_challenge"] = challenge(verifier)
            params["code_challenge_method"] = "S256"
        base_url = self._get_base_url(spec.oauth.authorize_role)
        return authorize_url(base_url, spec.oauth.authorize_path, params)

    def _session_nonce(self) -> str:
        """Return a value that only this browser session has."""
        if not request:
            raise UserError(
                self.env._("Connect from the browser you are signed in with.")
            )
        nonce = request.session.get(OAUTH_SESSION_KEY)
        if not nonce:
            nonce = request.session[OAUTH_SESSION_KEY] = secrets.token_urlsafe(32)
        return nonce

    # --- The way back ---------------------------------------------------------------

    def _finish_oauth(self, state: str, params: dict, nonce: str):
        """Trade the code for tokens and connect.

        Three transactions, each on disk before the next: the state is used up, the
        tokens are stored, the connection is tested. Nothing is done twice when Odoo
        repeats the request.

        :param state: as it came back
        :param params: the other query values
        :param nonce: of the session the callback came in with
        :returns: the connection
        :raises AccessDenied: unknown, used or old state, or another session
        :raises ProviderError: the service refuses
        """
        user_id = self.env.uid
        connection_id, verifier = in_own_transaction(
            self.env,
            lambda env: env["service.oauth.state"]._consume(state, user_id, nonce),
        )
        connection = self.browse(connection_id)
        try:
            in_own_transaction(
                self.env,
                lambda env: (
                    env[self._name]
                    .browse(connection_id)
                    ._exchange_code(params, verifier)
                ),
                tries=1,
            )
            in_own_transaction(
                self.env,
                lambda env: (
                    env[self._name].browse(connection_id)._complete_connection()
                ),
            )
        except ProviderError as err:
            in_own_transaction(
                self.env,
                lambda env, err=err: (
                    env[self._name].browse(connection_id)._refuse_connection(err)
                ),
            )
            raise
        return connection

    def _exchange_code(self, params: dict, verifier: str):
        self.ensure_one()
        if not self._has_credentials():
            raise AccessDenied()
        spec = self._get_spec()
        values = self._get_credentials()
        values.update(
            {key: params[key] for key in spec.oauth.callback_params if params.get(key)}
        )
        answer = self._get_oauth_client(values).exchange(
            params["code"],
            self._get_redirect_uri(),
            verifier if spec.oauth.pkce else None,
            self._extra_params(values),
        )
        values.update(token_values(answer, time.time()))
        self._store_renewed(values)

    def _refuse_connection(self, err: ProviderError):
        """Note why connecting did not work; the person tries again from the card."""
        self._update_state(("connecting",), "error")
        self.write(
            {"last_error": self._in_language()._words(err), "date_next_sync": False}
        )
