"""The one process: finds the services, routes requests to them, starts and stops."""

import importlib
import logging
import pkgutil
import threading
from pathlib import Path
from typing import Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.utils import redirect

from .control import Control
from .faults import DroppedConnection
from .mail import MailSink
from .pages import Pages
from .service import Refusal, Service
from .store import Book
from .webhooks import Sender

_logger = logging.getLogger(__name__)
FOLDER = Path(__file__).parent
BODY_LIMIT = 32 * 2**20


def service_classes() -> list[type[Service]]:
    """:return: ``SERVICE`` of every package here that has a module ``service``"""
    found = []
    for module in pkgutil.iter_modules([str(FOLDER)]):
        if module.ispkg and (FOLDER / module.name / "service.py").exists():
            package = f"{__package__}.{module.name}.service"
            found.append(importlib.import_module(package).SERVICE)
    return sorted(found, key=lambda item: item.title.lower())


class _QuietHandler(WSGIRequestHandler):
    """The book is the log; the console stays quiet."""

    def log(self, type: str, message: str, *args: Any) -> None:
        _logger.debug(message, *args)

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        self.close_connection = True


class Sandbox:
    """All services, the mail sink and the web server that shows them.

    >>> sandbox = Sandbox(Path("/tmp/books"))   # doctest: +SKIP
    >>> sandbox.start(port=0, smtp_port=0)      # doctest: +SKIP
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.url = ""
        self.pages = Pages(self)
        self.mail = MailSink(Book(folder / "mail.sqlite"))
        self.services: dict[str, Service] = {}
        for cls in service_classes():
            self.services[cls.name] = cls(Book(folder / f"{cls.name}.sqlite"), self)
        self.control = Control(self)
        self.sender = Sender(self.services.values())
        self._server: BaseWSGIServer | None = None

    # === LIFE === #

    def start(self, port: int, smtp_port: int) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one.

        :raise OSError: when a port is taken; nothing is left running then
        """
        self.mail.start(smtp_port)
        try:
            self._server = make_server(
                "127.0.0.1", port, self, threaded=True, request_handler=_QuietHandler
            )
        except (OSError, SystemExit) as error:
            self.mail.stop()
            raise OSError(f"Port {port} is taken") from error
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.sender.start()
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        if self.sender.is_alive():
            self.sender.stop()
        self.mail.stop()
        for service in self.services.values():
            service.book.close()

    # === WSGI === #

    def __call__(self, environ: dict, start_response: Any) -> Any:
        request = Request(environ)
        request.max_content_length = BODY_LIMIT
        try:
            response = self._route(request)
        except DroppedConnection:
            raise
        except Refusal as refusal:
            response = Response(str(refusal.body), refusal.status)
        except HTTPException as error:
            response = error.get_response(environ)
        return response(environ, start_response)

    def _route(self, request: Request) -> Response:
        first = request.path.strip("/").split("/", 1)[0]
        if not first:
            return redirect("/_book/")
        if first == "_control":
            return self.control.respond(request)
        if first == "_book":
            return self.pages.respond(request)
        service = self.services.get(first)
        if service is None:
            return Response("No such service\n", 404)
        environ = dict(request.environ)
        environ["SCRIPT_NAME"] = f"/{first}"
        environ["PATH_INFO"] = request.path[len(first) + 1 :] or "/"
        inner = Request(environ)
        inner.max_content_length = BODY_LIMIT
        return service.respond(inner)
