"""What every service shares: routes, idempotent answers, the log, scenes, its page."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from . import faults as fault_tools
from .clock import CLOCK
from .store import Book

Route = tuple[str, str, Callable[..., Any]]
WRITES = ("POST", "PUT", "PATCH", "DELETE")
SECRET_WORDS = ("secret", "password", "token", "client_secret", "code", "api_key")


class Refusal(Exception):
    """A handler's way to answer with an error; undoes what the handler wrote."""

    def __init__(
        self, status: int, body: Any = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def redacted_auth(value: str | None) -> str | None:
    """:return: kind, first characters and a short digest: enough to tell keys apart"""
    if not value:
        return None
    kind, _space, rest = value.partition(" ")
    digest = hashlib.sha256(rest.encode()).hexdigest()[:8]
    return f"{kind} {rest[:5]}…#{digest}"


def redacted(data: Any) -> Any:
    """:return: the same JSON with secrets masked"""
    if isinstance(data, dict):
        return {
            key: "•••" if key.lower().endswith(SECRET_WORDS) else redacted(value)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [redacted(value) for value in data]
    return data


class Service:
    """One vendor under ``/<name>``. Subclasses set the attributes and :meth:`routes`.

    A handler gets the request (its path is the vendor's own) and the route's variables;
    it returns a dict or list (200), a tuple (body, status) or a werkzeug Response, and
    raises :class:`Refusal` for errors. It runs inside the book's transaction.
    """

    name = ""
    title = ""
    colour = "#444"
    #: request header with the idempotency key, None where the vendor has none
    idempotency_header: str | None = None
    #: how long an answer is kept for its key, None = for ever
    idempotency_seconds: int | None = None
    mimetype = "application/json"

    def __init__(self, book: Book, sandbox: Any) -> None:
        self.book = book
        self.sandbox = sandbox
        self.faults = fault_tools.Faults(book)
        self.sending = threading.Lock()
        rules = []
        self._handlers: dict[str, Callable] = {}
        for number, (methods, rule, handler) in enumerate(self.routes()):
            endpoint = f"{number}"
            self._handlers[endpoint] = handler
            rules.append(Rule(rule, methods=methods.split(), endpoint=endpoint))
        self._map = Map(rules, strict_slashes=False, merge_slashes=False)
        self.folder = Path(__file__).parent / self.name
        if not book.setting("seeded"):
            self.reset()

    # === FOR SUBCLASSES === #

    def routes(self) -> list[Route]:
        """:return: (methods, werkzeug rule, handler), the vendor's own paths"""
        raise NotImplementedError

    def seed(self) -> None:
        """Put into an empty book what an account has on its first day."""

    def route_path(self, request: Request) -> str:
        """:return: the path that is matched with the routes"""
        return request.path

    def before(self, request: Request) -> None:
        """Authentication and limits; raises :class:`Refusal`."""

    def after(self, request: Request, response: Response) -> None:
        """Add headers to every answer."""

    def tick(self) -> None:
        """Do what is due by the clock; called a few times a second."""

    def error_body(self, status: int, text: str) -> Any:
        """:return: the vendor's error shape, used for faults and unknown paths"""
        return {"error": text}

    def is_idempotent(self, request: Request) -> bool:
        """:return: whether the vendor honours the idempotency key on this request"""
        return request.method in WRITES

    def idempotency_scope(self, request: Request) -> str:
        """:return: whose keys these are; two callers may use the same key"""
        return redacted_auth(request.headers.get("Authorization")) or ""

    def idempotency_fingerprint(self, request: Request) -> str:
        """:return: what must be equal for the stored answer to be given again"""
        return hashlib.sha256(
            f"{request.method} {request.full_path}".encode() + request.get_data()
        ).hexdigest()

    def idempotency_conflict(self, request: Request) -> Refusal:
        """:return: the answer for a known key with another request"""
        return Refusal(
            422, self.error_body(422, "This key was used with another request")
        )

    def replay_headers(self) -> dict[str, str]:
        """:return: headers that mark a stored answer"""
        return {}

    def sign_webhook(self, secret: str | None, body: bytes) -> dict[str, str]:
        """:return: the headers that prove a webhook, made at the time of sending"""
        return {}

    def forge_webhook(
        self, body: bytes, secret: str | None
    ) -> tuple[bytes, str | None]:
        """:return: body and secret of a webhook that must not be believed"""
        return body, "forged" if secret else secret

    def page_context(self) -> dict[str, Any]:
        """:return: values for ``templates/book.html`` of the service"""
        return {
            "objects": {kind: self.book.all(kind, True) for kind in self.book.kinds()}
        }

    def page_action(self, action: str, form: dict[str, str]) -> None:
        """Handle a button of the book page: POST /_book/<service>/<action>."""
        raise Refusal(404, f"no action {action}")

    # === SCENES === #

    def reset(self) -> None:
        """Empty the book, faults and webhooks included, and seed it."""
        with self.book.transaction():
            self.book.clear()
            self.book.set_setting("seeded", True)
            self.seed()

    def scene(self, data: dict) -> dict:
        """Set the scene: each key is handled by ``scene_<key>(value)``, in order.

        :return: what each of them made
        :raise Refusal: 400 on a key that is not known; then nothing was done
        """
        made = {}
        with self.book.transaction():
            for key, value in data.items():
                method = getattr(self, f"scene_{key}", None)
                if method is None:
                    raise Refusal(400, {"error": f"{self.name} has no scene {key!r}"})
                made[key] = method(value)
        return made

    def scene_settings(self, values: dict) -> dict:
        """Switches of this service, read with ``self.book.setting(name)``."""
        for name, value in values.items():
            self.book.set_setting(name, value)
        return values

    # === ANSWERING === #

    def json(
        self, data: Any, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        body = json.dumps(data, ensure_ascii=False)
        return Response(body, status, headers=headers, mimetype=self.mimetype)

    def url(self, path: str = "") -> str:
        """:return: absolute address of a path of this service"""
        return f"{self.sandbox.url}/{self.name}{path}"

    def data(self, request: Request) -> dict:
        """:return: the request's JSON object
        :raise Refusal: 400 when it is not one
        """
        if not request.get_data():
            return {}
        try:
            data = json.loads(request.get_data())
        except ValueError:
            raise Refusal(400, self.error_body(400, "The body is not JSON")) from None
        if not isinstance(data, dict):
            raise Refusal(400, self.error_body(400, "The body is not an object"))
        return data

    def respond(self, request: Request) -> Response:
        """One request with its faults, written into the log whatever happens."""
        started = time.monotonic()
        fault = self.faults.take(request.method, request.path)
        entry: dict[str, Any] = {"status": None, "done": 0, "replayed": 0}
        try:
            response = self._faulty(request, fault, entry)
            if not entry["status"]:
                entry["status"] = response.status_code
            return response
        finally:
            self._log(request, fault, entry, started)

    def _faulty(self, request: Request, fault: dict | None, entry: dict) -> Response:
        kind = fault["kind"] if fault else None
        if fault and kind in ("delay", "timeout_before"):
            time.sleep(fault.get("seconds", 0))
        if kind == "timeout_before":
            fault_tools.drop(request)
        instead = self._instead(fault) if fault else None
        if instead is not None:
            return instead
        response = self._answer(request, entry)
        if kind == "timeout_after":
            entry["status"] = response.status_code
            time.sleep(fault.get("seconds", 0) if fault else 0)
            fault_tools.drop(request)
        if kind == "half_body":
            return fault_tools.halved(request, response)
        if kind == "garbage":
            return Response("<html><b>Oops</b> {not: json", 200, mimetype="text/html")
        return response

    def _instead(self, fault: dict) -> Response | None:
        """:return: the answer of a fault that stops the work, or None"""
        kind = fault["kind"]
        if kind == "status":
            status = fault.get("status", 500)
            body = fault.get("body", self.error_body(status, "Service is unavailable"))
            return self.json(body, status)
        if kind == "expired_token":
            return self.json(self.error_body(401, "The access token expired"), 401)
        if kind == "rate_limit":
            value = fault_tools.retry_after(fault)
            headers = {"Retry-After": value} if value else None
            return self.json(self.error_body(429, "Too many requests"), 429, headers)
        return None

    def _answer(self, request: Request, entry: dict) -> Response:
        try:
            adapter = self._map.bind_to_environ(request.environ)
            endpoint, values = adapter.match(path_info=self.route_path(request))
            self.before(request)
            with self.book.transaction():
                response = self._once(request, self._handlers[endpoint], values, entry)
        except Refusal as refusal:
            response = self.json(refusal.body, refusal.status, refusal.headers)
        except (NotFound, MethodNotAllowed) as error:
            status = error.code or 404
            response = self.json(self.error_body(status, error.name), status)
        except HTTPException as error:
            response = Response(error.get_response(request.environ).get_data())
            response.status_code = error.code or 400
        self.after(request, response)
        return response

    def _once(
        self, request: Request, handler: Callable, values: dict, entry: dict
    ) -> Response:
        """Work, or the stored answer for an idempotency key that is known."""
        key = self.idempotency_key(request)
        if not key or not self.is_idempotent(request):
            entry["done"] = 1
            return self._response(handler(request, **values))
        scope = self.idempotency_scope(request)
        print_ = self.idempotency_fingerprint(request)
        if self.idempotency_seconds:
            self.book.execute(
                "DELETE FROM answers WHERE at < ?",
                CLOCK.epoch() - self.idempotency_seconds,
            )
        rows = self.book.execute(
            "SELECT * FROM answers WHERE scope = ? AND key = ?", scope, key
        )
        if rows:
            if rows[0]["fingerprint"] != print_:
                raise self.idempotency_conflict(request)
            entry["replayed"] = 1
            headers = {**json.loads(rows[0]["headers"]), **self.replay_headers()}
            return Response(rows[0]["body"], rows[0]["status"], headers=headers)
        entry["done"] = 1
        response = self._response(handler(request, **values))
        self.book.insert(
            "answers",
            scope=scope,
            key=key,
            fingerprint=print_,
            status=response.status_code,
            headers=json.dumps({"Content-Type": response.content_type}),
            body=response.get_data(),
            at=CLOCK.epoch(),
        )
        return response

    def _response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        if isinstance(result, tuple):
            return self.json(*result)
        return self.json(result)

    # === LOG === #

    def idempotency_key(self, request: Request) -> str | None:
        if not self.idempotency_header:
            return None
        return request.headers.get(self.idempotency_header)

    def _log(
        self, request: Request, fault: dict | None, entry: dict, started: float
    ) -> None:
        self.book.insert(
            "requests",
            at=CLOCK.iso_ms(),
            method=request.method,
            path=request.path,
            query=request.query_string.decode("utf-8", "replace")
            if "/oauth" not in request.path
            else "",
            status=entry["status"],
            idempotency_key=self.idempotency_key(request),
            replayed=entry["replayed"],
            auth=redacted_auth(request.headers.get("Authorization")),
            body=self._logged_body(request),
            fault=fault["kind"] if fault else None,
            done=entry["done"],
            milliseconds=int((time.monotonic() - started) * 1000),
        )

    @staticmethod
    def _logged_body(request: Request) -> str:
        body = request.get_data()
        if not body:
            return ""
        try:
            return json.dumps(redacted(json.loads(body)), ensure_ascii=False)[:8000]
        except ValueError:
            return f"({len(body)} bytes, {request.mimetype})"
