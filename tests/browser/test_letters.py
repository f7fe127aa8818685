"""Agreements on a phone, the customer's card, and letters on and off in a browser.

With ``WALK_PICTURES`` (a folder) each stop leaves a picture there:
``docs/walk-postal.md`` shows them.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1200, "height": 800}
AGREEMENTS = {
    "action_new_promise": "dunning.promise",
    "action_new_plan": "dunning.plan",
    "action_new_dispute": "dunning.dispute",
    "action_new_hand_over": "dunning.hand.over",
    "action_new_hold": "dunning.hold",
}
WIDER = """() => [...document.querySelectorAll('.modal .o_list_renderer, .modal-body')]
    .filter(node => node.scrollWidth > node.clientWidth + 1)
    .map(node => node.className)"""


def _shoot(page, name):
    if folder := os.environ.get("WALK_PICTURES"):
        page.wait_for_timeout(900)
        page.screenshot(path=Path(folder, f"walk_postal_{name}.png"))


@pytest.fixture
def debtor(admin):
    """A customer with an overdue invoice, and the case of it."""
    partner = admin.create(
        "res.partner",
        {
            "name": "Wilhelmina van den Heuvel",
            "street": "Kerkstraat 7",
            "zip": "3731 EM",
            "city": "De Bilt",
            "country_id": admin.ref("base.nl"),
            "email": "wilhelmina@leden.example",
        },
    )
    due = datetime.now(UTC).date() - timedelta(days=20)
    invoice = admin.create(
        "account.move",
        {
            "move_type": "out_invoice",
            "partner_id": partner,
            "invoice_date": str(due),
            "invoice_date_due": str(due),
            "invoice_line_ids": [
                (0, 0, {"name": "Contribution", "price_unit": 135.79})
            ],
        },
    )
    admin.button("account.move", "action_post", invoice)
    company = admin.search_read("res.company", [], ["id"], limit=1)[0]["id"]
    case = admin.create("dunning.case", {"partner_id": partner, "company_id": company})
    admin.button("dunning.case", "action_refresh", case)
    yield {"partner": partner, "case": case, "invoice": invoice}
    admin.button("account.move", "button_draft", invoice)
    admin.button("account.move", "button_cancel", invoice)


@pytest.mark.parametrize("action", AGREEMENTS)
def test_agreement_fits_a_phone_and_is_kept(enter, admin, debtor, action):
    """Dispute, promise, plan, collector and hold, 390 pixels wide."""
    page = enter("staff", PHONE, is_mobile=True, has_touch=True)
    page.goto(f"/odoo/collections/{debtor['case']}")
    page.wait_for_selector(".o_form_view .o_statusbar_buttons")
    page.wait_for_timeout(800)  # the chatter below comes in and draws the form anew
    page.locator(".o_statusbar_buttons button").last.tap()
    button = page.locator(f".o-dropdown--menu button[name={action}]")
    button.wait_for()
    page.wait_for_timeout(600)  # the sheet with the buttons slides in
    button.evaluate("node => node.click()")
    page.wait_for_selector(".modal .o_form_view")
    page.wait_for_timeout(500)
    _shoot(page, action.removeprefix("action_new_"))
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    if action == "action_new_hand_over":
        return  # needs a collector and its registration
    if action == "action_new_hold":
        page.locator(".modal [name=kind] input").nth(1).tap()
        page.locator(".modal button[name=action_hold]").tap()
    else:
        page.locator(".modal .o_form_button_save").tap()
    page.wait_for_selector(".modal", state="detached")
    _assert_kept(admin, debtor["case"], AGREEMENTS[action])


def _assert_kept(admin, case, model):
    if model == "dunning.hold":
        fields = ["state", "hold_kind"]
        [row] = admin.search_read("dunning.case", [("id", "=", case)], fields)
        assert (row["state"], row["hold_kind"]) == ("hold", "counselling")
        return
    [row] = admin.search_read(model, [("case_id", "=", case)], ["move_line_ids"])
    assert len(row["move_line_ids"]) == 1


@pytest.fixture
def fresh_bank(admin):
    """A club that was just made has read no bank: its steps would wait for that."""
    policies = admin.search_read("dunning.policy", [], ["max_data_hours"])
    admin.write(
        "dunning.policy", [one["id"] for one in policies], {"max_data_hours": 0}
    )
    yield
    for policy in policies:
        hours = policy["max_data_hours"]
        admin.write("dunning.policy", policy["id"], {"max_data_hours": hours})


def test_card_of_the_customer_decides_the_next_message(
    enter, admin, debtor, fresh_bank
):
    """Z4: chosen on the customer's page, it works for the next message at once."""
    page = enter("staff", DESKTOP)
    page.goto(f"/odoo/res.partner/{debtor['partner']}")
    page.locator(".nav-link[name=communication]").click()
    page.locator("[name=communication_channel] input").click()
    page.locator(".o_select_menu_item").last.click()
    plan = page.locator("[name=communication_plan] tbody tr")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[name=communication_plan] tbody tr')]"
        ".every(row => row.cells[1].innerText.includes('hand'))"
    )
    assert plan.count() == 4
    page.locator(".o_form_button_save").click()
    page.wait_for_selector(".o_form_button_save", state="hidden")
    admin.button("dunning.case", "action_take_step", debtor["case"])
    page.locator("[name=communication_plan]").scroll_into_view_if_needed()
    _shoot(page, "customer")
    [message] = admin.search_read(
        "dunning.message", [("case_id", "=", debtor["case"])], ["channel"]
    )
    assert message["channel"] == "manual"


@pytest.fixture
def letters(admin):
    """The card of the print service; what the walk changes is put back."""
    admin.call("service.connection", "action_open_integrations")
    [card] = admin.search_read(
        "service.connection", [("provider", "=", "pingen")], ["state", "company_id"]
    )
    company = card["company_id"][0]
    steps = admin.search_read("dunning.step", [], ["channel"])
    yield {"id": card["id"], "company": company, "is_on": card["state"] == "connected"}
    admin.write("res.company", company, {"letter_invoice_form": "letter"})
    for step in steps:
        admin.write("dunning.step", step["id"], {"channel": step["channel"]})


def _open_card(page, letters):
    page.goto(f"/odoo/integrations/{letters['id']}")
    page.wait_for_selector(".o_form_view .o_statusbar_buttons button")


def _get_state(admin, letters):
    domain = [("id", "=", letters["id"])]
    return admin.search_read("service.connection", domain, ["state"])[0]["state"]


def _switch_off(page, letters):
    _open_card(page, letters)
    page.locator("button[name=action_disconnect]").click()
    page.wait_for_selector(".modal .o_form_view .nav-link")
    text = page.locator(".modal-body").inner_text()
    _shoot(page, "off")
    page.locator(".modal footer button.btn-danger").click()
    page.wait_for_selector(".modal", state="detached")
    return text


def _connect(page, sandbox):
    """Second step: the credentials."""
    page.locator(".modal footer button[name=action_connect]:visible").click()
    page.wait_for_selector(".modal [name=value_1] input")
    _shoot(page, "credentials")
    page.locator(".modal [name=environment] input").last.click()
    page.locator(".modal [name=test_base_url] input").fill(f"{sandbox.url}/pingen")
    page.locator(".modal [name=value_1] input").fill("sandbox-client")
    page.locator(".modal [name=value_2] input").fill("sandbox-secret")
    page.locator(".modal footer button.btn-primary").click()
    page.wait_for_selector(".modal", state="detached")


def test_letters_are_repaired_connected_and_switched_off(
    enter, admin, sandbox, debtor, letters
):
    """Z2, Z3, Z7, Z8 and Z9 as an administrator meets them."""
    page = enter("admin", DESKTOP)
    if letters["is_on"]:
        _switch_off(page, letters)
    admin.write("res.company", letters["company"], {"letter_invoice_form": "plain"})
    _open_card(page, letters)
    page.locator("button[name=action_connect]").first.click()
    page.wait_for_selector(".modal .alert-danger:visible")
    page.wait_for_timeout(500)
    _shoot(page, "misfit")
    top = page.locator(".modal .alert-danger:visible").bounding_box()["y"]
    body = page.locator(".modal-body").bounding_box()["y"]
    assert top >= body, "the banner is scrolled out of sight"
    connect = page.locator(".modal footer button[name=action_connect]:visible")
    assert connect.is_disabled()
    assert page.locator(".modal [name=picture] img").evaluate_all(
        "images => images.every(image => image.naturalWidth > 100)"
    )

    page.locator(".modal .alert-danger button[name=action_add_cover]").click()
    page.wait_for_selector(".modal .alert-success:visible")
    _shoot(page, "fits")
    _connect(page, sandbox)
    assert _get_state(admin, letters) == "connected"

    admin.write("res.partner", debtor["partner"], {"communication_channel": "post"})
    told = _switch_off(page, letters)
    assert "Wilhelmina van den Heuvel" in told
    assert "wilhelmina@leden.example" in told
    assert _get_state(admin, letters) == "disconnected"
    _shoot(page, "switched_off")
    domain = [("id", "=", debtor["partner"])]
    [partner] = admin.search_read("res.partner", domain, ["communication_channel"])
    assert not partner["communication_channel"]

    page.locator("button[name=action_view_snapshot]").click()
    page.wait_for_selector(".o_list_view .o_data_row")
    assert "Wilhelmina van den Heuvel" in page.locator(".o_list_view").inner_text()
    _shoot(page, "snapshot")
    if letters["is_on"]:
        _open_card(page, letters)
        page.locator("button[name=action_connect]").first.click()
        page.wait_for_selector(".modal .alert-success:visible")
        _connect(page, sandbox)
        [partner] = admin.search_read("res.partner", domain, ["communication_channel"])
        assert not partner["communication_channel"], "put back by itself"


@pytest.mark.parametrize(
    "action",
    [
        "communication_type_action",
        "dunning_policy_action",
        "dunning_charge_action",
        "dunning_law_rule_action",
        "dunning_message_action",
        "invoice_delivery_failure_action",
        "letter_action",
        "letter_snapshot_action",
    ],
)
def test_list_is_cards_on_a_phone(enter, action):
    """Nothing is cut off: a table of eight columns does not fit 390 pixels."""
    page = enter("admin", PHONE, is_mobile=True, has_touch=True)
    page.goto(f"/odoo/action-postal_dunning.{action}")
    page.wait_for_selector(".o_kanban_view")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
