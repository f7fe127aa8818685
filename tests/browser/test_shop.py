"""A guest buys a plan in the web shop: from the product page to a started plan."""

import re

import pytest

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
PLAN = "jeugdlid"
GUEST = {
    "phone": "+31612345679",
    "street": "Beukenlaan 9",
    "city": "De Bilt",
    "zip": "3731 AA",
}
NEXT = "a[name='website_sale_main_button']:visible"
ORDER = "button[name='o_payment_submit_button']:visible"


def _find_page(admin):
    """Return name and address of the product page of the plan."""
    (plan,) = admin.search_read(
        "subscription.plan", [("code", "=", PLAN)], ["line_ids", "name"]
    )
    domain = [("id", "in", plan["line_ids"])]
    (line,) = admin.search_read("subscription.plan.line", domain, ["product_id"])
    domain = [("id", "=", line["product_id"][0])]
    (product,) = admin.search_read("product.product", domain, ["website_url"])
    return plan, product["website_url"]


def _fits(page):
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def _put_into_cart(page, plan):
    choice = page.locator(f"#subscription_plan_{plan['id']}")
    choice.wait_for()
    assert choice.is_checked()
    assert "elk kwartaal" in page.inner_text("#product_detail")
    # The button works once the scripts of the page have started.
    page.wait_for_load_state("networkidle")
    page.click("#add_to_cart")
    page.wait_for_selector('.my_cart_quantity:has-text("1")', state="attached")
    page.goto("/shop/cart")
    assert "gefactureerd elk kwartaal" in page.inner_text("main")


def _give_address(page, name, email):
    page.click(NEXT)
    page.wait_for_url("**/shop/address**")
    for field, value in {"name": name, "email": email, **GUEST}.items():
        page.fill(f"input[name='{field}']", value)
    page.select_option("select[name=country_id]", label="Nederland")
    page.wait_for_load_state("networkidle")
    page.click(NEXT)
    page.wait_for_url("**/shop/payment**")


def _pay(page):
    """Pay with the demo provider; the button says that it costs money."""
    page.fill("input#customer_input", "4242424242424242")
    button = page.locator(ORDER)
    assert button.inner_text().strip() == "Bestellen met betalingsverplichting"
    button.click()
    page.wait_for_url("**/shop/confirmation**")
    return page.inner_text("main")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_guest_orders_pays_and_has_a_subscription(open_browser, admin, size):
    """L6, L8: without an account; the method that paid is kept for what follows."""
    is_phone = size == "phone"
    page = open_browser(
        PHONE if is_phone else DESKTOP, "nl-NL", is_mobile=is_phone, has_touch=is_phone
    ).new_page()
    name, email = f"Bram Visser {size}", f"bram.{size}@gast.example"
    plan, address = _find_page(admin)
    page.goto(address)
    assert _fits(page)
    _put_into_cart(page, plan)
    assert _fits(page)
    _give_address(page, name, email)
    assert _fits(page)
    text = _pay(page)
    assert _fits(page)
    number = re.search(r"S\d{5}", text)
    assert number, text[:300]
    domain = [("partner_id.email", "=", email)]
    names = ["state", "sale_order_id", "payment_token_id", "plan_id", "date_next"]
    (sold,) = admin.search_read("subscription.subscription", domain, names)
    assert sold["state"] == "active"
    assert sold["plan_id"][0] == plan["id"]
    assert sold["payment_token_id"], "the method of the guest is saved"
    assert sold["sale_order_id"][1].startswith(number[0])
    domain = [("id", "=", sold["sale_order_id"][0])]
    (order,) = admin.search_read("sale.order", domain, ["state", "transaction_ids"])
    assert order["state"] == "sale"
    domain = [("id", "in", order["transaction_ids"])]
    (paid,) = admin.search_read("payment.transaction", domain, ["state", "amount"])
    assert (paid["state"], paid["amount"]) == ("done", 32.5)
