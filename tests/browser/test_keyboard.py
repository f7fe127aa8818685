"""The member's area with the keyboard alone: each step is reached, seen and done.

One visit goes through all that a member changes; the public pages follow.
"""

import re
from datetime import datetime, timedelta, timezone

import pytest

from tests.browser.conftest import opened
from tests.browser.test_member_area import DESK, get_violations

pytestmark = pytest.mark.browser

MOST_STOPS = 150
TODAY = datetime.now(timezone.utc).date()
IS_SEEN = """() => {
    const focused = document.activeElement;
    const style = getComputedStyle(focused);
    const isMarked = style.boxShadow !== 'none' || style.outlineStyle !== 'none';
    const box = focused.getBoundingClientRect();
    return isMarked && box.width > 0 && box.height > 0;
}"""
IS_AT = "selector => document.activeElement.matches(selector)"
HAS_TEXT = "text => document.activeElement.innerText.trim() === text"


class Keys:
    """Somebody without a mouse: Tab, Enter, the space bar and letters."""

    def __init__(self, page):
        self.page = page

    def reach(self, selector, text=None):
        """Go on with Tab until the focus is there, and seen to be there.

        :param text: the words on it, where a selector alone does not tell
        """
        for _stop in range(MOST_STOPS):
            if self._is_at(selector, text):
                break
            self.page.keyboard.press("Tab")
        else:
            pytest.fail(f"{selector} {text or ''} is not reached on {self.page.url}")
        assert self.page.evaluate(IS_SEEN), f"the focus on {selector} is not seen"
        return self

    def _is_at(self, selector, text):
        if not self.page.evaluate(IS_AT, selector):
            return False
        return text is None or self.page.evaluate(HAS_TEXT, text)

    def write(self, text):
        """Replace what is in the field."""
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        return self

    def press(self, key):
        self.page.keyboard.press(key)
        return self

    def go(self, pattern):
        """Press Enter and wait for the page that it leads to, which passes axe."""
        with self.page.expect_navigation(url=re.compile(pattern)):
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state("networkidle")
        assert get_violations(self.page) == []
        return self


@pytest.fixture(scope="module")
def keys(chromium, running_product, payer):
    """Return the keyboard of a member who signed in with it."""
    from tests.sandbox.client import SandboxClient

    sandbox = SandboxClient(running_product[1])
    with opened(chromium, running_product[0], viewport=DESK, locale="en-US") as browser:
        page = browser.new_page()
        keys = Keys(page)
        sent = max((mail["id"] for mail in sandbox.mails(payer["email"])), default=0)
        page.goto("/my")
        keys.reach("#sign_in_email").write(payer["email"]).go("/my/sign-in/code")
        code = sandbox.latest_code(payer["email"], sent, 60)
        keys.reach("#sign_in_code").write(code).go(r"/my(/home)?$")
        yield keys


@pytest.fixture
def own(keys):
    """Open the member's subscription from the first page; return its path."""
    keys.page.goto("/my")
    keys.reach("a.o_member_place[href*='/my/subscriptions']").go("/my/subscriptions")
    keys.reach(".o_subscription_cards a.card").go(r"/my/subscriptions/\d+")
    return re.search(r"/my/subscriptions/\d+", keys.page.url).group(0)


@pytest.fixture
def open_invoice(admin, payer):
    """Return an invoice of the member that is still to be paid."""
    line = {"name": "Ball", "quantity": 1, "price_unit": 12.5, "tax_ids": []}
    values = {
        "move_type": "out_invoice",
        "partner_id": payer["id"],
        "invoice_date": str(TODAY),
        "invoice_line_ids": [(0, 0, line)],
    }
    move_id = admin.create("account.move", values)
    admin.call("account.move", "action_post", [move_id])
    return move_id


def test_the_four_places_are_reached_in_their_order(keys):
    """Each of the four places is reached with Tab and opened with Enter."""
    keys.page.goto("/my")
    for place in ("account", "subscriptions", "payment_method", "invoices"):
        keys.reach(f"a.o_member_place[href*='/my/{place}']")
    keys.go("/my/invoices")


def test_personal_data_are_changed(keys, admin, payer):
    keys.page.goto("/my")
    keys.reach("a.o_member_place[href*='/my/account']").go("/my/account")
    keys.reach("input[name=phone]").write("+31 30 765 43 21")
    keys.reach("#save_address").go("/my")
    [partner] = admin.search_read("res.partner", [("id", "=", payer["id"])], ["phone"])
    assert partner["phone"].replace(" ", "") == "+31307654321"


def test_another_method_pays_a_subscription(keys, own):
    keys.reach(f"a[href$='{own}/method']").go("/method$")
    keys.reach("input[name=token_id]").press("Space")
    keys.reach("button", "Pay with this one").go("done=method")


def test_a_plan_is_changed_and_left_as_it_was(keys, own):
    keys.reach(f"a[href$='{own}/plan']").go("/plan$")
    keys.reach("input[name=plan]").press("Space")
    keys.reach("button", "See what it means").go("/plan$")
    keys.reach("button[name=confirm]").go("done=changed")
    keys.reach("button", "Leave the plan as it is").go(own)
    assert keys.page.locator(f"a[href$='{own}/plan']").count() == 1


def test_a_pause_is_planned_and_dropped(keys, own):
    first = TODAY + timedelta(days=40)
    keys.reach(f"a[href$='{own}/pause']").go("/pause$")
    keys.reach("#pause_from").page.keyboard.type(f"{first:%m%d%Y}")
    resume = first + timedelta(days=30)
    keys.reach("#pause_resume").page.keyboard.type(f"{resume:%m%d%Y}")
    keys.reach("button", "See what it means").go("/pause$")
    keys.reach("button[name=confirm]").go("done=paused")
    keys.reach("button", "Drop the pause").go("done=resumed")


def test_an_invoice_is_found_opened_and_paid(keys, admin, open_invoice):
    page = keys.page
    page.goto("/my")
    keys.reach("a.o_member_place[href*='/my/invoices']").go("/my/invoices")
    keys.reach(f"table a[href*='/my/invoices/{open_invoice}']").go(str(open_invoice))
    page.goto("/my/invoices")
    keys.reach("a[href*='/my/invoices/pay']").go("/my/invoices/pay")
    ticked = page.locator("input[name=invoice]:checked").all()
    values = [box.get_attribute("value") for box in ticked]
    for value in values:
        if value != str(open_invoice):
            keys.reach(f"input[name=invoice][value='{value}']").press("Space")
    keys.reach("form[action$='/my/invoices/pay'] button").go("invoice=")
    keys.reach("button[name=o_payment_submit_button]").press("Enter")
    page.wait_for_url(re.compile("/my/invoices(?!/pay)"))
    domain = [("id", "=", open_invoice)]
    [move] = admin.search_read("account.move", domain, ["payment_state"])
    assert move["payment_state"] in ("paid", "in_payment")


@pytest.mark.usefixtures("pages_on")
def test_a_contract_is_cancelled_without_signing_in(open_browser):
    keys = Keys(open_browser(DESK, "en-US").new_page())
    keys.page.goto("/contract/cancel")
    _declare(keys)
    keys.reach("summary").press("Enter").reach("#declaration_cause").press("Space")
    keys.reach("#declaration_reason").write("Moved")
    keys.reach("button", "cancel now").go("/contract/receipt/")
    assert keys.page.locator("dd", has_text="keyboard@member.example").count() == 1
    keys.reach("a[href$='/pdf']")


@pytest.mark.usefixtures("pages_on")
def test_a_contract_is_withdrawn_from_without_signing_in(open_browser):
    keys = Keys(open_browser(DESK, "en-US").new_page())
    keys.page.goto("/contract/withdraw")
    _declare(keys)
    keys.reach("button", "Continue").go("/contract/withdraw")
    keys.reach("button", "Change it").go("/contract/withdraw")
    keys.reach("button", "Continue").go("/contract/withdraw")
    keys.reach("button", "Confirm withdrawal").go("/contract/receipt/")
    assert keys.page.locator("dd", has_text="Keyboard User").count() == 1


def _declare(keys):
    keys.reach("#declaration_name").write("Keyboard User")
    keys.reach("#declaration_email").write("keyboard@member.example")
    keys.reach("#declaration_contract").write("S-1")
