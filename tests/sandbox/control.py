"""The control API: sets scenes and faults, shows the books as JSON."""

import json
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule

from .clock import CLOCK
from .faults import REQUEST_KINDS, WEBHOOK_KINDS
from .service import Refusal, Service
from .webhooks import Sender

if TYPE_CHECKING:
    from .app import Sandbox

RULES = Map(
    [
        Rule("/_control/health", methods=["GET"], endpoint="health"),
        Rule("/_control/reset", methods=["POST"], endpoint="reset"),
        Rule("/_control/reset/<name>", methods=["POST"], endpoint="reset"),
        Rule("/_control/clock", methods=["GET", "POST"], endpoint="clock"),
        Rule("/_control/mail", methods=["GET"], endpoint="mail"),
        Rule("/_control/mail", methods=["DELETE"], endpoint="mail_delete"),
        Rule("/_control/<name>/scene", methods=["POST"], endpoint="scene"),
        Rule("/_control/<name>/book", methods=["GET"], endpoint="book"),
        Rule("/_control/<name>/faults", methods=["GET"], endpoint="faults"),
        Rule("/_control/<name>/faults", methods=["POST"], endpoint="faults_add"),
        Rule("/_control/<name>/faults", methods=["DELETE"], endpoint="faults_delete"),
        Rule("/_control/<name>/webhooks", methods=["POST"], endpoint="webhooks"),
    ]
)


class Control:
    """Handlers named ``do_<endpoint>``; answers are JSON."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox

    def respond(self, request: Request) -> Response:
        try:
            endpoint, values = RULES.bind_to_environ(request.environ).match()
            body, status = getattr(self, f"do_{endpoint}")(request, **values), 200
        except Refusal as refusal:
            body, status = refusal.body, refusal.status
        except (ValueError, KeyError, TypeError) as error:
            body, status = {"error": f"{type(error).__name__}: {error}"}, 400
        except HTTPException as error:
            body, status = {"error": error.description}, error.code or 400
        text = json.dumps(body, ensure_ascii=False, default=str)
        return Response(text + "\n", status, mimetype="application/json")

    def _service(self, name: str) -> Service:
        if name not in self.sandbox.services:
            raise NotFound(f"No service {name!r}; there are {[*self.sandbox.services]}")
        return self.sandbox.services[name]

    def do_health(self, request: Request) -> dict:
        return {
            "status": "ok",
            "services": [*self.sandbox.services],
            "smtp_port": self.sandbox.mail.port,
            "now": CLOCK.iso(),
        }

    def do_reset(self, request: Request, name: str | None = None) -> dict:
        """All services and the mails, or one (``mail`` is one too)."""
        if name in (None, "mail"):
            self.sandbox.mail.clear()
        if name is None:
            CLOCK.reset()
        names = [*self.sandbox.services] if name is None else [name]
        for item in names:
            if item != "mail":
                self._service(item).reset()
        return {"reset": names}

    def do_clock(self, request: Request) -> dict:
        """POST ``{"now": iso}``, ``{"advance": seconds}`` or ``{"reset": true}``."""
        if request.method == "POST":
            data = request.get_json()
            if data.get("reset"):
                CLOCK.reset()
            if "now" in data:
                CLOCK.set(datetime.fromisoformat(data["now"]))
            if "advance" in data:
                CLOCK.advance(float(data["advance"]))
        return {"now": CLOCK.iso()}

    def do_scene(self, request: Request, name: str) -> dict:
        return self._service(name).scene(request.get_json())

    def do_book(self, request: Request, name: str) -> dict:
        return {"service": name, **self._service(name).book.as_dict()}

    def do_faults(self, request: Request, name: str) -> dict:
        kinds = {**REQUEST_KINDS, **WEBHOOK_KINDS}
        return {"faults": self._service(name).faults.all(), "kinds": kinds}

    def do_faults_add(self, request: Request, name: str) -> dict:
        """One fault, or ``{"faults": [...]}``."""
        data = request.get_json()
        queue = self._service(name).faults
        return {"ids": [queue.add(item) for item in data.get("faults", [data])]}

    def do_faults_delete(self, request: Request, name: str) -> dict:
        self._service(name).faults.clear()
        return {"faults": []}

    def do_webhooks(self, request: Request, name: str) -> dict:
        """Send all that waits now, held ones too; ``{"again": id}`` repeats one."""
        service = self._service(name)
        data: dict[str, Any] = request.get_json(silent=True) or {}
        if "again" in data:
            service.book.execute(
                "UPDATE deliveries SET state = 'waiting', due = 0 WHERE id = ?",
                data["again"],
            )
        else:
            service.book.execute(
                "UPDATE deliveries SET state = 'waiting' WHERE state = 'held'"
            )
        tries = Sender.send_due(service, time.time() + 10**6)
        return {"tries": tries, "webhooks": service.book.as_dict()["webhooks"]}

    def do_mail(self, request: Request) -> list[dict]:
        """Newest first; ``to``: part of an address; ``since``: time or id."""
        return self.sandbox.mail.find(
            request.args.get("to", ""), request.args.get("since", "")
        )

    def do_mail_delete(self, request: Request) -> dict:
        return {"deleted": self.sandbox.mail.clear()}
