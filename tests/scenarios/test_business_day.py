"""The business day on real parts, played twice: everything happens, nothing twice.

The judges are the books of the other side: what the sandbox services, the mail sink
and Odoo's own ledger say happened.
"""

import collections

import pytest
import requests

from setup.lib.paths import LOG
from tests.scenarios.day import Day, play
from tests.test_install_log import complaints

COUNTED = {
    "posted invoices": ("account.move", [("state", "=", "posted")]),
    "drafts": ("account.move", [("state", "=", "draft")]),
    "charges": ("payment.transaction", []),
    "payments": ("account.payment", []),
    "bank lines": ("account.bank.statement.line", []),
    "receipts": ("matching.receipt", []),
    "letters": ("snailmail.letter", []),
    "messages": ("dunning.message", []),
    "subscriptions": ("subscription.subscription", []),
    "periods": ("subscription.period", []),
    "orders": ("sale.order", []),
}
# A button met the scheduler; a file that the package lacks; two tabs of one reader;
# what Odoo notes when somebody is refused, as in the test of bank files.
ODOO_OF_ITSELF = (
    "already executing",
    "selfie_segmentation",
    "discuss_channel",
    "Nothing was imported",
)


class Played:
    """The day after two plays, with the counts after each."""

    def __init__(self, odoo_url, sandbox_url, database):
        self.day = Day(odoo_url, database, sandbox_url)
        self.first = play(odoo_url, database, sandbox_url)
        self.counts = self._count()
        self.second = play(odoo_url, database, sandbox_url)
        self.counts_again = self._count()

    def read(self, model, domain, fields):
        return self.day.admin.search_read(model, domain, fields)

    def _count(self):
        counts = {
            name: self.day.admin.call(model, "search_count", domain)
            for name, (model, domain) in COUNTED.items()
        }
        book = self.day.sandbox.objects
        counts["letters at Pingen"] = len(book("pingen", "letters"))
        counts["payments at Moneybird"] = len(book("moneybird", "payment"))
        return counts


@pytest.fixture(scope="module")
def played(running_product):
    odoo_url, sandbox_url, database = running_product
    return Played(odoo_url, sandbox_url, database)


def _failed(rows):
    return [f"{row.step}: {row.what}: {row.result}" for row in rows if not row.ok]


def test_every_step_of_the_day_happens(played):
    assert len(played.first) > 20
    assert _failed(played.first) == []


def test_day_played_again_says_the_same_and_changes_nothing(played):
    assert _failed(played.second) == []
    assert len(played.second) == len(played.first)
    assert played.counts_again == played.counts


def test_each_subscription_invoice_has_one_period_and_each_period_one_invoice(played):
    periods = played.read(
        "subscription.period", [], ["subscription_id", "date_from", "move_id", "kind"]
    )
    assert periods
    claims = collections.Counter(
        (period["subscription_id"][0], period["date_from"]) for period in periods
    )
    assert claims.most_common(1)[0][1] == 1
    invoices = [period["move_id"][0] for period in periods if period["move_id"]]
    assert len(invoices) == len(set(invoices))


def test_each_charge_that_was_paid_pays_one_invoice_once(played):
    done = played.read(
        "payment.transaction",
        [("state", "=", "done")],
        ["reference", "amount", "invoice_ids", "payment_id", "is_post_processed"],
    )
    assert done
    charged = [tuple(sorted(row["invoice_ids"])) for row in done]
    assert len(charged) == len(set(charged))
    for row in done:
        assert row["payment_id"], f"{row['reference']} is in the books"
        assert row["is_post_processed"]
    moves = played.read(
        "account.move",
        [("id", "in", [ids[0] for ids in charged if ids])],
        ["name", "payment_state"],
    )
    assert {move["payment_state"] for move in moves} <= {"paid", "in_payment"}


def test_invoice_numbers_have_no_gap(played):
    names = played.read(
        "account.move",
        [("state", "=", "posted"), ("move_type", "=", "out_invoice")],
        ["name"],
    )
    numbers = sorted(int(row["name"].rsplit("/", 1)[1]) for row in names)
    assert numbers == list(range(1, len(numbers) + 1))


def test_letter_is_once_in_the_printers_book_and_sent(played):
    letters = played.day.sandbox.objects("pingen", "letters")
    assert len(letters) == played.counts["letters"] == 1
    asked = played.day.sandbox.requests("pingen", "POST", r"/deliveries/letters$")
    assert len({entry["idempotency_key"] for entry in asked}) == 1


def test_payment_at_moneybird_is_there_once_with_its_transaction(played):
    payments = played.day.sandbox.objects("moneybird", "payment")
    marks = [payment["transaction_identifier"] for payment in payments]
    assert len(marks) == len(set(marks)) == 2
    assert all(marks)


def test_each_new_invoice_was_mailed_once(played):
    sent = [
        mail["subject"]
        for mail in played.day.sandbox.mails()
        if "(Ref INV/" in mail["subject"]
    ]
    numbers = collections.Counter(
        subject.split("(Ref INV/")[1][:10] for subject in sent
    )
    assert numbers
    assert numbers.most_common(1)[0][1] == 1


def test_every_paid_receipt_has_one_place_in_the_books(played):
    matched = played.read(
        "matching.receipt",
        [("state", "=", "matched")],
        ["statement_line_id", "transaction_id", "external_id"],
    )
    assert matched
    lines = [row["statement_line_id"][0] for row in matched if row["statement_line_id"]]
    assert len(lines) == len(set(lines))


def test_every_link_of_the_table_opens(played):
    links = {row.link for row in played.first if row.link}
    wrong = [url for url in links if requests.get(url, timeout=60).status_code >= 400]
    assert links
    assert wrong == []


def test_log_of_the_day_has_no_error(played):
    """But for what Odoo says of itself."""
    log = (LOG / "product_odoo.log").read_text(errors="replace")
    wrong = [
        line
        for line in complaints(log)
        if not any(words in line for words in ODOO_OF_ITSELF)
    ]
    assert wrong == []
