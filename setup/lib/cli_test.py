"""``./setup/test``: every test under pytest, on a freshly installed database."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from . import checks, database, odoo, prepare, processes, tools
from .command import main
from .paths import ROOT, VENV_PYTHON

USAGE = """usage: ./setup/test [--long] [pytest arguments]

Prepares the runtime, installs our addons on a fresh database and runs the whole suite.
  --long   also the long rigs: uninstall and reinstall, Odoo's own suites, crash, race
A path or -k, -x … after it goes to pytest: ./setup/test connection_base -k webhook
The whole suite runs in several processes, each with a copy of the database; a part of
it, or with -x, -s or --pdb, runs in one. -n chooses their number.
"""
_MOST_LANES = 4
_ALONE = ("--pdb", "--trace", "-s", "--capture=no", "-x")


def lanes(arguments: list[str], cores: int | None = None) -> list[str]:
    """Return pytest's options that spread the suite over processes.

    :param arguments: the caller's own; what they say goes before
    :param cores: of this machine, by default those it has

    >>> lanes([], cores=2)
    ['-n2', '--no-loadscope-reorder']
    >>> lanes(["connection_base"], cores=2), lanes([], cores=1)
    ([], [])
    """
    if any(argument.startswith("-n") for argument in arguments):
        return ["--no-loadscope-reorder"]
    number = min(_MOST_LANES, cores or os.cpu_count() or 1)
    paths = [
        argument
        for argument in arguments
        if not argument.startswith("-")
        and (ROOT / Path(argument.partition("::")[0])).exists()
    ]
    if number < 2 or paths or any(argument in _ALONE for argument in arguments):
        return []
    return [f"-n{number}", "--no-loadscope-reorder"]


def run(arguments: list[str]) -> int:
    """Run the command; return pytest's exit status."""
    prepare.environment()
    checks.check_disk()
    waiting = "Another ./setup/test runs in this checkout; waiting for it"
    with prepare.server(), processes.lock("test", waiting):
        browser, extra = tools.chromium()
        with prepare.databases():
            name = database.test()
        command = [str(VENV_PYTHON), "-m", "pytest", f"--odoo-database={name}"]
        command += ["--odoo-http", *lanes(arguments), *arguments]
        environment = {**odoo.environment(), **extra, "CHROMIUM": str(browser)}
        environment["CHROMIUM_LIBRARIES"] = extra.get("LD_LIBRARY_PATH", "")
        environment["PATH"] += f":{browser.parent}"
        return processes.wait_for(subprocess.Popen(command, env=environment))


if __name__ == "__main__":
    main(run, usage=USAGE)
