"""Odoo in the runtime: where its code is, its environment, its command line."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from . import apt, errors, postgres, tools, venv
from .errors import SetupError
from .paths import BIN, LOG, ROOT, RUNTIME, VENV, VENV_PYTHON
from .processes import Processes, wait_until

DATA_DIR = RUNTIME / "data"
CONFIG = RUNTIME / "odoo.conf"
KEY_FILE = RUNTIME / "connection.key"
_ANSWER = "ANSWER "
_UNPACKED = RUNTIME / "odoo"
START_SECONDS = 120
_SERVER_OPTIONS = {
    "db_host": "PGHOST",
    "db_port": "PGPORT",
    "db_user": "PGUSER",
    "db_password": "PGPASSWORD",
}


def packages() -> Path:
    """Return the folder that holds the ``odoo`` package; fetch Odoo when needed.

    :raise SetupError: when ODOO_SOURCE holds no Odoo 19, or nothing can be fetched
    """
    named = os.environ.get("ODOO_SOURCE")
    if not named:
        apt.prepare_odoo(_UNPACKED)
        return _UNPACKED / "usr" / "lib" / "python3" / "dist-packages"
    folder = Path(named).expanduser().resolve()
    if version(folder) != "19.0":
        raise SetupError(
            f"ODOO_SOURCE={named} holds no Odoo 19.0",
            "Name the folder that holds odoo/release.py of version 19.0, or unset it.",
        )
    return folder


def version(folder: Path) -> str:
    """Return the series of the Odoo tree in `folder`, e.g. ``"19.0"``, or ``""``."""
    try:
        text = (folder / "odoo" / "release.py").read_text()
    except OSError:
        return ""
    found = re.search(r"^version_info = \((\d+), (\d+)", text, re.MULTILINE)
    return f"{found[1]}.{found[2]}" if found else ""


def addons_path(folder: Path) -> list[Path]:
    """Return Odoo's, the installed and our own addons folders that exist."""
    within = [folder / "odoo" / "addons"]
    if not (within[0] / "web").exists():
        within.append(folder / "addons")
    candidates = (
        *within,
        venv.site_packages() / "odoo" / "addons",
        ROOT,
    )
    return [path for path in candidates if any(path.glob("*/__manifest__.py"))]


def write_config() -> None:
    """Write ``odoo.conf`` and the key file; both for their owner's eyes only."""
    server = postgres.environment()
    paths = ",".join(str(path) for path in addons_path(packages()))
    lines = [
        "[options]",
        f"addons_path = {paths}",
        f"data_dir = {DATA_DIR}",
        "http_interface = 127.0.0.1",
        "without_demo = True",
        "workers = 0",
        "max_cron_threads = 0",
        # In threaded mode a slow request or job makes Odoo start itself anew; on a
        # busy machine that is worse than waiting.
        "limit_time_real = 1800",
        "limit_time_real_cron = 1800",
    ]
    for option, name in _SERVER_OPTIONS.items():
        if name in server:
            lines.append(f"{option} = {server[name]}")
    _write_private(CONFIG, "\n".join(lines) + "\n")
    if not KEY_FILE.exists():
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        _write_private(KEY_FILE, key + "\n")
    DATA_DIR.mkdir(parents=True, exist_ok=True)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(text)


def environment() -> dict[str, str]:
    """Return the environment in which Odoo, its tests and its tools run."""
    folder, extra = tools.postgres_bin() if not postgres.is_external() else ("", {})
    path = [str(BIN), str(VENV / "bin"), str(folder), os.environ.get("PATH", "")]
    return {
        **os.environ,
        **extra,
        **postgres.environment(),
        "PATH": ":".join(part for part in path if part),
        "ODOO_RC": str(CONFIG),
        "CONNECTION_BASE_KEY_FILE": str(KEY_FILE),
        "PROJECT_ROOT": str(ROOT),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "LANG": "C.UTF-8",
    }


def command(*arguments: str) -> list[str]:
    """Return Odoo's own command line with `arguments`."""
    return [str(VENV_PYTHON), "-m", "odoo", *arguments]


def command_with_workers(*arguments: str) -> list[str]:
    """Return Odoo's command line for a server of several processes."""
    return [str(VENV_PYTHON), str(ROOT / "setup" / "odoo_server.py"), *arguments]


def run(
    log_name: str,
    *arguments: str,
    script: Path | None = None,
    extra: dict[str, str] | None = None,
) -> Path:
    """Run Odoo to its end; its output goes to ``.runtime/log/<log_name>.log``.

    :param script: file that the shell reads as standard input
    :param extra: more environment
    :return: the log
    :raise SetupError: when Odoo fails
    """
    LOG.mkdir(parents=True, exist_ok=True)
    log = LOG / f"{log_name}.log"
    source = script.read_bytes() if script else b""
    with log.open("wb") as output:
        code = subprocess.run(
            command(*arguments),
            cwd=ROOT,
            env={**environment(), **(extra or {})},
            input=source,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        text = log.read_text(errors="replace")
        raise errors.from_output(f"Odoo ({log_name})", text, log)
    return log


def ask(
    log_name: str, *options: str, script: Path, extra: dict[str, str] | None = None
) -> Any:
    """Run a script in Odoo's shell and return its answer.

    The script writes it as a line of its own: ``ANSWER`` and JSON.

    :param options: of Odoo's command line, the database among them
    :raise SetupError: when Odoo fails, or the script ends without an answer
    """
    log = run(log_name, "shell", "--no-http", *options, script=script, extra=extra)
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith(_ANSWER):
            return json.loads(line.removeprefix(_ANSWER))
    raise SetupError(f"{script.name} ended without an answer", f"See {log}.")


def start(
    processes: Processes, database: str, port: int, name: str = "odoo", crons: int = 1
) -> str:
    """Start the server on one database and wait for its login page.

    Threaded mode: one process serves pages, the bus and the crons, so the web client's
    websocket works on the same port without a proxy in front.

    :return: the server's address
    :raise SetupError: when the page does not come
    """
    arguments = [f"--database={database}", f"--http-port={port}"]
    arguments += [f"--db-filter=^{re.escape(database)}$", "--no-database-list"]
    arguments += [f"--max-cron-threads={crons}"]
    log = processes.start(name, command(*arguments), environment())
    url = f"http://localhost:{port}"
    wait_until(lambda: answers(f"{url}/web/login") or processes.ended(), START_SECONDS)
    if not answers(f"{url}/web/login"):
        raise errors.from_output(
            "Starting Odoo", log.read_text(errors="replace")[-3000:], log
        )
    return url


def answers(url: str) -> bool:
    """Tell whether `url` gives a page."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False
