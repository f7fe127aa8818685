"""Goods of each period with Odoo's stock installed, in a database of its own."""

import subprocess

import pytest

from setup.lib import odoo
from setup.lib.paths import LOG, VENV_PYTHON
from setup.lib.postgres import name_of, psql
from tests.own_database import database_with, run_odoo_tests
from tests.test_install_log import complaints

ADDON = "subscription_stock"


@pytest.fixture(scope="module")
def stock():
    """Return a copy of the addons' database with stock; our glue came by itself."""
    with database_with("stock", "sale_stock") as name:
        yield name


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
    number = run_odoo_tests(stock, ADDON, f"/{ADDON}")
    assert number >= 6
    figure("tests with stock installed", number)
