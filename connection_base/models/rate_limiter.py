"""The rate limiter a client is given."""

from odoo import api

from ..engine.provider_spec import RateLimit
from ..exceptions import TemporaryError


class DatabaseRateLimiter:
    """Counts the calls of a connection in the database, for all workers together."""

    def __init__(self, env: api.Environment, key: str, limit: RateLimit) -> None:
        self._env = env
        self._key = key
        self._limit = limit

    def acquire(self) -> None:
        """Take one call.

        :raises TemporaryError: the window is used up; ``retry_after`` says how long
        """
        bucket = self._env["service.rate.bucket"]
        wait = bucket._take(self._key, self._limit.calls, self._limit.seconds)
        if wait > 0:
            raise TemporaryError(
                "The number of calls agreed with the service is used up for now.",
                retry_after=wait,
                reason="quota",
            )
