"""Step 4: receipts of CCV, Mollie and the bank find their items in both ledgers."""

import base64
import datetime

from .step_payments_file import make_file

TITLE = "Payments"

IBAN_CLUB = "NL91ABNA0417164300"
IBANS = {
    "M024": "NL02INGB0123456789",
    "M025": "NL13RABO0123456789",
    "M026": "NL62TRIO0123456789",
    "M027": "NL86INGB0002445588",
    "M028": "NL44RABO0123456789",
}
BY_BANK = ("M024", "M025", "M026")
BY_MOLLIE = ("M027", "M028")
BY_CCV = ("M029", "M030")
WAITING = "M031"
PART_PAID = "70.00"
UNKNOWN = {"amount": "17.40", "description": "Loterij zomerfeest"}
KANTINE = (
    {"contact": "Kantine Voetbal De Linden", "amount": "242.00", "reference": "KV-1"},
    {"contact": "Kantine Tennis De Linden", "amount": "121.00", "reference": "KT-1"},
    {"contact": "Kantine Hockey De Linden", "amount": "60.50", "reference": "KH-1"},
)
CCV_KEY = "t_sandbox-kantine"
MOLLIE_KEY = "test_sandbox"
SERVICES = {"ccv": "CCV", "mollie": "Mollie", "moneybird": "Moneybird"}


# === THE SCENE ===


def prepare(day):
    """Payments were made at CCV and Mollie; the canteens owe money at Moneybird."""
    if not day.sandbox.objects("moneybird", "sales_invoice"):
        day.sandbox.scene("moneybird", sales_invoices=list(KANTINE))
    if not day.sandbox.objects("mollie", "payment"):
        day.sandbox.scene("mollie", payments=_mollie_payments(day))
    if not day.sandbox.objects("ccv", "transactions"):
        day.sandbox.scene("ccv", payments=_ccv_payments(day))


def _mollie_payments(day):
    paid = [
        {
            "amount": f"{_invoice(day, code)['amount_total']:.2f}",
            "description": f"Contributie {_invoice(day, code)['name']}",
            "method": "ideal",
            "status": "paid",
            "consumerName": day.member(code)["name"],
            "consumerAccount": IBANS[code],
        }
        for code in BY_MOLLIE
    ]
    waiting = {
        "amount": f"{_invoice(day, WAITING)['amount_total']:.2f}",
        "description": f"Contributie {_invoice(day, WAITING)['name']}",
        "method": "directdebit",
        "status": "pending",
    }
    return [*paid, waiting, {**UNKNOWN, "method": "ideal", "status": "paid"}]


def _ccv_payments(day):
    dues = [
        {
            "amount": f"{_invoice(day, code)['amount_total']:.2f}",
            "description": "Contributie",
            "merchantOrderReference": _invoice(day, code)["name"],
        }
        for code in BY_CCV
    ]
    canteens = [
        {
            "amount": invoice["total_price_incl_tax"],
            "description": f"Factuur {invoice['invoice_id']}",
            "merchantOrderReference": invoice["invoice_id"],
            "method": "card",
            "brand": "maestro",
        }
        for invoice in day.sandbox.objects("moneybird", "sales_invoice")[:2]
    ]
    return [*dues, *canteens]


def _invoice(day, code):
    """The invoice of dues that a member got before today."""
    found = day.admin.search_read(
        "account.move",
        [
            ("partner_id", "=", day.member(code)["id"]),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
        ],
        [
            "name",
            "payment_reference",
            "amount_total",
            "amount_residual",
            "invoice_date",
            "payment_state",
        ],
        order="invoice_date, id",
        limit=1,
    )
    day.check(found, f"member {code} has an invoice")
    return found[0]


# === CONNECTING ===


def connect(day):
    """Connect the three services from their cards, as an administrator does."""
    day.admin.call("service.connection", "action_open_integrations")
    _connect_by_key(day, "ccv", CCV_KEY)
    _connect_by_key(day, "mollie", MOLLIE_KEY)
    _connect_moneybird(day)
    _choose_ledger_accounts(day)
    for provider, name in SERVICES.items():
        card = _card(day, provider)
        day.check(card["state"] == "connected", f"{name} is connected")
        day.connected(f"{name} connected", card, card["account_label"] or name)


def _card(day, provider):
    found = day.admin.search_read(
        "service.connection",
        [("provider", "=", provider)],
        ["state", "account_label", "last_error"],
        order="id",
        limit=1,
    )
    day.check(found, f"there is a card for {provider}")
    return found[0]


def _open_wizard(day, card, provider, **values):
    return day.admin.create(
        "service.connect.wizard",
        {
            "connection_id": card["id"],
            "environment": "test",
            "test_base_url": f"{day.sandbox_url}/{provider}",
            **values,
        },
    )


def _connect_by_key(day, provider, key):
    card = _card(day, provider)
    if card["state"] == "connected":
        return
    wizard = _open_wizard(day, card, provider, auth_kind="api_key", value_1=key)
    day.admin.button("service.connect.wizard", "action_connect", wizard)


def _connect_moneybird(day):
    """Sign in at Moneybird's own page and allow the link there."""
    card = _card(day, "moneybird")
    if card["state"] == "connected":
        return
    wizard = _open_wizard(
        day,
        card,
        "moneybird",
        auth_kind="oauth_code",
        value_1="sandbox-client",
        value_2="sandbox-secret",
    )
    action = day.admin.button("service.connect.wizard", "action_connect", wizard)
    page = day.admin.get(f"{action['url']}&auto=1")
    day.check(page.ok, f"Moneybird's consent comes back to Odoo ({page.status_code})")


def _choose_ledger_accounts(day):
    """The posting scheme: what CCV collects waits on a clearing account there too."""
    for provider, name in (
        ("ccv", "Kruisposten CCV"),
        ("mollie", "Kruisposten Mollie"),
    ):
        accounts = day.admin.search_read(
            "matching.ledger.account", [("name", "=", name)], ["name"], limit=1
        )
        lines = day.admin.search_read(
            "matching.clearing",
            [
                ("connection_id", "=", _card(day, provider)["id"]),
                ("ledger_account_id", "=", False),
            ],
            ["method"],
        )
        if accounts and lines:
            day.admin.write(
                "matching.clearing",
                [line["id"] for line in lines],
                {"ledger_account_id": accounts[0]["id"]},
            )


# === THE WORK ===


def play(day):
    """Fetch, import, accept one by hand, and look at both ledgers."""
    _fetch(day)
    _import_file(day)
    _accept_part_payment(day)
    day.run_cron("moneybird_reconcile.ir_cron_forward")
    _tell_odoo(day)
    _tell_moneybird(day)
    _tell_waiting(day)
    _tell_error(day)


def _fetch(day):
    for provider in SERVICES:
        card = _card(day, provider)
        day.staff.button("service.connection", "action_sync_now", card["id"])
    day.run_cron("connection_base.ir_cron_sync")
    found = _receipts(day, [("source", "in", ("ccv", "mollie"))])
    expected = len(BY_MOLLIE) + len(BY_CCV) + 2 + 2
    day.check(len(found) == expected, f"{expected} receipts are fetched")
    day.row(
        "Receipts fetched from CCV and Mollie",
        f"{len(found)} receipts, {_count(found, 'matched')} matched",
        f"{day.odoo_url}/odoo/action-moneybird_reconcile.matching_receipt_action",
    )


def _receipts(day, domain):
    fields = [
        "name", "state", "reason", "amount", "payer_name", "booking_ids", "external_id",
        "proposal_ids",
    ]  # fmt: skip
    return day.staff.search_read("matching.receipt", domain, fields, order="id")


def _count(receipts, state):
    return sum(receipt["state"] == state for receipt in receipts)


def _bank_file(day):
    invoices = {code: _invoice(day, code) for code in BY_BANK}
    names = {code: day.member(code)["name"] for code in BY_BANK}
    first, second, third = BY_BANK
    lines = [
        {
            "amount": f"{invoices[first]['amount_total']:.2f}",
            "structured": invoices[first]["payment_reference"].replace(" ", ""),
            "name": names[first],
            "iban": IBANS[first],
        },
        {
            "amount": f"{invoices[second]['amount_total']:.2f}",
            "text": f"Contributie factuur {invoices[second]['name'].replace('/', '-')}",
            "name": names[second],
            "iban": IBANS[second],
        },
        {
            "amount": PART_PAID,
            "text": f"Eerste deel {invoices[third]['name']}",
            "name": names[third],
            "iban": IBANS[third],
        },
    ]
    booked = datetime.date.fromisoformat(invoices[first]["invoice_date"])
    return make_file(IBAN_CLUB, lines, booked + datetime.timedelta(days=2))


def _import_file(day):
    wizard = day.staff.create(
        "matching.import.wizard",
        {
            "data": base64.b64encode(_bank_file(day)).decode(),
            "filename": "afschrift.xml",
        },
    )
    action = day.staff.button("matching.import.wizard", "action_import", wizard)
    [found] = day.staff.search_read(
        "matching.import",
        [("id", "=", action["res_id"])],
        ["count_lines", "count_new", "count_known", "count_matched"],
    )
    day.check(found["count_lines"] == len(BY_BANK), "the file has three payments")
    day.row(
        "Bank file (CAMT.053) imported",
        f"{found['count_lines']} payments: {found['count_new']} new, "
        f"{found['count_known']} were here already",
        day.link("matching.import", found["id"]),
    )


def _accept_part_payment(day):
    """A part payment is never booked without a person; Sanne accepts it."""
    member = day.member(BY_BANK[2])
    [receipt] = _receipts(
        day, [("source", "=", "bank"), ("payer_name", "=", member["name"])]
    )
    if receipt["state"] == "open":
        day.check(receipt["proposal_ids"], "the part payment has a candidate")
        day.staff.button(
            "matching.proposal", "action_accept", receipt["proposal_ids"][0]
        )
        [receipt] = _receipts(day, [("id", "=", receipt["id"])])
    day.check(receipt["state"] == "matched", "the part payment is booked")
    left = _invoice(day, BY_BANK[2])["amount_residual"]
    day.row(
        f"Part payment of {member['name']} accepted by Sanne",
        f"{receipt['reason']} {left:.2f} stays open",
        day.link("matching.receipt", receipt["id"]),
    )


def _tell_odoo(day):
    for code in (*BY_BANK[:2], *BY_MOLLIE, *BY_CCV):
        invoice = _invoice(day, code)
        day.check(
            invoice["payment_state"] in ("paid", "in_payment"),
            f"{invoice['name']} of {code} is paid",
        )
    names = ", ".join(_invoice(day, code)["name"] for code in (*BY_BANK[:2],))
    day.row(
        "Booked in Odoo by themselves",
        f"{len(BY_BANK) - 1 + len(BY_MOLLIE) + len(BY_CCV)} invoices paid ({names}, …)",
        f"{day.odoo_url}/odoo/action-moneybird_reconcile.matching_receipt_action_report",
    )


def _tell_moneybird(day):
    payments = day.sandbox.objects("moneybird", "payment")
    day.check(len(payments) == 2, f"two payments at Moneybird, not {len(payments)}")
    identifiers = {payment["transaction_identifier"] for payment in payments}
    done = [("external_id", "in", sorted(identifiers)), ("state", "=", "matched")]
    day.wait_until(
        lambda: len(_receipts(day, done)) == 2,
        "both canteen payments are done here too",
        seconds=120,
    )
    amounts = " and ".join(f"{float(payment['price']):.2f}" for payment in payments)
    day.row(
        "Booked at Moneybird",
        f"{amounts}, each with its CCV transaction",
        f"{day.sandbox_url}/_book/moneybird",
    )


def _tell_waiting(day):
    [receipt] = _receipts(day, [("state", "=", "waiting")])
    day.row(
        f"Waits under Open: {day.member(WAITING)['name']}",
        receipt["reason"],
        day.link("matching.receipt", receipt["id"]),
    )


def _tell_error(day):
    [receipt] = _receipts(day, [("state", "=", "error"), ("source", "=", "mollie")])
    day.check(receipt["reason"], "an error has its reason")
    day.row(
        f"Under Errors: {UNKNOWN['description']}",
        receipt["reason"],
        day.link("matching.receipt", receipt["id"]),
    )
