"""A real HTTP server on loopback that answers from a script."""

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """What the server sends.

    :param body: bytes, or anything JSON can hold
    :param cut: send only so many bytes of the body, then hang up
    :param hang_up: send nothing at all
    :param wait: an event to wait for before answering
    """

    status: int = 200
    body: object = b"{}"
    headers: dict = field(default_factory=dict)
    cut: int | None = None
    hang_up: bool = False
    wait: threading.Event | None = None

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()


@dataclass
class Call:
    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def form(self) -> dict:
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}

    @property
    def route(self) -> str:
        return urlsplit(self.path).path


class LocalServer:
    """Answers each call with the next of ``answers``, the last one for ever.

    ``answers`` may also be a function from a call to an answer.
    """

    def __init__(self, *answers):
        self.answers = deque(answers or [Answer()])
        self.respond = None
        self.calls: list[Call] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                """Say nothing."""

            def _serve(self):
                length = int(self.headers.get("Content-Length") or 0)
                headers = {key.lower(): value for key, value in self.headers.items()}
                body = self.rfile.read(length)
                call = Call(self.command, self.path, headers, body)
                self._send(outer._next(call))

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve

            def _send(self, answer):
                if answer.wait:
                    answer.wait.wait(10)
                self.close_connection = True
                if answer.hang_up:
                    return
                body = answer.encoded()
                self.send_response(answer.status)
                headers = {"Content-Length": str(len(body)), **answer.headers}
                for name, value in headers.items():
                    if value is not None:
                        self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body if answer.cut is None else body[: answer.cut])

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *args: None  # a client that hung up
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def script(self, *answers):
        """Replace the answers and forget the calls."""
        self.answers = deque(answers)
        self.respond = None
        self.calls.clear()

    def _next(self, call) -> Answer:
        with self._lock:
            self.calls.append(call)
            if self.respond:
                return self.respond(call)
            answers = self.answers
            return answers.popleft() if len(answers) > 1 else answers[0]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def free_port() -> int:
    """Return a port on which nobody listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()
    return port
