"""The member's area for everybody: axe, 200 % zoom, narrow screens (WCAG 2.1 AA)."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import START

pytestmark = pytest.mark.browser

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
PUBLIC = ("/my/sign-in", "/contract/cancel", "/contract/withdraw")
MEMBER_PAGES = (
    "/my",
    "/my/account",
    "/my/sessions",
    "/my/data",
    "/my/email",
    "/my/invoices",
    "/my/invoices/pay",
    "/my/subscriptions",
    "/my/payment_method",
    "/my/addresses",
    "/my/security",
    "/my/home?more=1",
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
ZOOMED = {"width": 640, "height": 512}  # 200 % of a screen of 1280 (WCAG 1.4.4)
NARROW = {"width": 320, "height": 568}  # 400 % of it (WCAG 1.4.10)
DOUBLE_TEXT = "size => document.documentElement.style.fontSize = size"


def get_violations(page, part="body"):
    """Return what axe finds on a page, or a part of it, short enough to read."""
    found = Axe().run(page, context=part, options=WCAG).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    ]


def _is_wider_than_the_screen(page):
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


def _find_sizes_that_scroll(page):
    """Return the sizes at which one has to scroll sideways; the page is left as is."""
    before, wide = page.viewport_size, []
    for name, size, text in (
        ("zoomed", ZOOMED, ""),
        ("narrow", NARROW, ""),
        ("phone with text of twice the size", PHONE, "200%"),
        ("phone", PHONE, ""),
    ):
        page.set_viewport_size(size)
        page.evaluate(DOUBLE_TEXT, text)
        if _is_wider_than_the_screen(page):
            wide.append(name)
    page.evaluate(DOUBLE_TEXT, "")
    page.set_viewport_size(before)
    return wide


@pytest.mark.usefixtures("pages_on")
@pytest.mark.parametrize("locale", ["de-DE", "en-US"])
def test_public_pages_pass_axe(phone, locale):
    page = phone(locale).new_page()
    faults = _find_faults(page, PUBLIC)
    assert faults == [], "\n".join(faults)


def test_member_pages_pass_axe_on_a_phone_and_at_twice_the_size(signed_in):
    faults = _find_faults(signed_in(), MEMBER_PAGES)
    assert faults == [], "\n".join(faults)


def _find_faults(page, paths):
    """Return what axe finds on a phone and on a desk, and the sizes that scroll."""
    faults = []
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            faults += [f"{path}: {fault}" for fault in get_violations(page)]
        page.set_viewport_size(PHONE)
        faults += [f"{path} scrolls: {size}" for size in _find_sizes_that_scroll(page)]
    return faults


@pytest.fixture
def quoting_message(admin, payer):
    """A message below the payer's invoices that quotes another one."""
    domain = [("partner_id", "=", payer["id"]), ("state", "=", "posted")]
    invoices = admin.search_read("account.move", domain, ["id"])
    body = '<p>As we wrote.</p><p data-o-mail-quote="1">What we wrote before.</p>'
    [comment] = admin.search_read(
        "mail.message.subtype", [("name", "=", "Discussions")], ["id"]
    )
    [staff] = admin.search_read("res.users", [("login", "=", "staff")], ["partner_id"])
    values = {
        "model": "account.move",
        "message_type": "comment",
        "subtype_id": comment["id"],
        "author_id": staff["partner_id"][0],
        "body": body,
    }
    for invoice in invoices:
        admin.create("mail.message", values | {"res_id": invoice["id"]})


@pytest.mark.usefixtures("quoting_message")
def test_pages_of_records_pass_axe_on_a_phone(phone, sandbox, payer):
    """One invoice, one subscription and each page that changes it."""
    page = phone("en-US").new_page()
    sent = max((mail["id"] for mail in sandbox.mails(payer["email"])), default=0)
    page.goto("/my")
    page.fill("#sign_in_email", payer["email"])
    page.click(f"{START} button[type=submit]")
    page.wait_for_selector("#sign_in_code")
    page.fill("#sign_in_code", sandbox.latest_code(payer["email"], sent, 60))
    page.click("form.o_sign_in_code button[type=submit]")
    page.wait_for_url(re.compile(r"/my(/home)?$"))
    page.goto("/my/invoices")
    invoice = page.locator("table a[href*='/my/invoices/']").first.get_attribute("href")
    page.goto("/my/subscriptions")
    own = page.locator(".o_subscription_cards a.card").first.get_attribute("href")
    changes = [f"{own}/{name}" for name in ("cancel", "pause", "method", "plan")]
    for path in changes:
        page.goto(path)
        assert page.url.endswith(path), "a page that is closed is not judged"
    page.goto(invoice)
    page.wait_for_selector(".o-mail-ellipsis")
    page.wait_for_selector("#chatterRoot img[role=presentation]", state="attached")
    faults = _find_faults(page, (invoice, own, *changes))
    assert faults == [], "\n".join(faults)
