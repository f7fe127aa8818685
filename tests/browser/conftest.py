"""Fixtures of the browser tests: a phone to look at the running product."""

import os
import resource
from contextlib import contextmanager

import pytest

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1366, "height": 900}
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests.

    Odoo's server in this process limits the address space, which a browser needs
    far more of.
    """
    from playwright.sync_api import sync_playwright

    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    environment = dict(os.environ)
    if libraries := environment.get("CHROMIUM_LIBRARIES"):
        environment["LD_LIBRARY_PATH"] = libraries
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=environment.get("CHROMIUM", "/usr/bin/chromium"),
            args=list(ARGUMENTS),
            env=environment,
        )
        yield browser
        browser.close()


@contextmanager
def _opened(browser, base_url, **options):
    context = browser.new_context(base_url=base_url, **options)
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        context.close()


@pytest.fixture
def open_browser(chromium, running_product):
    """Return a function that opens a fresh browser of a size and language."""
    opened = []

    def make(viewport, locale, **options):
        manager = _opened(
            chromium, running_product[0], viewport=viewport, locale=locale, **options
        )
        opened.append(manager)
        return manager.__enter__()

    yield make
    for manager in opened:
        manager.__exit__(None, None, None)


@pytest.fixture
def phone(open_browser):
    """Return a function: a phone that speaks a language, as a browser context."""

    def make(locale="nl-NL", **options):
        return open_browser(PHONE, locale, is_mobile=True, has_touch=True, **options)

    return make
