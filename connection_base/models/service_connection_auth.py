import logging
import os
import time

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..clients.auth import RenewingBearerAuth
from ..clients.http_client import USER_AGENT
from ..engine.oauth import needs_renewal, token_values
from ..engine.vault import Vault, VaultError, load_vault
from ..exceptions import AuthError
from .own_transaction import in_own_transaction
from .rate_limiter import DatabaseRateLimiter
from .token_source import ConnectionTokens

_logger = logging.getLogger(__name__)

UNSAVED = "connection_base.unsaved_credentials"


class ServiceConnection(models.Model):
    """Credentials of a connection and what a client needs of them."""

    _inherit = "service.connection"

    # --- The key ------------------------------------------------------------------

    def _get_vault(self) -> Vault:
        """Return what locks and unlocks the credentials.

        :raises UserError: the key is missing or unusable; the text says what to do
        """
        try:
            return load_vault(os.environ)
        except VaultError as err:
            raise UserError(self._vault_words(err)) from err

    def _vault_words(self, err: VaultError) -> str:
        """Return the sentence people read about the encryption key."""
        words = {
            "missing": self.env._(
                "There is no encryption key for credentials on this server. Set "
                "CONNECTION_BASE_KEY, or CONNECTION_BASE_KEY_FILE with the path of a "
                "key file, and restart Odoo. Nothing was changed."
            ),
            "unreadable": self.env._(
                "The file with the encryption key cannot be read by Odoo. "
                "Nothing was changed."
            ),
            "permissions": self.env._(
                "The file with the encryption key may be read by others. Set its "
                "permissions to 0600. Nothing was changed."
            ),
            "malformed": self.env._(
                "The encryption key of this server is not a valid Fernet key. "
                "Nothing was changed."
            ),
            "wrong": self.env._(
                "The credentials were locked with another encryption key than the one "
                "of this server. Put the old key behind the new one, separated by a "
                "comma, or connect again. Nothing was changed."
            ),
        }
        return words[err.reason]

    # --- Credentials --------------------------------------------------------------

    def _set_credentials(self, values: dict):
        """Replace the stored credentials.

        :param values: plain values by key; empty ones are left out
        :raises UserError: the encryption key is missing or unusable
        """
        self.ensure_one()
        kept = {key: value for key, value in values.items() if value}
        locked = self._get_vault().lock(kept, owner=str(self.id))
        credential_sudo = self._credential_sudo()
        data = {"payload": locked, "key_fingerprint": self._get_vault().fingerprint}
        if credential_sudo:
            credential_sudo.write(data)
        else:
            credential_sudo.create({"connection_id": self.id, **data})
        credential_sudo.flush_model()
        # Until this transaction ends nobody else can see or lock the row.
        self.env.cr.postcommit.data.setdefault(UNSAVED, set()).add(self.id)

    def _get_credentials(self) -> dict:
        """Return the plain credentials; keep them out of logs, fields and texts.

        :raises UserError: the encryption key is missing or another one
        """
        self.ensure_one()
        credential_sudo = self._credential_sudo()
        if not credential_sudo:
            return {}
        return self._unlock(credential_sudo.payload)

    def _has_credentials(self) -> bool:
        """Return whether credentials are stored, readable or not."""
        self.ensure_one()
        return bool(self._credential_sudo())

    def _credential_sudo(self):
        # Credentials are for administrators; our own code works for every user.
        return (
            self.env["service.credential"]
            .sudo()
            .search([("connection_id", "=", self.id)], limit=1)
        )

    def _unlock(self, locked: str) -> dict:
        try:
            return self._get_vault().unlock(locked, owner=str(self.id))
        except VaultError as err:
            raise UserError(self._vault_words(err)) from err

    # --- Clients ------------------------------------------------------------------

    def _get_client_options(self, role: str = "api") -> dict:
        """Return the keyword arguments for an ``HttpClient``.

        :param role: which host of the spec
        :returns: ``base_url``, ``auth`` (``None`` for an API key: the client knows how
            its service wants it), ``rate_limiter``, ``user_agent``, ``secrets``
        """
        self.ensure_one()
        spec = self._get_spec()
        auth = None
        if self.auth_kind in ("oauth_code", "oauth_client"):
            auth = RenewingBearerAuth(ConnectionTokens(self))
        limiter = None
        if spec.rate_limit:
            shared = spec.rate_limit.shared
            owner = self._get_base_url(role) if shared else self.id
            key = f"{self.provider}:{owner}"
            limiter = DatabaseRateLimiter(self.env, key, spec.rate_limit)
        return {
            "base_url": self._get_base_url(role),
            "auth": auth,
            "rate_limiter": limiter,
            "user_agent": USER_AGENT,
            "secrets": self._get_secrets(),
        }

    def _get_secrets(self) -> list[str]:
        """Return the values that must be masked in logs and errors."""
        secret_keys = self._get_spec().secret_keys(self.auth_kind or "")
        values = self._get_credentials()
        return [str(values[key]) for key in secret_keys if values.get(key)]

    # --- Tokens -------------------------------------------------------------------

    def _renew_token(self, stale: str) -> dict:
        """Return credentials with another access token than ``stale``.

        Two workers may come here at the same moment. The row of the credentials is
        locked in a transaction of its own, read again, and only who still finds the
        stale token asks the service; the answer is on disk before the lock goes, so
        that a refresh token that can be used once is never lost.

        :raises AuthError: only a person can help
        """
        self.ensure_one()
        if self.id in self.env.cr.postcommit.data.get(UNSAVED, ()):
            return self._renew_token_locked(stale)
        try:
            return in_own_transaction(
                self.env,
                lambda env: env[self._name].browse(self.id)._renew_token_locked(stale),
            )
        except AuthError as err:
            self._note_auth_error(err)
            raise

    def _renew_token_locked(self, stale: str) -> dict:
        """Renew under the row's lock; part of :meth:`_renew_token`."""
        # SQL: the lock and the newest value in one statement, past every cache.
        self.env.cr.execute(
            SQL(
                "SELECT payload FROM service_credential"
                " WHERE connection_id = %s FOR UPDATE",
                self.id,
            ),
            log_exceptions=False,
        )
        row = self.env.cr.fetchone()
        if not row:
            raise AuthError(
                f"{self._get_spec().name} is not connected.", reason="credentials"
            )
        values = self._unlock(row[0])
        token = values.get("access_token") or ""
        over = needs_renewal(values.get("expires_at"), time.time())
        if token and token != stale and not over:
            return values
        values.update(token_values(self._ask_token(values), time.time(), values))
        self._store_renewed(values)
        return values

    def _store_renewed(self, values: dict):
        vault = self._get_vault()
        self._credential_sudo().write(
            {
                "payload": vault.lock(values, owner=str(self.id)),
                "key_fingerprint": vault.fingerprint,
            }
        )
        _logger.info("connection %s: access token renewed", self.id)

    def _note_auth_error(self, err: AuthError):
        """Write the error even when the caller's transaction is undone.

        Skipped while somebody holds the connection: who holds it writes the error.
        """

        def work(env):
            connection = env[self._name].browse(self.id)
            if connection.state == "error" and connection.last_error:
                return
            if connection.try_lock_for_update(allow_referencing=True):
                connection._mark_error(err)

        in_own_transaction(self.env, work)
