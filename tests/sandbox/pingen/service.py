"""Pingen: letters by post, from upload to the doormat.

One prefix serves both of the vendor's hosts: ``/auth/…`` is its identity host, the rest
its API. Scenes: see README.md in this folder.
"""

import uuid

from werkzeug import Response

from ..limits import Limits
from ..oauth import OAuthRules, OAuthServer
from ..service import Refusal, Service
from . import checks, listing, prices, states
from .desk import Desk
from .errors import ApiError, error
from .hooks import Hooks
from .resources import EVENT_FIELDS, LETTER_FIELDS, Resources
from .scenes import Scenes
from .signing import matches
from .storage import Storage

SCOPES = ("letter", "batch", "webhook", "organisation_read", "user")
LETTERS = "/organisations/<organisation>/deliveries/letters"
OLD_LETTERS = "/organisations/<organisation>/letters"
HOOKS = "/organisations/<organisation>/webhooks"
CODES = {401: "unauthenticated", 403: "forbidden", 404: "not_found",
         409: "conflict", 429: "too_many_requests"}  # fmt: skip
OPEN_PATHS = ("/auth/", "/_storage/", "/_picture/")


class IdentityServer(OAuthServer):
    """The identity host; its errors carry ``message`` besides ``error``."""

    @staticmethod
    def _error(code, text, status=400):
        body = {"error": code, "error_description": text, "message": text}
        return Refusal(status, body)


class Pingen(Scenes, Storage, Hooks, Service):
    """Routes of the vendor's API."""

    name = "pingen"
    title = "Pingen"
    colour = "#0758ff"
    idempotency_header = "Idempotency-Key"
    mimetype = "application/vnd.api+json"

    def __init__(self, book, sandbox):
        rules = OAuthRules(
            scopes=SCOPES,
            default_scope="letter webhook organisation_read user",
            lifetime=43200,
            grants=("client_credentials", "authorization_code", "refresh_token"),
        )
        self.oauth = IdentityServer(self, rules)
        self.desk = Desk(book, self.announce)
        self.limits = Limits(book)
        super().__init__(book, sandbox)

    @property
    def resources(self):
        return Resources(self.url())

    def routes(self):
        found = [
            ("POST", "/auth/access-tokens", self.token),
            ("GET POST", "/auth/authorize", self.oauth.authorize),
            ("GET", "/user", self.user),
            ("GET", "/user/associations", self.associations),
            ("GET", "/organisations", self.organisations),
            ("GET", "/organisations/<organisation>", self.organisation),
            ("GET", "/file-upload", self.file_upload),
            ("PUT", "/_storage/<key>", self.storage_put),
            ("GET", "/_storage/<key>", self.storage_get),
            ("GET", "/_picture/<key>.png", self.picture),
            ("GET", HOOKS, self.webhooks),
            ("POST", HOOKS, self.webhook_create),
            ("GET", HOOKS + "/<key>", self.webhook),
            ("DELETE", HOOKS + "/<key>", self.webhook_delete),
            ("GET", HOOKS + "/<key>/requests", self.webhook_requests),
        ]
        for prefix in (LETTERS, OLD_LETTERS):
            found += [
                ("POST", prefix, self.letter_create),
                ("GET", prefix, self.letters),
                ("POST", prefix + "/price-calculator", self.price),
                ("GET", prefix + "/events/<category>", self.events_of_category),
                ("GET", prefix + "/<key>", self.letter),
                ("PATCH", prefix + "/<key>", self.letter_change),
                ("DELETE", prefix + "/<key>", self.letter_delete),
                ("PATCH", prefix + "/<key>/send", self.letter_send),
                ("PATCH", prefix + "/<key>/cancel", self.letter_cancel),
                ("GET", prefix + "/<key>/file", self.letter_file),
                ("GET", prefix + "/<key>/events", self.letter_events),
            ]
        return [(verbs, rule, _answering(handler)) for verbs, rule, handler in found]

    # === AROUND EVERY REQUEST === #

    def respond(self, request):
        """Pictures for the book's own page stay out of the log of requests."""
        if request.path.startswith("/_picture/"):
            return self._answer(request, {})
        return super().respond(request)

    def before(self, request):
        """Bearer token, its scope, and the limit of the route."""
        self.tick()
        if request.path.startswith(OPEN_PATHS):
            return
        token = self.oauth.token_of(request)
        if token is None:
            raise Refusal(401, self.error_body(401, "The access token is not valid."))
        needed = _scope_of(request.path)
        if needed and needed not in token["scope"].split():
            raise Refusal(403, self.error_body(403, f"The scope {needed} is missing."))
        wait = self.limits.count(request, token["client_id"])
        if wait:
            body = self.error_body(429, "Too many requests.")
            raise Refusal(429, body, {"Retry-After": str(wait)})
        key = self.idempotency_key(request)
        if key is not None and not 1 <= len(key) <= 64:
            words = "Idempotency-Key must have 1 to 64 characters."
            raise Refusal(400, self.error_body(400, words))

    def after(self, request, response):
        response.headers["X-Request-Id"] = str(uuid.uuid4())
        response.headers.extend(self.limits.headers(request))

    def error_body(self, status, text):
        return {"errors": [error(status, CODES.get(status, "error"), text)]}

    def tick(self):
        with self.book.transaction():
            self.desk.tick()

    # === IDEMPOTENCY === #

    def is_idempotent(self, request):
        return request.method in ("POST", "PATCH") and "/auth/" not in request.path

    def idempotency_scope(self, request):
        """Keys belong to the application, whichever token it uses today."""
        token = self.oauth.token_of(request)
        return token["client_id"] if token else ""

    def idempotency_fingerprint(self, request):
        """The vendor is only known to answer a known key with the first answer.

        With the setting ``strict_idempotency`` another body is refused.
        """
        if self.book.setting("strict_idempotency"):
            return super().idempotency_fingerprint(request)
        return f"{request.method} {request.path}"

    def replay_headers(self):
        return {"Idempotent-Replayed": "true"}

    # === IDENTITY AND ACCOUNT === #

    def token(self, request):
        return self.oauth.token(request)

    def user(self, request):
        record = self.book.first("users")
        names = ("email", "first_name", "last_name", "status", "language",
                 "created_at", "updated_at")  # fmt: skip
        data = {
            "type": "users",
            "id": record["id"],
            "attributes": {name: record[name] for name in names},
            "links": {"self": self.url("/user")},
        }
        return {"data": data}

    def associations(self, request):
        owner = self.book.first("organisations")
        now = owner["created_at"]
        data = {
            "type": "associations",
            "id": owner["association"],
            "attributes": {"role": "owner", "status": "active", "created_at": now,
                           "updated_at": now},
            "relationships": {
                "organisation": self.resources.link_organisation(owner["id"])
            },
        }  # fmt: skip
        _part, around = listing.page(
            [data], request.args, self.url("/user/associations"), ()
        )
        return {"data": [data], "included": [], **around}

    def organisations(self, request):
        fields = ("name", "status", "plan", "created_at")
        part, around = listing.page(
            self.book.all("organisations"),
            request.args.to_dict(),
            self.url("/organisations"),
            fields,
            ("name",),
        )
        data = [self.resources.organisation(record) for record in part]
        return {"data": data, "included": [], **around}

    def organisation(self, request, organisation):
        owner = self._organisation(organisation)
        return {"data": self.resources.organisation(owner), "included": []}

    def _organisation(self, key):
        return self._found("organisations", key)

    def _found(self, kind, key, organisation=None):
        record = self.book.get(kind, key)
        if record is None or (organisation and record["organisation"] != organisation):
            raise ApiError(404, "not_found", "The resource does not exist.")
        return record

    # === LETTERS === #

    def letter_create(self, request, organisation):
        owner = self._organisation(organisation)
        attributes = checks.attributes_of(self.data(request), "letters")
        checks.check_create(attributes)
        upload = self.upload_of(attributes["file_url"])
        given = attributes["file_url_signature"]
        if upload is None or not matches(given, upload["url_signature"]):
            pointer = f"{checks.POINTER}file_url_signature"
            raise ApiError.of_fields([(pointer, "Address and signature do not match.")])
        letter = self.desk.create(owner, attributes, upload["file"])
        return self._one(letter), 201

    def letters(self, request, organisation):
        owner = self._organisation(organisation)
        query = request.args.to_dict()
        part, around = listing.page(
            self.book.all("letters", organisation=owner["id"]),
            query,
            f"{self.resources.organisation_url(owner['id'])}/deliveries/letters",
            LETTER_FIELDS,
            ("file_original_name", "address"),
        )
        data = [listing.sparse(self.resources.letter(item), query) for item in part]
        return {"data": data, "included": self._included(query, owner), **around}

    def _included(self, query, owner):
        wanted = query.get("include", "").split(",")
        return [self.resources.organisation(owner)] if "organisation" in wanted else []

    def _one(self, letter, query=None):
        resource = self.resources.letter(letter)
        return {"data": listing.sparse(resource, query or {}), "included": []}

    def letter(self, request, organisation, key):
        query = request.args.to_dict()
        document = self._one(self._letter(organisation, key), query)
        document["included"] = self._included(query, self._organisation(organisation))
        return document

    def _letter(self, organisation, key):
        return self._found("letters", key, self._organisation(organisation)["id"])

    def letter_change(self, request, organisation, key):
        letter = self._letter(organisation, key)
        attributes = checks.attributes_of(self.data(request), "letters", key)
        return self._one(self.desk.change(letter, attributes))

    def letter_delete(self, request, organisation, key):
        self.desk.delete(self._letter(organisation, key))
        return Response(status=204)

    def letter_send(self, request, organisation, key):
        letter = self._letter(organisation, key)
        attributes = checks.attributes_of(self.data(request), "letters", key)
        checks.check_send(attributes)
        self.desk.send(letter, attributes)
        return self._one(letter)

    def letter_cancel(self, request, organisation, key):
        self.desk.cancel(self._letter(organisation, key))
        return Response(status=202)

    def letter_file(self, request, organisation, key):
        letter = self._letter(organisation, key)
        if not letter["has_file"]:
            raise ApiError(404, "not_found", "This letter has no file.")
        location = self.download_url(letter["file"])
        return Response(status=302, headers={"Location": location})

    def letter_events(self, request, organisation, key):
        letter = self._letter(organisation, key)
        url = f"{self.resources.letter_url(letter)}/events"
        return self._event_list(request, self.desk.events_of(letter), url)

    def events_of_category(self, request, organisation, category):
        owner = self._organisation(organisation)
        if category not in ("issues", "undeliverable", "delivered", "sent"):
            raise ApiError(404, "not_found", "No such kind of event.")
        records = [
            event
            for event in self.book.all("events", organisation=owner["id"])
            if states.category_of(event["status"]) == category
        ]
        base = self.resources.organisation_url(owner["id"])
        url = f"{base}/deliveries/letters/events/{category}"
        return self._event_list(request, records, url)

    def _event_list(self, request, records, url):
        query = request.args.to_dict()
        part, around = listing.page(records, query, url, EVENT_FIELDS)
        data = [
            self.resources.listed_event(item, self._found("letters", item["letter"]))
            for item in part
        ]
        return {"data": data, "included": [], **around}

    def price(self, request, organisation):
        owner = self._organisation(organisation)
        wanted = checks.attributes_of(self.data(request), "letter_price_calculator")
        checks.check_price(wanted)
        product = prices.concrete_product(wanted["delivery_product"], wanted["country"])
        if product is None:
            words = f"{wanted['delivery_product']} does not go to {wanted['country']}."
            pointer = f"{checks.POINTER}delivery_product"
            raise ApiError(422, "unable_to_find_delivery_product", words, pointer)
        amount = prices.price(
            product, wanted["paper_types"], wanted["print_mode"],
            wanted["print_spectrum"],
        )  # fmt: skip
        attributes = {"currency": owner["billing_currency"], "price": float(amount)}
        kind = "letter_price_calculator"
        return {"data": {"type": kind, "id": owner["id"], "attributes": attributes}}


def _answering(handler):
    """Turn the vendor's refusals into answers."""

    def answer(request, **values):
        try:
            return handler(request, **values)
        except ApiError as refused:
            raise Refusal(refused.status, refused.document) from refused

    return answer


def _scope_of(path):
    """Scope that a path needs, or None.

    >>> _scope_of("/organisations/1/deliveries/letters/2"), _scope_of("/user")
    ('letter', 'user')
    >>> _scope_of("/organisations"), _scope_of("/organisations/1/webhooks")
    ('organisation_read', 'webhook')
    """
    if path.startswith("/user"):
        return "user"
    if path.startswith("/file-upload") or "/letters" in path:
        return "letter"
    return "webhook" if "/webhooks" in path else "organisation_read"


SERVICE = Pingen
