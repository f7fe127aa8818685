"""The Moneybird service: sign-in, scopes, rate limit, administrations."""

import time
from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from .. import service as base
from ..clock import CLOCK
from ..oauth import OAuthRules, OAuthServer
from ..service import Refusal
from . import common
from .bank import BankMixin
from .contacts import ContactsMixin
from .hooks import HooksMixin
from .invoices import InvoicesMixin
from .payments import PaymentsMixin
from .sales import SalesMixin
from .scenes import ScenesMixin

TOKEN = "sandbox-token"
LIMIT = {"calls": 150, "seconds": 300}


class MoneybirdService(
    ContactsMixin,
    SalesMixin,
    InvoicesMixin,
    PaymentsMixin,
    BankMixin,
    HooksMixin,
    ScenesMixin,
    base.Service,
):
    """The personal token ``sandbox-token`` has all scopes; scene ``tokens`` adds more.

    Settings: ``rate_limit`` (calls and seconds, or false), ``retry_after`` (epoch or
    seconds), ``plan_limit``, ``ping_webhooks``.
    """

    name = "moneybird"
    title = "Moneybird"
    colour = "#1d6fb8"

    def __init__(self, book: Any, sandbox: Any) -> None:
        rules = OAuthRules(
            scopes=common.SCOPES, default_scope="sales_invoices", lifetime=None
        )
        self.oauth = OAuthServer(self, rules)
        super().__init__(book, sandbox)

    def routes(self) -> list:
        guarded = [
            *self.hook_routes(),
            *self.contact_routes(),
            *self.invoice_routes(),
            *self.payment_routes(),
            *self.bank_routes(),
        ]
        prefix = "/api/v2/<administration>"
        return [
            ("GET POST", "/oauth/authorize", self.oauth.authorize),
            ("POST", "/oauth/token", self.oauth.token),
            ("GET", "/api/v2/administrations", self.list_administrations),
            *[
                (methods, prefix + path, self._guarded(handler, scopes))
                for methods, path, handler, scopes in guarded
            ],
        ]

    def route_path(self, request: Request) -> str:
        return request.path.removesuffix(".json")

    def error_body(self, status: int, text: str) -> Any:
        if status == 429:
            return "Retry later"
        if status == 404:
            return {"error": "record not found", "symbolic": {"id": "not_found"}}
        return {"error": text}

    def wrapped(self, request: Request, name: str) -> dict:
        """:return: the object under ``name`` in the body
        :raise Refusal: 400 when it is absent
        """
        data = self.data(request).get(name)
        if not isinstance(data, dict):
            raise common.bad(f"{name.capitalize()} is required", **{name: "required"})
        return data

    # === SIGN-IN === #

    def _token(self, request: Request) -> dict | None:
        kind, _space, value = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        return self.oauth.token_of(request) or self.book.get("_personal", value.strip())

    def before(self, request: Request) -> None:
        if not request.path.startswith("/api/"):
            return
        self._count(request)
        if not self._token(request):
            raise Refusal(401, {"error": "The access token is invalid"})

    def _guarded(self, handler: Callable, scopes: tuple[str, ...]) -> Callable:
        """:return: the handler behind the check of scope and administration"""

        def checked(request: Request, administration: str, **values: str) -> Any:
            token = self._token(request) or {"scope": ""}
            if not set(scopes) & set(token["scope"].split()):
                raise Refusal(401, {"error": f"No access to {scopes[0]}"})
            adm = self.book.get("administration", administration)
            if not adm:
                raise common.missing("administration_id")
            return handler(request, adm=adm, **values)

        return checked

    # === RATE LIMIT === #

    def _count(self, request: Request) -> None:
        """:raise Refusal: 429 when the window is used up"""
        limit = self.book.setting("rate_limit", LIMIT)
        if not limit:
            return
        now = time.time()
        with self.book.transaction():
            window = self.book.setting("window") or {"end": 0, "used": 0}
            if window["end"] <= now:
                window = {"end": now + limit["seconds"], "used": 0}
            window["used"] += 1
            self.book.set_setting("window", window)
        request.environ["sandbox.window"] = (limit["calls"], window)
        if window["used"] > limit["calls"]:
            raise Refusal(429, "Retry later")

    def after(self, request: Request, response: Response) -> None:
        common.add_link(request, response)
        if "sandbox.window" not in request.environ:
            return
        calls, window = request.environ["sandbox.window"]
        left = max(int(window["end"] - time.time()), 0)
        seconds = self.book.setting("retry_after", "epoch") == "seconds"
        response.headers.update(
            {
                "RateLimit-Limit": str(calls),
                "RateLimit-Remaining": str(left),
                "RateLimit-Reset": str(int(window["end"])),
                "RateLimit-RequestsRemaining": str(max(calls - window["used"], 0)),
                "Retry-After": str(left if seconds else int(window["end"])),
            }
        )

    # === ADMINISTRATIONS === #

    def list_administrations(self, request: Request) -> list[dict]:
        names = (
            "id", "name", "language", "currency", "country", "time_zone", "access",
            "suspended", "period_locked_until", "period_start_date",
        )  # fmt: skip
        rows = self.book.all("administration")
        return [{name: row[name] for name in names} for row in rows]

    def make_administration(self, data: dict) -> dict:
        """An administration with its ledger, tax rates and accounts."""
        adm = {
            "id": data.get("id") or common.new_id(self.book),
            "name": data.get("name", "Kantine De Linden"),
            "language": "nl",
            "currency": "EUR",
            "country": "NL",
            "time_zone": "Europe/Amsterdam",
            "access": "user",
            "suspended": False,
            "period_locked_until": data.get("period_locked_until"),
            "period_start_date": f"{CLOCK.now().year}-01-01",
            "user_id": common.new_id(self.book),
            "workflow_id": common.new_id(self.book),
            "document_style_id": common.new_id(self.book),
            "identity_id": common.new_id(self.book),
        }
        self.book.put("administration", adm)
        self.seed_administration(adm)
        return adm


SERVICE = MoneybirdService
