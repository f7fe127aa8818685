"""The office's three apps and the integrations page open in a real browser."""

import pytest

pytestmark = pytest.mark.browser

READY = ".o_main_navbar"


@pytest.fixture
def office(open_browser):
    """A browser in which Sanne of the office has signed in, and what went wrong."""
    page = open_browser({"width": 1366, "height": 900}, "en-US").new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/web/login")
    page.fill("input[name=login]", "staff")
    page.fill("input[name=password]", "staff")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector(READY)
    return page, errors


# A view, or a client action with its data: the board has counts when it is drawn.
DRAWN = (
    ".o_action_manager .o_view_controller, "
    ".o_action_manager .o_matching_board .nav-link.active .badge:not(:empty)"
)


def _assert_is_fine(page, errors):
    page.wait_for_selector(DRAWN)
    assert page.query_selector(".o_error_dialog") is None
    assert errors == []


@pytest.mark.parametrize("app", ["Subscriptions", "Payments", "Collections"])
def test_office_opens_each_app_and_all_its_views(office, app):
    page, errors = office
    page.goto("/odoo")
    page.wait_for_selector(READY)
    page.click(".o_navbar_apps_menu button")
    page.get_by_role("menuitem", name=app, exact=True).click()
    page.wait_for_function(
        "app => document.querySelector('.o_menu_brand')?.innerText.includes(app)",
        arg=app,
    )
    _assert_is_fine(page, errors)
    count = page.locator(".o_switch_view").count()
    for number in range(count):
        page.locator(".o_switch_view").nth(number).click()
        page.wait_for_timeout(700)
        _assert_is_fine(page, errors)


def test_office_sees_the_integrations_without_connect_buttons(office):
    page, errors = office
    page.goto("/odoo/integrations")
    page.wait_for_selector(".o_kanban_record")
    _assert_is_fine(page, errors)
    names = page.locator(".o_kanban_record").all_inner_texts()
    for service in ("CCV", "Mollie", "Moneybird", "Pingen", "Plug&Pay"):
        assert any(service in name for name in names)
    assert page.get_by_role("button", name="Disconnect").count() == 0
