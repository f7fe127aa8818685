"""The whole product: one business day over real HTTP, and the same day again."""

import pytest
import requests

from setup.lib.paths import LOG
from setup.lib.postgres import psql

from .test_install_log import complaints

# What would be doubled if a second run did anything twice.
COUNTED = {
    "invoices": "SELECT count(*) FROM account_move WHERE state = 'posted'",
    "charges": "SELECT count(*) FROM payment_transaction",
    "payments": "SELECT count(*) FROM account_payment",
    "periods": "SELECT count(*) FROM subscription_period",
    "letters": "SELECT count(*) FROM snailmail_letter",
    "receipts": "SELECT count(*) FROM matching_receipt",
    "bank lines": "SELECT count(*) FROM account_bank_statement_line",
}


def _counts(database: str) -> dict[str, str]:
    return {what: psql(query, database) for what, query in COUNTED.items()}


def _books(place) -> dict[str, int]:
    """Return how many letters and payments the services themselves know."""
    found = {}
    for service in ("ccv", "mollie", "moneybird", "pingen", "plugandpay"):
        answer = requests.get(
            f"{place.sandbox_url}/_control/{service}/book", timeout=30
        )
        answer.raise_for_status()
        for name, records in answer.json().items():
            if isinstance(records, (list, dict)) and name != "requests":
                found[f"{service} {name}"] = len(records)
    return found


def test_every_line_of_the_day_succeeds(played):
    failed = [row for row in played.rows if not row.ok]
    assert failed == []
    assert len({row.step for row in played.rows}) >= 6


def test_every_link_of_the_table_opens(played):
    session = requests.Session()
    links = {row.link for row in played.rows if row.link}
    wrong = [url for url in links if session.get(url, timeout=60).status_code >= 400]
    assert links and wrong == []


def test_the_same_day_again_changes_nothing_twice(played):
    from tests.scenarios.day import play

    place = played.place
    before, books = _counts(place.database), _books(place)
    rows = play(place.odoo_url, place.database, place.sandbox_url)
    assert [row for row in rows if not row.ok] == []
    assert _counts(place.database) == before
    assert _books(place) == books
    assert int(before["invoices"]) > 10


@pytest.fixture
def office(page, played):
    """A browser in which Sanne of the office has signed in."""
    page.goto(f"{played.place.odoo_url}/web/login")
    page.fill("input[name=login]", "staff")
    page.fill("input[name=password]", "staff")
    page.click("button[type=submit]")
    page.wait_for_selector(".o_main_navbar", timeout=60_000)
    return page


@pytest.mark.browser
@pytest.mark.parametrize("app", ["Subscriptions", "Payments", "Collections"])
def test_office_opens_each_app_without_an_error(office, played, app):
    errors = []
    office.on("pageerror", lambda error: errors.append(str(error)))
    office.goto(f"{played.place.odoo_url}/odoo")
    office.wait_for_selector(".o_main_navbar", timeout=60_000)
    office.click(".o_navbar_apps_menu button")
    office.get_by_role("menuitem", name=app, exact=True).click()
    office.wait_for_selector(".o_action_manager .o_view_controller", timeout=60_000)
    assert app in office.inner_text(".o_main_navbar")
    assert office.query_selector(".o_error_dialog") is None
    assert errors == []


def test_log_of_the_day_has_no_error(played):
    """Odoo says at WARNING that a button met the scheduler; that is no fault."""
    log = (LOG / "product_odoo.log").read_text(errors="replace")
    wrong = [line for line in complaints(log) if "already executing" not in line]
    assert wrong == []
