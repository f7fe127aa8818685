"""The office brings in a bank file through the screen, as a person does."""

import datetime
import time

import pytest

from tests.scenarios.day.step_payments_file import make_file

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1366, "height": 900}
FILE = ".modal input[type=file]"
TODAY = datetime.datetime.now(tz=datetime.UTC).date()


@pytest.fixture
def form(board):
    """The form that asks for a file, opened by Sanne of the office from the menu."""
    page = board(DESKTOP)
    page.get_by_role("button", name="Bank Files").click()
    page.get_by_role("menuitem", name="Import a File").click()
    page.wait_for_selector(FILE, state="attached")
    return page


def _choose(page, name, data):
    page.set_input_files(
        FILE, {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    page.wait_for_function(
        "name => document.querySelector('.modal .o_field_binary input').value === name",
        arg=name,
    )
    assert page.query_selector(".o_error_dialog") is None


def test_a_statement_is_chosen_imported_and_shown(form, admin):
    """C4: the file finds its journal; what came of it is on the next screen."""
    name = f"Afschrift {time.time_ns()}"
    journal = admin.search_read(
        "account.journal",
        [("type", "=", "bank"), ("bank_account_id", "!=", False)],
        ["bank_acc_number"],
        limit=1,
    )[0]
    line = {
        "amount": "0.03",
        "name": name,
        "iban": "NL13TEST0123456789",
        "text": "nothing that anybody owes",
    }
    iban = journal["bank_acc_number"].replace(" ", "")
    _choose(form, "bank.xml", make_file(iban, [line], TODAY))
    assert not form.is_visible(".modal .o_field_widget[name=mapping_id]")
    form.click(".modal button[name=action_import]")
    form.wait_for_selector(".modal", state="detached")
    form.wait_for_selector(".o_form_view >> text=bank.xml")
    assert form.errors == []
    receipts = admin.search_read(
        "matching.receipt", [("payer_name", "=", name)], ["id"]
    )
    assert len(receipts) == 1
    admin.call("matching.receipt", "action_ignore", [row["id"] for row in receipts])


def test_a_table_asks_for_its_columns_and_a_damaged_file_is_refused_in_words(form):
    """C4: nothing is imported without a reason that people can read."""
    _choose(form, "bank.csv", b"Datum;Bedrag\n24-11-2026;45,00\n")
    form.wait_for_selector(".modal .o_field_widget[name=mapping_id]")
    form.click(".modal button[name=action_import]")
    form.wait_for_selector(".o_error_dialog, .modal .text-prewrap")
    words = form.inner_text(".o-overlay-container")
    assert "For a CSV file choose its columns" in words
    assert form.errors == []
