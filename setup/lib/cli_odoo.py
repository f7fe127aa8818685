"""``./setup/odoo …``: Odoo's own command line in the runtime."""

from __future__ import annotations

import subprocess

from . import database, odoo, prepare
from .command import main
from .postgres import name_of
from .processes import wait_for

# The commands of Odoo that work on one database.
_ON_A_DATABASE = {"server", "shell", "i18n", "module", "neutralize", "upgrade_code"}
_ON_NONE = {"upgrade_code"}


def with_database(arguments: list[str], name: str) -> list[str]:
    """Return `arguments` with the database `name` unless they say otherwise.

    >>> with_database(["shell"], "demo")
    ['shell', '--database=demo']
    >>> with_database(["shell", "-d", "mine"], "demo")
    ['shell', '-d', 'mine']
    >>> with_database(["cloc", "-p", "addon"], "demo")
    ['cloc', '-p', 'addon']
    """
    named = any(
        argument.startswith(("-d", "--database", "--db_name", "--help", "-h"))
        for argument in arguments
        if not argument.startswith(("--db_", "--db-")) or argument == "--db_name"
    )
    subcommand = next((a for a in arguments[:1] if not a.startswith("-")), "server")
    if named or subcommand not in _ON_A_DATABASE - _ON_NONE:
        return arguments
    if subcommand == "i18n" or subcommand == "module":
        return [*arguments, "-d", name]
    return [*arguments, f"--database={name}"]


def run(arguments: list[str]) -> int:
    """Run the command; return Odoo's exit status."""
    prepare.environment()
    with prepare.server():
        wanted = with_database(arguments, name_of("demo"))
        if wanted != arguments and not database.exists("demo"):
            with prepare.databases():
                database.demo()
        return wait_for(subprocess.Popen(odoo.command(*wanted), env=odoo.environment()))


if __name__ == "__main__":
    main(run, usage="")
