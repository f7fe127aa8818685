"""Step 2: sell plans: at the counter, in the web shop, and for next week."""

import re
from datetime import datetime, timedelta

from .client import OdooError

TITLE = "Sell subscriptions"
#: Sold by staff with the member's saved method.
SOLD = (("M011", "sportlid"), ("M012", "jeugdlid"))
#: Starts next week.
PLANNED = ("M001", "donateur")
GUEST = {
    "name": "Noor Bosman",
    "email": "noor.bosman@gast.example",
    "phone": "+31612345678",
    "street": "Beukenlaan 7",
    "city": "De Bilt",
    "zip": "3731 AA",
}


def play(day):
    """Sell to members, plan one, let a guest buy in the shop."""
    for code, plan in SOLD:
        _sell(day, code, plan, _today())
    _sell(day, *PLANNED, _today() + timedelta(days=7))
    _buy_as_guest(day)


def _today():
    return datetime.now().astimezone().date()


# === AT THE COUNTER === #


def _sell(day, code, plan_code, start):
    """Fill in the form and press *Start*, unless this sale is there already."""
    member = day.member(code)
    plan = _plan(day, plan_code)
    found = _subscription(day, member["id"], plan["id"])
    if not found:
        token = day.staff.search_read(
            "payment.token", [("partner_id", "=", member["id"])], ["id"], limit=1
        )
        day.check(token, f"{member['name']} has a saved payment method")
        made = day.staff.create(
            "subscription.subscription",
            {
                "partner_id": member["id"],
                "plan_id": plan["id"],
                "collection": "token",
                "payment_token_id": token[0]["id"],
                "date_start": start.isoformat(),
            },
        )
        day.staff.button("subscription.subscription", "action_start", made)
        found = _subscription(day, member["id"], plan["id"])
    sold = found[0]
    wanted = ("planned", "active") if start > _today() else ("active", "paused")
    day.check(sold["state"] in wanted, f"{sold['name']} has started: {sold['state']}")
    day.row(
        f"{plan['name']} sold to {member['name']}",
        f"{sold['name']}, {sold['state']}: {sold['next_step']}",
        day.link("subscription.subscription", sold["id"]),
    )


def _plan(day, code):
    found = day.staff.search_read(
        "subscription.plan", [("code", "=", code)], ["name", "line_ids"], limit=1
    )
    day.check(found, f"the club has a plan {code}")
    return found[0]


def _subscription(day, partner_id, plan_id):
    return day.staff.search_read(
        "subscription.subscription",
        [
            ("partner_id", "=", partner_id),
            ("plan_id", "=", plan_id),
            ("state", "!=", "draft"),
        ],
        ["name", "state", "next_step"],
        limit=1,
        order="id desc",
    )


# === IN THE WEB SHOP === #


def _buy_as_guest(day):
    """Buy a plan as a visitor without account, over the pages of the shop."""
    bought = _guest_subscription(day)
    if not bought:
        _walk_through_shop(day)
        bought = day.wait_until(
            lambda: _guest_subscription(day), "the order of the guest is a subscription"
        )
    sold = bought[0]
    day.check(sold["payment_token_id"], "the method of the guest is saved")
    day.row(
        f"{sold['plan_id'][1]} bought in the web shop by {GUEST['name']}",
        f"{sold['name']}, {sold['state']}, {sold['payment_method_label']}",
        day.link("subscription.subscription", sold["id"]),
    )


def _guest_subscription(day):
    return day.staff.search_read(
        "subscription.subscription",
        [("partner_id.email", "=", GUEST["email"])],
        ["name", "state", "plan_id", "payment_token_id", "payment_method_label"],
        limit=1,
    )


def _walk_through_shop(day):
    visitor = day.visitor()
    plan = _plan(day, "jeugdlid")
    line = day.staff.search_read(
        "subscription.plan.line", [("id", "in", plan["line_ids"])], ["product_id"]
    )[0]
    product = day.admin.search_read(
        "product.product",
        [("id", "=", line["product_id"][0])],
        ["product_tmpl_id", "website_url"],
    )[0]
    page = visitor.get(product["website_url"]).text
    day.check(
        f'id="subscription_plan_{plan["id"]}"' in page,
        "the product page offers the plan",
    )
    visitor.jsonrpc(
        "/shop/cart/add",
        {
            "product_template_id": product["product_tmpl_id"][0],
            "product_id": product["id"],
            "quantity": 1,
            "subscription_plan_id": plan["id"],
        },
    )
    _give_address(day, visitor)
    _pay(day, visitor)


def _give_address(day, visitor):
    country = day.admin.ref("base.nl")
    page = visitor.get("/shop/address").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    day.check(token, "the shop asks a guest for the address")
    answer = visitor.session.post(
        f"{day.odoo_url}/shop/address/submit",
        data={
            **GUEST,
            "country_id": country,
            "csrf_token": token.group(1),
            "address_type": "billing",
            "use_delivery_as_billing": "true",
            "required_fields": "name,email,street,city,country_id",
        },
        timeout=60,
    )
    result = answer.json()
    day.check(
        result.get("redirectUrl") or result.get("successUrl"),
        f"the shop takes the address: {result}",
    )


def _pay(day, visitor):
    """Pay with the demo provider, as the payment form's script does."""
    for path in ("/shop/checkout?try_skip_step=true", "/shop/payment"):
        page = visitor.get(path)
    form = _payment_form(page.text)
    day.check(form, f"the shop shows its payment form, at {page.url}")
    provider = re.search(
        r'name="o_payment_radio"[^>]*?data-provider-id="(\d+)"', page.text, re.DOTALL
    )
    method = re.search(
        r'name="o_payment_radio"[^>]*?data-payment-option-id="(\d+)"',
        page.text,
        re.DOTALL,
    )
    day.check(provider and method, "the shop offers the demo provider")
    values = visitor.jsonrpc(
        form["transaction-route"],
        {
            "access_token": form["access-token"],
            "provider_id": int(provider.group(1)),
            "payment_method_id": int(method.group(1)),
            "token_id": None,
            "amount": float(form["amount"]),
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": form["landing-route"],
            "is_validation": False,
        },
    )
    visitor.jsonrpc(
        "/payment/demo/simulate_payment",
        {
            "reference": values["reference"],
            "payment_details": "4242",
            "simulated_state": "done",
        },
    )
    day.wait_until(lambda: _is_settled(visitor), "the page says that it is paid")
    visitor.get("/shop/payment/validate")


def _is_settled(visitor):
    """Ask for the payment once; Odoo says "retry" while a job works on it."""
    try:
        visitor.jsonrpc("/payment/status/poll", {})
    except OdooError as error:
        if str(error) != "retry":
            raise
        return False
    return True


def _payment_form(page):
    """Return the data attributes of the payment form."""
    found = re.search(r'<form[^>]*id="o_payment_form"[^>]*>', page, re.DOTALL)
    if not found:
        return {}
    return dict(re.findall(r'data-([a-z-]+)="([^"]*)"', found.group(0)))
