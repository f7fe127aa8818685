"""Fixtures for the tests of the whole product."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from setup.lib import product as products
from setup.lib.paths import RUNTIME
from setup.lib.prepare import databases
from setup.lib.processes import Processes


@pytest.fixture(scope="session")
def product():
    """The running product on a demo club of its own, made anew for this run.

    :return: ``setup.lib.product.Product`` with ``odoo_url``, ``sandbox_url``,
        ``database``
    """
    with Processes() as processes:
        with databases():
            place = products.start(processes, None, name="product", fresh=True)
        yield place


@dataclass(frozen=True)
class Played:
    """The business day as it was played: its table and what it was played on."""

    place: products.Product
    rows: list


@pytest.fixture(scope="session")
def played(product):
    """The product after its business day."""
    from tests.scenarios.day import play

    rows = play(product.odoo_url, product.database, product.sandbox_url)
    return Played(product, rows)


@pytest.fixture(scope="session")
def browser():
    """Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    environment = dict(os.environ)
    if libraries := os.environ.get("CHROMIUM_LIBRARIES"):
        environment["LD_LIBRARY_PATH"] = libraries
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            env=environment,
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, request):
    """A page in a fresh browser session; its picture is kept when the test fails."""
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    opened = context.new_page()
    failed_before = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failed_before:
        folder: Path = RUNTIME / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        opened.screenshot(path=folder / f"{request.node.name}.png")
    context.close()
