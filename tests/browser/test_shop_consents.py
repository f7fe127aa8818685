"""A guest buys a plan: what changes his right to withdraw is asked, never assumed."""

import re

import pytest

from tests.browser.test_member_area import get_violations

pytestmark = pytest.mark.browser

GUEST = {
    "name": "Early Guest",
    "email": "early.guest@gast.example",
    "phone": "+31 30 765 43 22",
    "street": "Dorpsstraat 1",
    "zip": "3731 AB",
    "city": "De Bilt",
}
BOX = "#consent_early_start"
CONTENT_BOX = "#consent_digital_content"


def _go_to_payment(page, country="Netherlands"):
    """Put the first plan of the shop into the cart and fill in the address."""
    page.goto("/shop")
    plans = page.locator("a[href*='/shop/']")
    links = [link.get_attribute("href") for link in plans.all()]
    page.goto(next(link for link in links if re.search(r"-\d+(\?|$)", link or "")))
    page.wait_for_load_state("networkidle")
    with page.expect_response(re.compile("/shop/cart/add")):
        page.click("#add_to_cart")
    page.goto("/shop/checkout")
    for name, value in GUEST.items():
        page.fill(f"input[name={name}]", value)
    page.locator("select[name=country_id]").select_option(label=country)
    page.locator("[name=website_sale_main_button]:visible").first.click()
    page.wait_for_url(re.compile("/shop/(payment|checkout|confirm)"))
    page.goto("/shop/payment")
    page.wait_for_load_state("networkidle")


def _tick(page, is_ticked, box=BOX):
    with page.expect_response(re.compile("/shop/consent")):
        page.locator(box).set_checked(is_ticked)
    page.wait_for_selector(f"{box}:enabled")
    assert page.locator(box).is_checked() == is_ticked


def _get_requested(admin, field="date_start_requested"):
    domain = [("partner_id.email", "=", GUEST["email"])]
    [order, *_older] = admin.search_read("sale.order", domain, [field], order="id desc")
    return bool(order[field])


@pytest.fixture
def digital_plans(admin):
    """What the shop sells is digital content for the time of a test."""
    plans = admin.search_read(
        "subscription.plan", [("is_sold_online", "=", True)], ["id"]
    )
    ids = [plan["id"] for plan in plans]
    admin.call("subscription.plan", "write", ids, {"is_digital_content": True})
    yield
    admin.call("subscription.plan", "write", ids, {"is_digital_content": False})


def test_request_is_ticked_by_the_buyer_and_kept_at_once(phone, admin):
    page = phone("en-US").new_page()
    _go_to_payment(page)
    assert not page.locator(BOX).is_checked()
    assert get_violations(page, ".o_shop_consent") == []
    _tick(page, True)
    assert _get_requested(admin)
    _tick(page, False)
    assert not _get_requested(admin)
    _tick(page, True)
    page.reload()
    assert not page.locator(BOX).is_checked()
    assert not _get_requested(admin)


def test_box_stays_empty_and_says_so_when_it_could_not_be_kept(phone, admin):
    page = phone("en-US").new_page()
    _go_to_payment(page)
    page.route("**/shop/consent", lambda route: route.abort())
    page.locator(BOX).click()
    page.wait_for_selector(".o_shop_consent_failed:visible")
    assert not page.locator(BOX).is_checked()
    assert not _get_requested(admin)


@pytest.mark.usefixtures("digital_plans")
def test_digital_content_is_agreed_to_by_a_box_of_its_own_in_german(phone, admin):
    page = phone("de-DE").new_page()
    _go_to_payment(page, "Niederlande")
    assert not page.locator(BOX).count()
    assert not page.locator(CONTENT_BOX).is_checked()
    assert "Widerrufsrecht" in page.locator(".o_shop_consent label").inner_text()
    assert get_violations(page, ".o_shop_consent") == []
    _tick(page, True, CONTENT_BOX)
    assert _get_requested(admin, "date_content_agreed")
