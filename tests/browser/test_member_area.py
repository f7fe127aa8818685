"""The member's area for everybody: axe, keyboard alone, 200 % zoom (WCAG 2.1 AA)."""

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
# Of Odoo's own website frame, on every page of it: not ours to change.
FRAME = ("header", "footer#bottom .o_footer_copyright", "footer#bottom #footer")
# Odoo's mark of a provider in test mode: members of a real club never see it.
TEST_MODE = ".o_payment_form .fa-exclamation-triangle"
ZOOMED = {"width": 640, "height": 512}  # 200 % of a screen of 1280


def _get_violations(page):
    """Return what axe finds in our part of the page, short enough to read."""
    context = {"include": ["body"], "exclude": [[part] for part in (*FRAME, TEST_MODE)]}
    found = Axe().run(page, context=context, options=WCAG).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    ]


def _is_wider_than_the_screen(page):
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


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


@pytest.fixture
def pages_on(running_product):
    """Switch the public pages on for the time of a test."""
    from tests.scenarios.day.client import OdooClient

    url, _sandbox, database = running_product
    admin = OdooClient(url, database, "admin", "admin")
    names = ("is_portal_cancel_page", "is_portal_withdraw_page")
    ids = [row["id"] for row in admin.search_read("res.company", [], ["id"])]
    admin.call("res.company", "write", ids, dict.fromkeys(names, True))
    yield
    admin.call("res.company", "write", ids, dict.fromkeys(names, False))


@pytest.mark.usefixtures("pages_on")
@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_pass_axe(phone, path):
    page = phone("de-DE").new_page()
    page.goto(path)
    assert _get_violations(page) == []
    assert not _is_wider_than_the_screen(page)


def test_member_pages_pass_axe_on_a_phone_and_at_twice_the_size(signed_in):
    page = signed_in()
    found = _find_faults(page, MEMBER_PAGES)
    assert found == {}, "\n".join(line for lines in found.values() for line in lines)


def _find_faults(page, paths):
    """Return {path: what axe finds}; the pages fit the phone and the zoomed screen."""
    found = {}
    for path in paths:
        page.goto(path)
        if violations := _get_violations(page):
            found[path] = violations
        assert not _is_wider_than_the_screen(page), path
        phone = page.viewport_size
        page.set_viewport_size(ZOOMED)
        assert not _is_wider_than_the_screen(page), f"{path} at 200 %"
        page.set_viewport_size(phone)
    return found


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
    changes = (f"{own}/{name}" for name in ("cancel", "pause", "method", "plan"))
    found = _find_faults(page, (invoice, own, *changes))
    assert found == {}, "\n".join(line for lines in found.values() for line in lines)


def test_home_is_walked_with_the_keyboard_alone(signed_in):
    """Each of the four places is reached with Tab and opened with Enter."""
    page = signed_in()
    page.goto("/my")
    reached = []
    for _turn in range(60):
        page.keyboard.press("Tab")
        address = page.evaluate(
            "document.activeElement.matches('.o_member_place')"
            " ? document.activeElement.getAttribute('href') : ''"
        )
        if address and address not in reached:
            reached.append(address)
    assert [address.split("/my/")[1].split("?")[0] for address in reached] == [
        "account",
        "subscriptions",
        "payment_method",
        "invoices",
    ]
    page.locator(".o_member_place").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/my/account"))


@pytest.mark.usefixtures("pages_on")
def test_cancelling_works_with_the_keyboard_alone(open_browser):
    """Each step is reached with Tab, seen by its focus, done with the keys."""
    page = open_browser({"width": 1024, "height": 768}, "en-US").new_page()
    page.goto("/contract/cancel")
    page.focus("#declaration_name")
    for text in ("Keyboard User", "keyboard@member.example", "S-1"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    for _turn in range(20):
        focused = page.evaluate("document.activeElement.innerText || ''")
        if "cancel now" in focused:
            break
        page.keyboard.press("Tab")
    outline = page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement);"
        " return s.boxShadow !== 'none' || s.outlineStyle !== 'none'; })()"
    )
    assert outline
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/contract/receipt/"))
    assert page.locator("dd", has_text="keyboard@member.example").count() == 1


@pytest.mark.usefixtures("pages_on")
@pytest.mark.parametrize("path", PUBLIC)
def test_pages_can_be_read_at_twice_the_size(open_browser, path):
    """200 % zoom of a screen of 1280 is a window of 640: nothing is cut off."""
    page = open_browser(ZOOMED, "nl-NL").new_page()
    page.goto(path)
    assert not _is_wider_than_the_screen(page)
    assert page.locator("main form button[type=submit]").first.is_visible()
