"""Tests of an addon in a database of its own, with modules that most do not have."""

import re
import subprocess
from contextlib import contextmanager

from setup.lib import checks, database, odoo
from setup.lib.paths import LOG
from setup.lib.postgres import name_of

_END = re.compile(r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests")


@contextmanager
def database_with(name, *modules):
    """Give a copy of the addons' database with more modules, under ``name``.

    The log of their installation is ``<name>_install.log``.
    """
    database.clone(database.with_addons(), name)
    target = f"--database={name_of(name)}"
    odoo.run(f"{name}_install", target, "-i", ",".join(modules), "--stop-after-init")
    try:
        yield name
    finally:
        database.drop(name)


def read_odoo_tests(name, addons, tags):
    """Run tests with Odoo's own command in a database.

    :return: the log's path, and its text
    """
    command = odoo.command(
        f"--database={name_of(name)}",
        f"--update={addons}",
        f"--test-tags={tags}",
        f"--http-port={checks.free_port()}",
        "--stop-after-init",
    )
    log = LOG / f"{name}_tests.log"
    with log.open("wb") as output:
        subprocess.run(
            command, env=odoo.environment(), stdout=output, stderr=output, check=False
        )
    return log, log.read_text(errors="replace")


def run_odoo_tests(name, addon, tags):
    """Run an addon's own tests there; they have to pass.

    :return: how many ran
    """
    log, text = read_odoo_tests(name, addon, tags)
    found = _END.findall(text)
    assert found, f"the run did not come to its end, see {log}"
    failed, errors, number = map(int, found[-1])
    assert (failed, errors) == (0, 0), f"see {log}"
    return number
