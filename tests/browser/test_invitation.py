"""The office invites, the customer's phone answers, the office's screen turns."""

import pytest

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

ACTION = "subscription_connector.subscription_subscription_action"
DESKTOP = {"width": 1200, "height": 800}
PLAN = "sportlid"
CARD = "4242424242424242"
SCREEN = ".modal .o_form_view"
SAVE = "button[name='o_payment_submit_button']:visible"


@pytest.fixture
def draft(admin):
    """A subscription of a new member, made at the desk, without a method."""
    partner = admin.create(
        "res.partner",
        {
            "name": "Fenna van der Laan",
            "street": "Dorpsstraat 12",
            "zip": "3732 HJ",
            "city": "De Bilt",
            "country_id": admin.ref("base.nl"),
            "lang": "nl_NL",
            "email": "fenna@leden.example",
        },
    )
    [plan] = admin.search_read("subscription.plan", [("code", "=", PLAN)], ["id"])
    subscription = admin.create(
        "subscription.subscription", {"partner_id": partner, "plan_id": plan["id"]}
    )
    yield subscription
    admin.call("subscription.subscription", "unlink", [subscription])


def _invite(page, subscription):
    """Open the invitation on the screen of the office; return its link."""
    page.goto(f"/odoo/action-{ACTION}/{subscription}")
    page.locator("button[name=action_invite]:visible").click()
    page.wait_for_selector(f"{SCREEN} .o_subscription_qr img")
    picture = page.locator(f"{SCREEN} .o_subscription_qr img")
    page.wait_for_function(
        "node => node.complete && node.naturalWidth > 100", arg=picture.element_handle()
    )
    assert picture.is_visible()
    link = page.locator(f"{SCREEN} [name=url] a")
    assert link.is_visible()
    return link.get_attribute("href")


def _fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def _save_method(page, link):
    """Do on the phone what the customer does; he is not signed in."""
    page.goto(link)
    assert "Fenna" not in page.inner_text("body"), "the link tells nobody a name"
    assert _fits(page)
    page.locator("input#customer_input").wait_for()
    page.fill("input#customer_input", CARD)
    page.wait_for_load_state("networkidle")
    page.locator(SAVE).tap()
    page.wait_for_url("**/payment/status")
    page.wait_for_url(link)
    page.wait_for_selector("main .alert-success")
    assert _fits(page)
    return page.inner_text("main .alert-success")


def test_the_screen_of_the_office_turns_when_the_phone_has_saved(
    enter, phone, admin, draft
):
    """L9: by itself, without a reload, and the subscription can be started."""
    office = enter("staff", DESKTOP)
    link = _invite(office, draft)
    assert not office.locator(f"{SCREEN} .alert-success").is_visible()
    office.evaluate("window.isSameScreen = true")

    page = phone().new_page()
    told = _save_method(page, link)
    assert CARD[-4:] in told

    done = office.locator(f"{SCREEN} .alert-success")
    done.wait_for(timeout=15_000)
    assert CARD[-4:] in done.inner_text()
    assert office.evaluate("window.isSameScreen === true"), "the page was loaded again"
    assert not office.locator(f"{SCREEN} .o_subscription_qr").is_visible()
    office.locator(".modal footer .btn-primary:visible").click()
    office.wait_for_selector(".modal", state="detached")
    office.wait_for_function(
        "end => document.querySelector('[name=payment_token_id] input')"
        "?.value.includes(end)",
        arg=CARD[-4:],
        timeout=15_000,
    )

    domain = [("id", "=", draft)]
    names = ["payment_token_id", "state"]
    [kept] = admin.search_read("subscription.subscription", domain, names)
    assert kept["payment_token_id"]
    assert kept["state"] == "draft"
