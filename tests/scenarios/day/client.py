"""How the day talks to Odoo: as the web client, and as a visitor's browser."""

import itertools
import re

import requests

TIMEOUT = (5, 180)
CSRF = re.compile(r'csrf_token["\']?\s*[:=]\s*["\']([0-9a-f]+o[0-9]+)["\']')
CSRF_INPUT = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class OdooError(RuntimeError):
    """Odoo answered a call with an error; the text is what a user would read."""


class WebVisitor:
    """A browser without scripts: one session, forms posted with their token."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = "nl-NL,nl;q=0.9,en;q=0.5"
        self._ids = itertools.count(1)

    def get(self, path, **params):
        """Open a page and return the response after redirects."""
        return self.session.get(self._absolute(path), params=params, timeout=TIMEOUT)

    def post(self, path, data, page=None):
        """Submit a form.

        :param str path: where the form goes
        :param dict data: its fields; the token is added
        :param str page: the page that shows the form, opened for its token
        :return: the response after redirects
        """
        token = self.csrf_token(page or path)
        return self.session.post(
            self._absolute(path), data={**data, "csrf_token": token}, timeout=TIMEOUT
        )

    def csrf_token(self, page):
        """Return the token that ``page`` carries for its forms."""
        html = self.get(page).text
        found = CSRF_INPUT.search(html) or CSRF.search(html)
        if not found:
            raise OdooError(f"the page {page} carries no form token")
        return found.group(1)

    def jsonrpc(self, path, params):
        """Call a JSON route of the website and return its result."""
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": next(self._ids),
            "params": params,
        }
        answer = self.session.post(self._absolute(path), json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        payload = answer.json()
        if error := payload.get("error"):
            detail = error.get("data") or {}
            raise OdooError(detail.get("message") or error.get("message"))
        return payload.get("result")

    def _absolute(self, path):
        return path if path.startswith("http") else f"{self.url}{path}"


class OdooClient(WebVisitor):
    """A signed-in user of the Odoo client: calls methods as its buttons do."""

    def __init__(self, url, db, login, password):
        super().__init__(url)
        self.login = login
        session = self.jsonrpc(
            "/web/session/authenticate",
            {"db": db, "login": login, "password": password},
        )
        if not session or not session.get("uid"):
            raise OdooError(f"{login} cannot sign in to {db}")
        self.uid = session["uid"]
        self.context = {"lang": "en_US"}
        self._refs = {}

    def call(self, model, method, *args, **kwargs):
        """Call ``model.method``; for a record method the ids come first."""
        context = {**self.context, **kwargs.pop("context", {})}
        return self.jsonrpc(
            f"/web/dataset/call_kw/{model}/{method}",
            {
                "model": model,
                "method": method,
                "args": list(args),
                "kwargs": {**kwargs, "context": context},
            },
        )

    def button(self, model, method, ids, **context):
        """Press an object button on the records ``ids``; returns its action or None."""
        ids = [ids] if isinstance(ids, int) else list(ids)
        return self.jsonrpc(
            f"/web/dataset/call_button/{model}/{method}",
            {
                "model": model,
                "method": method,
                "args": [ids],
                "kwargs": {"context": {**self.context, **context}},
            },
        )

    def search_read(self, model, domain, fields, **options):
        """Return the records that match ``domain`` as dictionaries."""
        return self.call(model, "search_read", domain, fields, **options)

    def create(self, model, values):
        """Create one record and return its id."""
        made = self.call(model, "create", [values])
        return made[0] if isinstance(made, list) else made

    def write(self, model, ids, values):
        """Change records."""
        return self.call(model, "write", [ids] if isinstance(ids, int) else ids, values)

    def ref(self, xmlid):
        """Return the database id behind an external id."""
        if xmlid not in self._refs:
            module, name = xmlid.split(".", 1)
            found = self.search_read(
                "ir.model.data",
                [("module", "=", module), ("name", "=", name)],
                ["res_id"],
                limit=1,
            )
            if not found:
                raise OdooError(f"there is no record {xmlid}")
            self._refs[xmlid] = found[0]["res_id"]
        return self._refs[xmlid]
