"""Rate limits in windows of a minute, told in every answer."""

import re
import threading

from .clock import CLOCK

WINDOW = 60
DEFAULT_LIMIT = 1000
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class Limits:
    """Counts calls; the setting ``rate_limit`` is the maximum per window.

    :param Book book: for the setting
    """

    def __init__(self, book):
        self.book = book
        self._lock = threading.Lock()
        self._windows = {}

    def count(self, request, who, per_route=True):
        """Count one call. :return: seconds to wait, 0 when it may go on"""
        limit = self.book.setting("rate_limit", DEFAULT_LIMIT)
        route = (who,)
        if per_route:
            route = (who, request.method, _ID.sub("*", request.path))
        now = CLOCK.epoch()
        with self._lock:
            start, calls = self._windows.get(route, (now, 0))
            if now >= start + WINDOW or now < start:
                start, calls = now, 0
            over = calls >= limit
            self._windows[route] = (start, calls + (not over))
        reset = start + WINDOW
        request.environ["sandbox.rate"] = (limit, max(0, limit - calls - 1), reset)
        return reset - now if over else 0

    def clear(self):
        with self._lock:
            self._windows.clear()

    @staticmethod
    def headers(request):
        """The headers for an answer to a counted call."""
        if "sandbox.rate" not in request.environ:
            return {}
        limit, remaining, reset = request.environ["sandbox.rate"]
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(reset),
        }
