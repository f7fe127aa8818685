"""The office matches payments on one screen, with the keyboard and on a phone."""

import base64
import datetime
import time

import pytest

from tests.scenarios.day.step_payments_file import make_file

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
ROW = ".o_matching_row"
TODAY = datetime.datetime.now(tz=datetime.UTC).date()
# Nobody in the demo club pays from it: an account that a payment was matched with
# speaks against every other customer who pays from it later.
IBAN = "NL13TEST0123456789"
READY = ".o_matching_detail:not(.o_matching_busy) .o_matching_candidate"


@pytest.fixture
def receive(admin):
    """Return a function: bank lines that pay 15.00 too little, each with its invoice.

    The difference keeps each of them from being booked without a person. All of it is
    taken back after the test, also after one that fails: other tests live in the same
    club.
    """
    names = []

    def make(count, paid="10.00"):
        name = f"Toetser {time.time_ns()}"
        names.append(name)
        partner = admin.create("res.partner", {"name": name})
        moves = admin.call(
            "account.move",
            "create",
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner,
                    "invoice_date": str(TODAY),
                    "invoice_line_ids": [
                        (0, 0, {"name": "x", "price_unit": 25.0, "tax_ids": []})
                    ],
                }
                for _number in range(count)
            ],
        )
        admin.call("account.move", "action_post", moves)
        invoices = admin.call("account.move", "read", moves, ["name"])
        journal = admin.search_read(
            "account.journal",
            [("type", "=", "bank"), ("bank_account_id", "!=", False)],
            ["bank_acc_number"],
            limit=1,
        )[0]
        lines = [
            {
                "amount": paid,
                "name": name,
                "iban": IBAN,
                "text": f"part of {invoice['name']}",
            }
            for invoice in invoices
        ]
        data = make_file(journal["bank_acc_number"].replace(" ", ""), lines, TODAY)
        wizard = admin.create(
            "matching.import.wizard",
            {"data": base64.b64encode(data).decode(), "filename": f"{name}.xml"},
        )
        admin.button("matching.import.wizard", "action_import", wizard)
        return name

    yield make
    for name in names:
        _take_back(admin, name)


def _take_back(admin, name):
    """Undo the matches of a payer, leave the receipts out and delete the invoices.

    Theirs are the last numbers, so the club's own row of them stays without a gap.
    """
    receipts = _ids(admin, "matching.receipt", [("payer_name", "=", name)])
    if receipts:
        admin.call("matching.receipt", "action_undo", receipts)
        admin.call("matching.receipt", "action_ignore", receipts)
    rules = _ids(admin, "matching.rule", [("payer", "=", name)])
    admin.call("matching.rule", "unlink", rules)
    invoices = [("partner_id.name", "=", name), ("move_type", "=", "out_invoice")]
    moves = _ids(admin, "account.move", invoices)
    if moves:
        admin.call("account.move", "button_draft", moves)
        admin.call("account.move", "unlink", moves)


def _ids(admin, model, domain):
    return [row["id"] for row in admin.search_read(model, domain, ["id"])]


def _search(page, text):
    # A key is heard a moment after the screen is drawn.
    while not page.query_selector(".o_matching_search:focus"):
        page.keyboard.press("f")
        page.wait_for_timeout(50)
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    # Rows out of sight have a text, but no rendered one.
    page.wait_for_function(
        "text => ['.o_matching_row', '.o_matching_detail h2:first-child'].every("
        "place => document.querySelector(place)?.textContent.includes(text))"
        " && [...document.querySelectorAll('.o_matching_row')]"
        ".every(row => row.textContent.includes(text))",
        arg=text,
    )


def _wait_rows(page, count):
    page.wait_for_function(
        f"document.querySelectorAll('{ROW}').length === {count}", timeout=60_000
    )


@pytest.mark.parametrize(
    "count", [10, pytest.param(100, marks=pytest.mark.long)], ids=["10", "100"]
)
def test_lines_are_handled_without_a_mouse(board, receive, count):
    """C9, C10: each line is judged with one key and ends under Report."""
    name = receive(count)
    page = board({"width": 1366, "height": 900})
    _search(page, name)
    _wait_rows(page, count)
    for left in range(count, 0, -1):
        page.wait_for_selector(READY)
        page.keyboard.press("1")
        _wait_rows(page, left - 1)
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".nav-link.active[data-tab=report]")
    _wait_rows(page, min(count, 100))
    assert page.errors == []


def test_split_write_off_and_undo_with_the_keyboard(board, receive, admin):
    """C9: the shortage is written off with account and reason, then all is undone."""
    name = receive(1)
    page = board({"width": 1366, "height": 900})
    _search(page, name)
    page.wait_for_selector(READY)
    page.keyboard.press("s")
    page.wait_for_selector(".o_matching_find:focus")
    page.keyboard.type(name)
    page.wait_for_function(
        "text => document.querySelectorAll('.o_matching_found button').length === 1"
        " && document.querySelector('.o_matching_found').innerText.includes(text)",
        arg=name,
    )
    page.keyboard.press("Enter")
    page.fill(".o_matching_amount", "25")
    page.focus(".o_matching_find")
    page.keyboard.type("discount")
    page.wait_for_function(
        "[...document.querySelectorAll('.o_matching_found small')]"
        ".some(hint => hint.innerText === 'write off')"
    )
    page.keyboard.press("Enter")
    page.fill(".o_matching_label", "Waived by the board")
    page.wait_for_function(
        "/(^|[^0-9])0[.,]00/.test(document.querySelector('.o_matching_left').innerText)"
    )
    page.keyboard.press("Enter")
    _wait_rows(page, 0)
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".nav-link.active[data-tab=report]")
    _wait_rows(page, 1)
    assert "Waived by the board" in page.inner_text(".o_matching_detail")
    assert _open_of(admin, name) == 0
    page.keyboard.press("u")
    _wait_rows(page, 0)
    assert _open_of(admin, name) == 25
    assert page.errors == []


def _open_of(admin, name):
    moves = admin.search_read(
        "account.move",
        [("partner_id.name", "=", name), ("move_type", "=", "out_invoice")],
        ["amount_residual"],
    )
    return sum(move["amount_residual"] for move in moves)


def test_more_info_and_report_problem_tell_all_that_is_known(board, receive):
    """C9: both sides are shown, and the same is sent or saved."""
    name = receive(1)
    page = board({"width": 1366, "height": 900})
    _search(page, name)
    page.wait_for_selector(READY)
    page.keyboard.press("i")
    page.wait_for_selector(".o_matching_info section")
    info = page.inner_text(".o_matching_info")
    assert IBAN in info
    assert "In Odoo: INV/" in info
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.wait_for_selector(".modal .o_field_widget[name=message] textarea")
    with page.expect_download() as download:
        page.click(".modal button[name=action_save]")
    text = download.value.path().read_text()
    assert IBAN in text
    assert '"items"' in text


def test_board_fits_a_phone_and_goes_from_list_to_line_and_back(board, receive):
    name = receive(2)
    page = board(PHONE, is_mobile=True, has_touch=True)
    page.fill(".o_matching_search", name)
    page.press(".o_matching_search", "Enter")
    # The list before the search may have two rows as well.
    page.get_by_text(name).nth(1).wait_for()
    _wait_rows(page, 2)
    assert not page.is_visible(".o_matching_detail")
    page.tap(ROW)
    page.wait_for_selector(".o_matching_candidate", state="visible")
    assert not page.is_visible(".o_matching_list")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    page.tap(".o_matching_accept")
    page.get_by_role("button", name="Back to the list").tap()
    _wait_rows(page, 1)
    assert page.errors == []


def test_no_tick_stands_where_nothing_was_checked(board):
    """C7: complete is said only when somebody looked."""
    page = board({"width": 1366, "height": 900})
    shown = page.inner_text(".o_matching_checks")
    assert "Daily checks" in shown or "Not checked yet" in shown
    page.route(
        "**/call_kw/matching.check/search_count",
        lambda route: route.fulfill(json={"jsonrpc": "2.0", "id": 1, "result": 0}),
    )
    page.click(".nav-link[data-tab=error]")
    page.wait_for_selector(".o_matching_checks .fa-question-circle-o")
    assert "Not checked yet" in page.inner_text(".o_matching_checks")
    assert not page.query_selector(".o_matching_checks .fa-check")
    assert page.errors == []
