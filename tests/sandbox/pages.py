"""Pages for people: an index, a book per service, the mails."""

import json
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect

from .service import Refusal

if TYPE_CHECKING:
    from .app import Sandbox

FOLDER = Path(__file__).parent
RULES = Map(
    [
        Rule("/_book/", methods=["GET"], endpoint="index"),
        Rule("/_book/mail", methods=["GET"], endpoint="mails"),
        Rule("/_book/mail/<number>", methods=["GET"], endpoint="mail"),
        Rule("/_book/mail/<number>/html", methods=["GET"], endpoint="mail_html"),
        Rule("/_book/mail/<number>/<int:index>", methods=["GET"], endpoint="mail_file"),
        Rule("/_book/<name>", methods=["GET"], endpoint="book"),
        Rule("/_book/<name>/<action>", methods=["POST"], endpoint="action"),
    ],
    strict_slashes=False,
)


@lru_cache
def _environment(folder: str) -> Environment:
    """Templates of one service's folder, then the common ones."""
    env = Environment(
        loader=FileSystemLoader([f"{folder}/templates", str(FOLDER / "templates")]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["time"] = lambda text: (text or "").replace("T", " ")[:19]
    env.filters["euro"] = lambda text: f"{Decimal(text):.2f}"
    env.filters["pretty"] = lambda data: json.dumps(data, indent=1, ensure_ascii=False)
    return env


class Pages:
    """Handlers named ``do_<endpoint>``; they return a Response."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox

    def render(self, template: str, folder: Path | None = None, **values: Any) -> str:
        """:param folder: the service's, whose ``templates`` come first"""
        service = values.get("service")
        if folder is None:
            folder = service.folder if service is not None else FOLDER
        env = _environment(str(folder))
        return env.get_template(template).render(sandbox=self.sandbox, **values)

    def html(self, template: str, **values: Any) -> Response:
        return Response(self.render(template, **values), mimetype="text/html")

    def respond(self, request: Request) -> Response:
        try:
            endpoint, values = RULES.bind_to_environ(request.environ).match()
            return getattr(self, f"do_{endpoint}")(request, **values)
        except HTTPException as error:
            return error.get_response(request.environ)  # type: ignore[return-value]

    def do_index(self, request: Request) -> Response:
        services = self.sandbox.services.values()
        counts = {
            service.name: service.book.execute("SELECT count(*) AS n FROM requests")[0][
                "n"
            ]
            for service in services
        }
        mails = len(self.sandbox.mail.find())
        return self.html(
            "index.html",
            services=services,
            counts=counts,
            mails=mails,
            now=datetime.now,
        )

    def _service(self, name: str) -> Any:
        if name not in self.sandbox.services:
            raise NotFound
        return self.sandbox.services[name]

    def do_book(self, request: Request, name: str) -> Response:
        service = self._service(name)
        book = service.book
        return self.html(
            "book.html",
            service=service,
            requests=book.execute("SELECT * FROM requests ORDER BY seq DESC LIMIT 200"),
            deliveries=book.execute(
                "SELECT * FROM deliveries ORDER BY id DESC LIMIT 100"
            ),
            faults=service.faults.all(),
            args=request.args,
            **service.page_context(),
        )

    def do_action(self, request: Request, name: str, action: str) -> Response:
        service = self._service(name)
        form = request.form.to_dict()
        back = form.get("back") or f"/_book/{name}"
        try:
            with service.book.transaction():
                service.page_action(action, form)
        except Refusal as refusal:
            body = refusal.body
            if isinstance(body, dict):
                body = body.get("detail") or body.get("error") or body
            values = {"service": service, "text": body, "back": back}
            html = self.render("error.html", **values)
            return Response(html, refusal.status, mimetype="text/html")
        return redirect(back, 303)

    # === MAILS === #

    def do_mails(self, request: Request) -> Response:
        to = request.args.get("to", "")
        return self.html("mails.html", mails=self.sandbox.mail.find(to), to=to)

    def _mail(self, number: str) -> dict:
        mail = self.sandbox.mail.get(number)
        if mail is None:
            raise NotFound
        return mail

    def do_mail(self, request: Request, number: str) -> Response:
        return self.html("mail.html", mail=self._mail(number))

    def do_mail_html(self, request: Request, number: str) -> Response:
        """The HTML body by itself, without scripts, for the frame on the page."""
        response = Response(self._mail(number)["html"], mimetype="text/html")
        response.headers["Content-Security-Policy"] = "script-src 'none'; sandbox"
        return response

    def do_mail_file(self, request: Request, number: str, index: int) -> Response:
        found = self.sandbox.mail.attachment(number, index)
        if found is None:
            raise NotFound
        data, kind, name = found
        response = Response(data, mimetype=kind)
        response.headers["Content-Disposition"] = f'inline; filename="{name}"'
        return response
