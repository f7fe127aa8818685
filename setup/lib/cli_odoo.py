"""``./setup/odoo …``: Odoo's own command line in the runtime."""

from __future__ import annotations

import subprocess

from . import database, odoo, prepare
from .command import main
from .postgres import name_of
from .processes import wait_for

# The commands of Odoo that work on one database.
_ON_A_DATABASE = {"server", "shell", "i18n", "module", "neutralize"}
_NAMING = {"-d", "--database", "--db_name"}
_ON_NONE = {"-h", "--help", "--version"}


def with_database(arguments: list[str], name: str) -> list[str]:
    """Return `arguments` with the database `name` unless they say otherwise.

    >>> with_database(["shell"], "demo")
    ['shell', '-d', 'demo']
    >>> with_database(["shell", "-d", "mine"], "demo")
    ['shell', '-d', 'mine']
    >>> with_database(["cloc", "-p", "addon"], "demo")
    ['cloc', '-p', 'addon']
    """
    plain = {argument.split("=", 1)[0] for argument in arguments}
    has_command = bool(arguments) and not arguments[0].startswith("-")
    subcommand = arguments[0] if has_command else "server"
    if plain & (_NAMING | _ON_NONE) or subcommand not in _ON_A_DATABASE:
        return arguments
    return [*arguments, "-d", name]


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
