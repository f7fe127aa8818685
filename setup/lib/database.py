"""The databases, each built from the one before it and kept as long as it is current.

    base_<key>    Odoo and the modules our addons stand on; changes with Odoo only
    addons_<key>  base with our addons freshly installed, then updated once
    demo          addons with the demo club: what ``./setup/run`` shows
    test          addons, for the tests of models and routes
    product       addons with the demo club, for the tests of the whole product

A database is built under another name and renamed when it is complete.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from . import errors, odoo, stamps
from .paths import LOG, ROOT, present_addons
from .postgres import client, name_of, psql
from .postgres import environment as postgres_environment
from .progress import step

MODULES = (
    "l10n_nl",
    "sale_management",
    "website_sale",
    "account",
    "payment_demo",
    "account_payment",
    "snailmail_account",
    "auth_signup",
    "auth_passkey_portal",
    "portal",
    "sms",
)
LANGUAGES = "en_US,nl_NL,de_DE,fr_FR"
_BASE_SCRIPT = Path(__file__).with_name("base_company.py")
_DEMO_SCRIPT = ROOT / "setup" / "demo" / "load.py"


def exists(database: str) -> bool:
    """Tell whether the server has `database`."""
    found = psql(f"SELECT 1 FROM pg_database WHERE datname = '{name_of(database)}'")
    return found == "1"


def drop(database: str) -> None:
    """Drop `database` and its files, if there."""
    stamps.remove(_stamp(database))
    _drop_named(name_of(database))


def _stamp(database: str) -> str:
    return f"db_{name_of(database)}"


def _drop_named(name: str) -> None:
    # The server goes on making a database for a command that was killed.
    psql(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        f"WHERE starts_with(query, 'CREATE DATABASE \"{name}\"') "
        "AND state = 'active' AND pid <> pg_backend_pid()"
    )
    psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_files(name), ignore_errors=True)


def clone(source: str, target: str) -> None:
    """Make `target` a copy of `source`, files too; what `target` held is dropped."""
    drop(target)
    source_name, target_name = name_of(source), name_of(target)
    _disconnect(source_name)
    psql(f'CREATE DATABASE "{target_name}" TEMPLATE "{source_name}"')
    shutil.rmtree(_files(target_name), ignore_errors=True)
    if _files(source_name).exists():
        shutil.copytree(_files(source_name), _files(target_name))


def copy_live(source: str, target: str) -> None:
    """Make `target` a copy of `source` while others work in it.

    :raise SetupError: when the copy fails
    """
    drop(target)
    psql(f'CREATE DATABASE "{name_of(target)}" TEMPLATE template0')
    folder, extra = client()
    environment = {**os.environ, **extra, **postgres_environment()}
    with subprocess.Popen(
        [f"{folder}pg_dump", "--no-owner", name_of(source)],
        env=environment,
        stdout=subprocess.PIPE,
    ) as dump:
        done = subprocess.run(
            [f"{folder}psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", name_of(target)],
            env=environment,
            stdin=dump.stdout,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if dump.returncode or done.returncode:
        raise errors.from_output(f"Copying {source}", done.stderr)
    if _files(name_of(source)).exists():
        shutil.copytree(_files(name_of(source)), _files(name_of(target)))


def _disconnect(name: str) -> None:
    psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    )


def _files(name: str) -> Path:
    return odoo.DATA_DIR / "filestore" / name


def _rename(source: str, target: str) -> None:
    drop(target)
    _disconnect(name_of(source))
    psql(f'ALTER DATABASE "{name_of(source)}" RENAME TO "{name_of(target)}"')
    if _files(name_of(source)).exists():
        _files(name_of(source)).rename(_files(name_of(target)))


def _drop_older(prefix: str, kept: str) -> None:
    """Drop the databases ``<prefix>…`` of earlier keys."""
    pattern = name_of(prefix).replace("_", r"\_")
    names = psql(f"SELECT datname FROM pg_database WHERE datname LIKE '{pattern}%'")
    for name in names.split():
        if name != name_of(kept):
            _drop_named(name)


def addons_key() -> str:
    """Return the hash of our addons' code as far as a database depends on it."""
    return stamps.key_of_tree(*(ROOT / name for name in present_addons()))


def base() -> str:
    """Build the base if it is not there; return its name."""
    release = odoo.packages() / "odoo" / "release.py"
    name = f"base_{stamps.key_of(release, MODULES, LANGUAGES, _BASE_SCRIPT)}"
    if exists(name):
        return name
    building = "building_base"
    drop(building)
    target = f"--database={name_of(building)}"
    with step("Building the base database (2 minutes)", LOG / "base.log"):
        psql(f"""CREATE DATABASE "{name_of(building)}" TEMPLATE template0""")
        languages = f"--load-language={LANGUAGES}"
        odoo.run("base", target, "-i", "base", languages, "--stop-after-init")
        odoo.run("base", "shell", target, "--no-http", script=_BASE_SCRIPT)
        odoo.run("base", target, "-i", ",".join(MODULES), "--stop-after-init")
        _rename(building, name)
    _drop_older("base_", name)
    return name


def with_addons() -> str:
    """Install our addons on the base, then update them; return the database's name.

    The logs are ``install.log`` and ``update.log``: tests read them.
    """
    source = base()
    name = f"addons_{stamps.key_of(source, addons_key())}"
    if exists(name):
        return name
    building = "building_addons"
    ours = ",".join(present_addons())
    target = f"--database={name_of(building)}"
    with step("Installing our addons", LOG / "install.log"):
        clone(source, building)
        odoo.run("install", target, "-i", ours, "--stop-after-init")
    with step("Updating our addons", LOG / "update.log"):
        odoo.run("update", target, "-u", ours, "--stop-after-init")
        _rename(building, name)
    _drop_older("addons_", name)
    return name


def demo(
    fresh: bool = False, name: str = "demo", extra: dict[str, str] | None = None
) -> bool:
    """Have the demo database; update our addons in it when their code changed.

    :param fresh: build it anew whatever is there
    :param extra: environment of the script that loads the club
    :return: whether it was built just now
    """
    key, stamp = stamps.key_of(name_of(name), addons_key()), _stamp(name)
    if not fresh and exists(name) and stamps.is_current(stamp, key):
        return False
    if not fresh and exists(name) and stamps.is_present(stamp):
        with step("Updating our addons in the demo database", LOG / "demo_update.log"):
            ours, target = ",".join(present_addons()), f"--database={name_of(name)}"
            # -i installs what is new since, -u brings the rest up to date
            odoo.run("demo_update", target, "-i", ours, "-u", ours, "--stop-after-init")
        stamps.write(stamp, key)
        return False
    source = with_addons()
    with step("Loading the demo club", LOG / "demo.log"):
        clone(source, name)
        target = f"--database={name_of(name)}"
        arguments = ("shell", target, "--no-http")
        odoo.run("demo", *arguments, script=_DEMO_SCRIPT, extra=extra)
    stamps.write(stamp, key)
    return True


def test() -> str:
    """Make a fresh test database; return its name on the server."""
    source = with_addons()
    with step("Copying the test database"):
        clone(source, "test")
    return name_of("test")


def forget_unfinished() -> None:
    """Drop what an interrupted build left behind."""
    for name in ("building_base", "building_addons"):
        with suppress(OSError):
            drop(name)
