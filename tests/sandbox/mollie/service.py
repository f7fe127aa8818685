"""The Mollie service: sign-in, account, checkout page."""

from typing import Any

from werkzeug import Request, Response
from werkzeug.utils import redirect

from .. import service as base
from ..oauth import OAuthRules, OAuthServer
from ..service import Refusal
from . import common, payments
from .customers import CustomersMixin
from .hooks import HooksMixin
from .payments import PaymentsMixin
from .refunds import RefundsMixin
from .scenes import ScenesMixin
from .settlements import SettlementsMixin

RESOURCES = (
    "payments refunds customers mandates profiles settlements balances organizations "
    "webhooks onboarding payment-links subscriptions invoices"
)
SCOPES = tuple(
    f"{name}.{right}" for name in RESOURCES.split(" ") for right in ("read", "write")
)


class MollieService(
    PaymentsMixin,
    RefundsMixin,
    CustomersMixin,
    SettlementsMixin,
    HooksMixin,
    ScenesMixin,
    base.Service,
):
    """Any key that starts with test_ or live_ is an API key of the one profile, any
    that starts with access_ a token of the organisation. The setting ``keys`` (a list)
    lets only these in.
    """

    name = "mollie"
    title = "Mollie"
    colour = "#0f172a"
    idempotency_header = "Idempotency-Key"
    idempotency_seconds = 3600
    mimetype = "application/hal+json"

    def __init__(self, book: Any, sandbox: Any) -> None:
        rules = OAuthRules(
            scopes=SCOPES,
            default_scope="payments.read",
            lifetime=3600,
            token_prefix="access_",
        )
        self.oauth = OAuthServer(self, rules)
        super().__init__(book, sandbox)

    def routes(self) -> list:
        return [
            *self.payment_routes(),
            *self.refund_routes(),
            *self.customer_routes(),
            *self.settlement_routes(),
            *self.hook_routes(),
            ("GET", "/v2/methods", self.list_methods),
            ("GET", "/v2/organizations/me", self.get_organization),
            ("GET", "/v2/profiles/me", self.get_profile),
            ("GET POST", "/oauth2/authorize", self.oauth.authorize),
            ("POST", "/oauth2/tokens", self.oauth_token),
            ("DELETE", "/oauth2/tokens", self.oauth_revoke),
            ("GET", "/checkout/<key>", self.show_checkout),
            ("POST", "/checkout/<key>", self.leave_checkout),
        ]

    def seed(self) -> None:
        self.oauth.seed()

    def error_body(self, status: int, text: str) -> dict:
        if status == 401:
            text = "Missing authentication, or failed to authenticate"
        return common.error(status, text)

    def idempotency_conflict(self, request: Request) -> Refusal:
        text = "The idempotency key was used with another request"
        return Refusal(409, common.error(409, text))

    def is_idempotent(self, request: Request) -> bool:
        return super().is_idempotent(request) and request.path.startswith("/v2/")

    # === SIGN-IN === #

    @staticmethod
    def _bearer(request: Request) -> str:
        kind, _space, value = request.headers.get("Authorization", "").partition(" ")
        return value.strip() if kind.lower() == "bearer" else ""

    def before(self, request: Request) -> None:
        if not request.path.startswith("/v2/"):
            return
        token = self._bearer(request)
        allowed = self.book.setting("keys")
        known = token.startswith(("test_", "live_", "access_")) and len(token) > 8
        if self.book.get("_token", token):
            known = self.oauth.token_of(request) is not None
        elif allowed is not None:
            known = token in allowed
        if not known:
            raise Refusal(401, self.error_body(401, ""))
        self._check_testmode(request)

    def _check_testmode(self, request: Request) -> None:
        if self.is_organization(request):
            return
        body = self.data(request) if request.is_json else {}
        for field in ("testmode", "profileId"):
            if field in body or field in request.args:
                status = 400 if request.method == "GET" else 422
                text = f'The parameter "{field}" cannot be used with an API key'
                raise Refusal(status, common.error(status, text, field))

    def is_organization(self, request: Request) -> bool:
        """:return: whether it is a token of the organisation, not an API key"""
        return self._bearer(request).startswith("access_")

    def mode(self, request: Request) -> str:
        """:return: test or live"""
        if not self.is_organization(request):
            return "test" if self._bearer(request).startswith("test_") else "live"
        body = self.data(request) if request.is_json else {}
        flag = body.get("testmode") is True or request.args.get("testmode") == "true"
        return "test" if flag else "live"

    def need(self, request: Request, right: str) -> None:
        """:raise Refusal: 403 for API keys and for OAuth tokens without that scope"""
        token = self.book.get("_token", self._bearer(request))
        if self.is_organization(request) and (
            token is None or right in token["scope"].split()
        ):
            return
        text = f"The token has no permission for this: {right}"
        raise Refusal(403, common.error(403, text))

    def oauth_token(self, request: Request) -> tuple:
        return self.oauth.token(request)

    def oauth_revoke(self, request: Request) -> Response:
        data = self.data(request) if request.is_json else request.form.to_dict()
        self.oauth.revoke(data.get("token", ""))
        return Response(status=204)

    # === ACCOUNT === #

    def list_methods(self, request: Request) -> dict:
        own = self.url("/v2/methods")
        pictures = ("size1x", "size2x", "svg")
        rows = [
            {
                "resource": "method",
                "id": key,
                "description": name,
                "minimumAmount": common.money("0.01"),
                "maximumAmount": common.money(payments.MAXIMUM),
                "image": {size: self.url(f"/images/{key}.svg") for size in pictures},
                "status": "activated",
                "_links": {"self": common.link(f"{own}/{key}")},
            }
            for key, name in common.METHODS.items()
            if request.args.get("sequenceType") != "recurring"
            or key in ("creditcard", "directdebit", "paypal")
        ]
        return {
            "count": len(rows),
            "_embedded": {"methods": rows},
            "_links": {
                "self": common.link(own),
                "documentation": common.docs_link("list-methods"),
            },
        }

    def get_organization(self, request: Request) -> dict:
        self.need(request, "organizations.read")
        name = self.book.setting("organization", "Sportvereniging De Linden")
        own = self.url("/v2/organizations/me")
        return {
            "resource": "organization",
            "id": common.ORGANIZATION,
            "name": name,
            "email": "bestuur@delinden.example",
            "locale": "nl_NL",
            "_links": {
                "self": common.link(own),
                "documentation": common.docs_link("get-organization"),
            },
        }

    def get_profile(self, request: Request) -> dict:
        own = self.url("/v2/profiles/me")
        return {
            "resource": "profile",
            "id": common.PROFILE,
            "mode": self.mode(request),
            "name": self.book.setting("organization", "Sportvereniging De Linden"),
            "website": "https://delinden.example",
            "email": "bestuur@delinden.example",
            "phone": "+31201234567",
            "businessCategory": "CHARITY_AND_DONATIONS",
            "status": "verified",
            "createdAt": "2020-01-01T12:00:00+00:00",
            "_links": {
                "self": common.link(own),
                "documentation": common.docs_link("get-current-profile"),
            },
        }

    # === CHECKOUT === #

    def show_checkout(self, request: Request, key: str) -> Response:
        payment = self.book.get("payment", key)
        if not payment:
            raise common.missing("payment", key)
        html = self.sandbox.pages.render(
            "checkout.html",
            service=self,
            payment=payment,
            methods=common.METHODS,
            choices=payments.NEXT.get(payment["status"], ()),
        )
        return Response(html, mimetype="text/html")

    def leave_checkout(self, request: Request, key: str) -> Response:
        payment = self.book.get("payment", key)
        if not payment:
            raise common.missing("payment", key)
        if request.form.get("method") in common.METHODS and not payment["method"]:
            payment["method"] = request.form["method"]
        status = request.form.get("status", "")
        if status != "open":
            payment = self.set_status(payment, status)
        back = payment["redirectUrl"]
        if status == "canceled":
            back = payment.get("cancelUrl") or back
        return redirect(back or f"/_book/{self.name}", 303)


SERVICE = MollieService
