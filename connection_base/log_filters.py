"""Nothing secret in the logs of the libraries under us.

The web server logs the address of each request; the callback's has the code and the
state in it, a webhook's its token. The HTTP library logs the address of a call that
it repeats. Both are masked where they are written.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .engine.redaction import MASK, redact

_CALLBACK = re.compile(r"(/connection/oauth/callback)\?[^\s\"']*")
_WEBHOOK = re.compile(r"(/connection/webhook/[^/\s]+/)[^\s\"'?]+")
_QUERY = re.compile(r"\?[^\s\"')]+")
_calling: ContextVar[frozenset[str] | None] = ContextVar("calling", default=None)


def mask_route(text: str) -> str:
    """Return a line of the web server's log without our secrets.

    >>> mask_route("GET /connection/oauth/callback?code=1&state=2 HTTP/1.1")
    'GET /connection/oauth/callback?[…] HTTP/1.1'
    >>> mask_route("POST /connection/webhook/mollie/abc HTTP/1.1")
    'POST /connection/webhook/mollie/[…] HTTP/1.1'
    """
    text = _CALLBACK.sub(rf"\1?{MASK}", text)
    return _WEBHOOK.sub(rf"\1{MASK}", text)


@contextmanager
def calling(secrets: Iterable[str]) -> Iterator[None]:
    """Mask queries and ``secrets`` in what the HTTP library logs meanwhile."""
    token = _calling.set(frozenset(secrets))
    try:
        yield
    finally:
        _calling.reset(token)


class RouteFilter(logging.Filter):
    """Masks our routes in the web server's access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Override of `logging.Filter` to change the record, never to drop it."""
        if "/connection/" in (text := record.getMessage()):
            record.msg, record.args = mask_route(text), None
        return True


class CallFilter(logging.Filter):
    """Masks queries and secrets of our own calls in the HTTP library's log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Override of `logging.Filter` to change the record, never to drop it."""
        secrets = _calling.get()
        if secrets is not None:
            text = redact(record.getMessage(), secrets)
            record.msg, record.args = _QUERY.sub(f"?{MASK}", text), None
        return True


def install_log_filters() -> None:
    """Put the filters in place, once."""
    for name, kind in (
        ("werkzeug", RouteFilter),
        ("urllib3.connectionpool", CallFilter),
        ("urllib3.util.retry", CallFilter),
    ):
        logger = logging.getLogger(name)
        if not any(isinstance(item, kind) for item in logger.filters):
            logger.addFilter(kind())
