"""A private PostgreSQL cluster, or the server that PGHOST, PGPORT, PGUSER name.

The cluster listens on a socket in its own folder only: no port is taken, so checkouts
on one machine do not meet. Commands share it; the last one that ends stops it.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import errors, stamps, tools
from .errors import SetupError
from .paths import LOG, ROOT, RUNTIME
from .progress import step

FOLDER = RUNTIME / "pg"
DATA = FOLDER / "data"
PORT = 54715
USER = "odoo"
_MAX_SOCKET_PATH = 100
_OLDEST, _NEWEST = 15, 17
# The databases are made anew at will: speed matters, surviving a power cut does not.
_SETTINGS = """
unix_socket_directories = '{socket}'
port = {port}
max_connections = 200
shared_buffers = 256MB
fsync = off
full_page_writes = off
synchronous_commit = off
jit = off
"""

_PRIVATE = "or unset PGHOST, PGPORT and PGUSER to use a private one."
# What a server of the user's own may answer, and what helps.
_REFUSALS = (
    (
        re.compile(
            r"(?i)could not connect|connection refused|timeout expired|no route|"
            r"could not translate host name|is the server running|unreachable"
        ),
        "The PostgreSQL server does not answer",
        f"Start it, name another one, {_PRIVATE}",
    ),
    (
        re.compile(
            r"(?i)authentication failed|no password supplied|no pg_hba.conf entry|"
            r'role "[^"]*" does not exist'
        ),
        "The PostgreSQL server lets nobody in with this name and password",
        f"Set PGUSER and PGPASSWORD (or PGPASSFILE), {_PRIVATE}",
    ),
    (
        re.compile(r"(?i)permission denied to create database"),
        "This user may not make databases on the PostgreSQL server",
        "Give it that right (ALTER ROLE … CREATEDB), or name another one in PGUSER.",
    ),
)


def is_external() -> bool:
    """Tell whether the user named a server of his own."""
    host = os.environ.get("PGHOST")
    named = host or os.environ.get("PGPORT") or os.environ.get("PGUSER")
    return bool(named) and host not in {str(FOLDER), _socket_folder()}


def _named(*more: str) -> dict[str, str]:
    """Return what the user says of a server of his own."""
    names = ("PGHOST", "PGPORT", "PGUSER", *more)
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def environment() -> dict[str, str]:
    """Return PGHOST, PGPORT, PGUSER of the server in use."""
    if is_external():
        return _named("PGPASSWORD", "PGPASSFILE")
    return {"PGHOST": _socket_folder(), "PGPORT": str(PORT), "PGUSER": USER}


def name_of(database: str) -> str:
    """Return the name `database` has on the server in use.

    On a server that others use too, the names carry a mark of this checkout.
    """
    if not is_external():
        return database
    return f"ris_{stamps.key_of(str(ROOT))[:6]}_{database}"


@contextmanager
def running():
    """Have the server run while the body does.

    :raise SetupError: server of another version, cluster of another version, no server
    """
    if is_external():
        check_version(psql("SHOW server_version_num"))
        yield
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (RUNTIME / "pg.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        _start()
        try:
            yield
        finally:
            _stop_if_last(users)


def check_version(version: str) -> None:
    """Refuse a server of a version nobody tried.

    :param version: as the server says it, e.g. ``"150018"``
    :raise SetupError: when it is not PostgreSQL 15, 16 or 17
    """
    major = int(version) // 10000
    if not _OLDEST <= major <= _NEWEST:
        raise SetupError(
            f"The PostgreSQL server is of version {major}, not {_OLDEST} to {_NEWEST}",
            "Name another server in PGHOST and PGPORT, or unset them to use a "
            "private one.",
        )


def check_cluster(major: str) -> None:
    """Refuse data of another version than the programs.

    :param major: content of the cluster's ``PG_VERSION``
    :raise SetupError: when it differs
    """
    if major.strip() != str(tools.POSTGRES_MAJOR):
        raise SetupError(
            f"The databases in {DATA} are of PostgreSQL {major.strip()}, "
            f"not {tools.POSTGRES_MAJOR}",
            f"Remove {FOLDER}; the databases are built again.",
        )


def psql(statement: str, database: str = "postgres") -> str:
    """Run one statement and return what it answers, unaligned.

    :raise SetupError: when the server refuses
    """
    folder, extra = client()
    command = [f"{folder}psql", "-XwtAq", "-v", "ON_ERROR_STOP=1"]
    command += ["-d", database, "-c", statement]
    process = subprocess.run(
        command,
        env={**os.environ, **extra, **environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise refusal(process.stderr)
    return process.stdout.strip()


def refusal(output: str) -> SetupError:
    """Turn what a PostgreSQL program says into an error a person understands."""
    if not is_external():
        return errors.from_output("Asking PostgreSQL", output, FOLDER / "server.log")
    server = " ".join(f"{key}={value}" for key, value in sorted(_named().items()))
    for pattern, what, remedy in _REFUSALS:
        if pattern.search(output):
            return SetupError(f"{what} ({server})", remedy)
    return errors.from_output(f"Asking the PostgreSQL server ({server})", output)


def client() -> tuple[str, dict[str, str]]:
    """Return what to put before a client program's name, and its environment."""
    if is_external() and shutil.which("psql"):
        return "", {}
    folder, extra = tools.postgres_bin()
    return f"{folder}/", extra


def _socket_folder() -> str:
    """Return the socket's folder: below the checkout unless its path is too long."""
    folder = str(FOLDER)
    if len(folder) <= _MAX_SOCKET_PATH - len("/.s.PGSQL.00000"):
        return folder
    mark = f"ris-{os.getuid()}-{stamps.key_of(str(ROOT))}"
    return str(Path(tempfile.gettempdir()) / mark)


def _server_user() -> str | None:
    """Return the user the server runs as when we are root: it refuses root itself."""
    if os.getuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise SetupError("There is no user nobody", "Add one: the server refuses root.")


def _as_server_user(command: list[str]) -> list[str]:
    user = _server_user()
    if user is None:
        return command
    entry = pwd.getpwnam(user)
    switch = [tools.require("setpriv"), f"--reuid={entry.pw_uid}"]
    switch += [f"--regid={entry.pw_gid}", "--clear-groups"]
    reach = [*switch, "test", "-x", str(FOLDER)]
    if subprocess.run(reach, check=False, stderr=subprocess.DEVNULL).returncode:
        # The checkout lies below a folder of root's: let the server pass through.
        switch += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*switch, *command]


def _own(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    if user := _server_user():
        shutil.chown(folder, user)


def _start() -> None:
    with (RUNTIME / "pg.start").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        folder, extra = tools.postgres_bin()
        _own(FOLDER)
        _own(Path(_socket_folder()))
        if not (DATA / "PG_VERSION").exists():
            _make_cluster(folder, extra)
        check_cluster((DATA / "PG_VERSION").read_text())
        if _control(folder, extra, "status", check=False).returncode == 0:
            return
        _control(folder, extra, "-w", "-t", "60", "-l", f"{FOLDER}/server.log", "start")
        (RUNTIME / "pg.started").touch()


def _make_cluster(folder: Path, extra: dict[str, str]) -> None:
    building = FOLDER / "data.new"
    shutil.rmtree(building, ignore_errors=True)
    shutil.rmtree(DATA, ignore_errors=True)
    with step("Making the PostgreSQL cluster"):
        command = [f"{folder}/initdb", "-D", str(building), "-U", USER]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        _run_as_server(command, extra, "Making the PostgreSQL cluster")
        settings = _SETTINGS.format(socket=_socket_folder(), port=PORT)
        settings += "listen_addresses = ''\n"
        with (building / "postgresql.conf").open("a") as configuration:
            configuration.write(settings)
        building.rename(DATA)


def _control(folder: Path, extra: dict[str, str], *arguments: str, check: bool = True):
    command = [f"{folder}/pg_ctl", "-D", str(DATA), *arguments]
    return _run_as_server(command, extra, "Starting PostgreSQL", check)


def _run_as_server(
    command: list[str], extra: dict[str, str], doing: str, check: bool = True
):
    LOG.mkdir(parents=True, exist_ok=True)
    with (LOG / "postgres.log").open("w+") as log:
        process = subprocess.run(
            _as_server_user(command),
            cwd="/",
            env={**os.environ, **extra, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )
        if check and process.returncode:
            log.seek(0)
            raise errors.from_output(doing, log.read(), FOLDER / "server.log")
    return process


def _stop_if_last(users) -> None:
    """Stop the cluster when no other command uses it and a command started it."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if (RUNTIME / "pg.started").exists():
        folder, extra = tools.postgres_bin()
        _control(folder, extra, "-w", "-m", "fast", "stop", check=False)
        (RUNTIME / "pg.started").unlink(missing_ok=True)
