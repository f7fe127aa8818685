"""``./setup/test``: every test under pytest, on a freshly installed database."""

from __future__ import annotations

import subprocess

from . import checks, database, odoo, prepare, processes, tools
from .command import main
from .paths import VENV_PYTHON

USAGE = """usage: ./setup/test [--long] [pytest arguments]

Prepares the runtime, installs our addons on a fresh database and runs the whole suite.
  --long   also the long rigs: uninstall and reinstall, Odoo's own suites, crash, race
A path or -k, -x … after it goes to pytest: ./setup/test connection_base -k webhook
"""


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
        command += ["--odoo-http", *arguments]
        environment = {**odoo.environment(), **extra, "CHROMIUM": str(browser)}
        environment["CHROMIUM_LIBRARIES"] = extra.get("LD_LIBRARY_PATH", "")
        environment["PATH"] += f":{browser.parent}"
        return processes.wait_for(subprocess.Popen(command, env=environment))


if __name__ == "__main__":
    main(run, usage=USAGE)
