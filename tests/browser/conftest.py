"""Fixtures of the browser tests: a phone to look at the running product."""

import os
import re
import resource
from contextlib import contextmanager

import pytest

from tests.sandbox.client import SandboxClient

LINK = re.compile(r'href="([^"]+/my/sign-in/code)#code=(\d{8})"')
MEMBER = "M035"  # has nothing that is billed, so that no other mail comes between
START = 'form[action$="/my/sign-in"]'
PHONE = {"width": 390, "height": 844}
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
def opened(browser, base_url, **options):
    context = browser.new_context(base_url=base_url, **options)
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        context.close()


@pytest.fixture
def open_browser(chromium, running_product):
    """Return a function that opens a fresh browser of a size and language."""
    managers = []

    def make(viewport, locale, **options):
        manager = opened(
            chromium, running_product[0], viewport=viewport, locale=locale, **options
        )
        managers.append(manager)
        return manager.__enter__()

    yield make
    for manager in managers:
        manager.__exit__(None, None, None)


@pytest.fixture
def phone(open_browser):
    """Return a function: a phone that speaks a language, as a browser context."""

    def make(locale="nl-NL", **options):
        return open_browser(PHONE, locale, is_mobile=True, has_touch=True, **options)

    return make


@pytest.fixture
def sandbox(running_product):
    return SandboxClient(running_product[1])


@pytest.fixture
def board(open_browser, admin):
    """Return a function that opens the board as Sanne of the office.

    Odoo greets a user who signs in for the first time with a chat window, which covers
    a phone; here she was greeted before.
    """
    greeted = [("login", "=", "staff")]
    [user] = admin.search_read("res.users", greeted, ["id"])
    admin.call("res.users", "write", [user["id"]], {"odoobot_state": "disabled"})

    def make(viewport, **options):
        page = open_browser(viewport, "en-US", **options).new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto("/web/login")
        page.fill("input[name=login]", "staff")
        page.fill("input[name=password]", "staff")
        page.press("input[name=password]", "Enter")
        page.wait_for_selector(".o_main_navbar")
        page.goto("/odoo/payments")
        page.wait_for_selector(".o_matching_board .nav-tabs")
        return page

    return make


@pytest.fixture
def enter(open_browser, admin):
    """Return a function: a page on which a user of the office has signed in.

    Odoo greets a user who signs in for the first time with a chat window.
    """
    users = admin.search_read(
        "res.users", [("login", "in", ("admin", "staff"))], ["id"]
    )
    admin.write(
        "res.users", [user["id"] for user in users], {"odoobot_state": "disabled"}
    )

    def make(login, viewport, **options):
        page = open_browser(viewport, "en-US", **options).new_page()
        page.goto("/web/login?login_by=password")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", login)
        page.press("input[name=password]", "Enter")
        page.wait_for_selector(".o_main_navbar")
        return page

    return make


@pytest.fixture
def member(admin):
    """Return name and e-mail address of a club member without a password."""
    domain = [("ref", "=", MEMBER)]
    return admin.search_read("res.partner", domain, ["name", "email"], limit=1)[0]


@pytest.fixture
def ask(phone, sandbox, member):
    """Return a function: ask for a code on a phone; (page, link, code)."""

    def make(locale, **options):
        page = phone(locale, **options).new_page()
        sent = max((mail["id"] for mail in sandbox.mails(member["email"])), default=0)
        page.goto("/my")
        page.fill("#sign_in_email", member["email"])
        page.click(f"{START} button[type=submit]")
        page.wait_for_selector("#sign_in_code")
        mail = sandbox.wait_mail(member["email"], sent, 60)
        link, code = LINK.search(mail["html"]).groups()
        return page, link, code

    return make


@pytest.fixture
def signed_in(ask):
    """Return a function: a phone on which the member has signed in, in a language."""

    def make(locale="en-US"):
        page, _link, code = ask(locale)
        page.fill("#sign_in_code", code)
        page.click("form.o_sign_in_code button[type=submit]")
        page.wait_for_url(re.compile(r"/my(/home)?$"))
        return page

    return make


@pytest.fixture(scope="session")
def admin(running_product):
    """Return the administrator's remote calls."""
    from tests.scenarios.day.client import OdooClient

    url, _sandbox, database = running_product
    return OdooClient(url, database, "admin", "admin")


@pytest.fixture(scope="session")
def payer(running_product, admin):
    """Return a member who has a running subscription and an invoice.

    Both come with the business day; it is played where that has not happened yet.
    """
    if not (found := _find_payer(admin)):
        from tests.scenarios.day import play

        url, sandbox_url, database = running_product
        play(url, database, sandbox_url)
        found = _find_payer(admin)
    assert found, "the day leaves nobody with a billed subscription"
    return found


def _find_payer(admin):
    domain = [
        ("state", "=", "active"),
        ("partner_id.email", "!=", False),
        ("payment_token_id", "!=", False),
        ("period_ids.move_id.state", "=", "posted"),
    ]
    model = "subscription.subscription"
    for subscription in admin.search_read(
        model, domain, ["partner_id"], order="id desc"
    ):
        partner_id = subscription["partner_id"][0]
        [partner] = admin.search_read(
            "res.partner", [("id", "=", partner_id)], ["name", "email"]
        )
        same = [("email_normalized", "=", partner["email"])]
        if len(admin.search_read("res.partner", same, ["id"])) == 1:
            return partner
    return None


@pytest.fixture
def pages_on(admin):
    """Switch the public pages on for the time of a test."""
    names = ("is_portal_cancel_page", "is_portal_withdraw_page")
    ids = [row["id"] for row in admin.search_read("res.company", [], ["id"])]
    admin.call("res.company", "write", ids, dict.fromkeys(names, True))
    yield
    admin.call("res.company", "write", ids, dict.fromkeys(names, False))
