"""A web server in the test that takes in webhooks and remembers them."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """Use as a context manager; ``url`` is where the hooks go.

    ``hooks`` holds (headers, body) in the order of arrival; ``status`` is what the
    receiver answers, a list is answered one by one and its last for ever.

    >>> with Receiver() as receiver:
    ...     receiver.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self):
        self.hooks = []
        self.status = 200
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                receiver._take(dict(self.headers), self.rfile.read(length))
                self.send_response(receiver._next_status())
                self.end_headers()

            def log_message(self, *_args):
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def __enter__(self):
        options = {"poll_interval": 0.02}
        target = self._server.serve_forever
        threading.Thread(target=target, kwargs=options, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self._server.shutdown()
        self._server.server_close()

    def _next_status(self):
        if isinstance(self.status, int):
            return self.status
        return self.status.pop(0) if len(self.status) > 1 else self.status[0]

    def _take(self, headers, body):
        with self._arrived:
            self.hooks.append((headers, body))
            self._arrived.notify_all()

    def wait(self, count=1, seconds=5):
        """The hooks so far, as soon as there are ``count`` of them.

        :raises TimeoutError: when they do not come
        """
        end = time.monotonic() + seconds
        with self._arrived:
            while len(self.hooks) < count:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"{len(self.hooks)} of {count} webhooks came")
                self._arrived.wait(left)
            return list(self.hooks)
