"""Goods of each period with Odoo's stock installed, in a database of its own."""

import re
import subprocess

import pytest

from setup.lib import checks, database, odoo
from setup.lib.paths import LOG, VENV_PYTHON
from setup.lib.postgres import name_of, psql
from tests.test_install_log import complaints

ADDON = "subscription_stock"
_END = re.compile(r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests")


@pytest.fixture(scope="module")
def stock():
    """Return a copy of the addons' database with stock; our glue came by itself."""
    name = "stock"
    database.clone(database.with_addons(), name)
    target = f"--database={name_of(name)}"
    odoo.run("stock_install", target, "-i", "sale_stock", "--stop-after-init")
    yield name
    database.drop(name)


def test_the_glue_installs_itself_without_complaint(stock):
    state = psql(
        f"SELECT state FROM ir_module_module WHERE name = '{ADDON}'", name_of(stock)
    )
    assert state == "installed"
    log = (LOG / "stock_install.log").read_text(errors="replace")
    assert [line for line in complaints(log) if ADDON in line] == []


def test_its_template_holds_its_texts(stock):
    command = [str(VENV_PYTHON), "-m", "setup.lib.i18n", "check", ADDON]
    command += ["-d", name_of(stock)]
    done = subprocess.run(
        command, env=odoo.environment(), capture_output=True, text=True, check=False
    )
    assert "complete" in done.stdout, done.stdout + done.stderr


def test_goods_of_each_period_are_picked_and_sent(stock, figure):
    """L2, L10, L20: the tests of the glue addon, run where stock is installed."""
    command = odoo.command(
        f"--database={name_of(stock)}",
        f"--update={ADDON}",
        f"--test-tags=/{ADDON}",
        f"--http-port={checks.free_port()}",
        "--stop-after-init",
    )
    log = LOG / "stock_tests.log"
    with log.open("wb") as output:
        subprocess.run(
            command, env=odoo.environment(), stdout=output, stderr=output, check=False
        )
    found = _END.findall(log.read_text(errors="replace"))
    assert found, f"the run did not come to its end, see {log}"
    failed, errors, number = map(int, found[-1])
    assert (failed, errors) == (0, 0), f"see {log}"
    assert number >= 6
    figure("tests with stock installed", number)
