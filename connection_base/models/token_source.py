"""The access token of a connection, as the HTTP client asks for it."""

import time

from ..engine.oauth import needs_renewal


class ConnectionTokens:
    """Gives the stored token, and a new one when it is over or refused.

    One object serves one client: it keeps the newest token in memory, since the
    transaction around it may go on seeing the old row.
    """

    def __init__(self, connection) -> None:
        self._connection = connection
        self._token = ""
        self._expires_at = None

    def current(self) -> str:
        """Return a token that should work now."""
        if not self._token:
            self._keep(self._connection._get_credentials())
        if not self._token or needs_renewal(self._expires_at, time.time()):
            return self.renew(self._token)
        return self._token

    def renew(self, stale: str) -> str:
        """Return another token than ``stale``.

        :raises AuthError: only a person can help: connect again
        """
        self._keep(self._connection._renew_token(stale))
        return self._token

    def _keep(self, values: dict) -> None:
        self._token = values.get("access_token") or ""
        self._expires_at = values.get("expires_at")
