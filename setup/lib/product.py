"""The running product: the demo database, the five sandbox services, Odoo."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import checks, database, errors, odoo
from .errors import SetupError
from .paths import RUNTIME, VENV_PYTHON
from .postgres import name_of, psql
from .processes import Processes, wait_until
from .progress import step

SANDBOX_PORT, MAIL_PORT = 8079, 8025
_START_SECONDS = 30


@dataclass(frozen=True)
class Product:
    """Where the parts of the running product answer.

    :param odoo_url: e.g. ``"http://localhost:8069"``
    :param sandbox_url: e.g. ``"http://127.0.0.1:8079"``
    :param database: its name on the server
    """

    odoo_url: str
    sandbox_url: str
    database: str


def start(
    processes: Processes, port: int | None, name: str = "demo", fresh: bool = False
) -> Product:
    """Build what is missing and start everything.

    :param port: Odoo's port; a free one when not given
    :param name: the database; its sandbox book and its logs are called after it
    :param fresh: throw away the database and the book that belongs to it
    :raise SetupError: a port is taken, something does not start
    """
    state = _State(name)
    ports = state.ports(fresh or not database.exists(name))
    is_new = database.demo(fresh, name, {"SANDBOX_SMTP_PORT": str(ports["mail"])})
    if is_new:
        shutil.rmtree(state.book, ignore_errors=True)
    with step("Starting the sandbox services and Odoo"):
        sandbox_url = _start_sandbox(processes, state, ports)
        port = port or checks.free_port()
        _write_address(name_of(name), f"http://localhost:{port}")
        url = odoo.start(processes, name_of(name), port, name=f"{name}_odoo")
    return Product(url, sandbox_url, name_of(name))


def _write_address(database_name: str, url: str) -> None:
    """Tell a database where it answers.

    Odoo learns its address when an administrator signs in; jobs that mail a link or
    print an invoice may run before that.
    """
    psql(
        f"UPDATE ir_config_parameter SET value = '{url}' WHERE key = 'web.base.url'",
        database_name,
    )


class _State:
    """What must stay the same as long as a database lives: its ports and its book.

    The database holds the addresses of the sandbox services, so a free port chosen once
    is kept with it. A database of the same name on another server has its own.
    """

    def __init__(self, name: str):
        self.name = name
        self.book = RUNTIME / "sandbox" / name_of(name)
        self._file = RUNTIME / f"{name_of(name)}.ports.json"

    def ports(self, choose: bool) -> dict[str, int]:
        """Return the ports of the services and of the mail sink.

        :param choose: choose anew; those of a living database must be free as they are
        :raise SetupError: when a kept port is taken
        """
        if choose or not self._file.exists():
            mine = self.name == "demo"
            ports = {
                "sandbox": checks.free_port(SANDBOX_PORT if mine else None),
                "mail": checks.free_port(MAIL_PORT if mine else None),
            }
            self._file.write_text(json.dumps(ports))
            return ports
        ports = json.loads(self._file.read_text())
        for port in ports.values():
            if not checks.is_port_free(port):
                raise SetupError(
                    f"Port {port} of the sandbox services is taken",
                    "Stop the program that uses it, or choose another port and build "
                    "the database again with --fresh.",
                )
        return ports


def _start_sandbox(processes: Processes, state: _State, ports: dict[str, int]) -> str:
    command = [str(VENV_PYTHON), "-m", "tests.sandbox"]
    command += ["--port", str(ports["sandbox"]), "--smtp-port", str(ports["mail"])]
    command += ["--data", str(state.book)]
    name = f"{state.name}_sandbox"
    log: Path = processes.start(name, command, odoo.environment())
    url = f"http://127.0.0.1:{ports['sandbox']}"
    health = f"{url}/_control/health"
    wait_until(lambda: odoo.answers(health) or processes.ended(), _START_SECONDS)
    # Another checkout's may answer on a port that both took for free.
    if processes.ended() or not odoo.answers(health):
        text = log.read_text(errors="replace")
        raise errors.from_output("Starting the sandbox services", text, log)
    return url
