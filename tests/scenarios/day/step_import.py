"""Step 1: connect Plug&Pay and bring its active subscriptions over."""

from datetime import datetime, timedelta

TITLE = "Import from Plug&Pay"
TOKEN = "pnp-sandbox-token"
PRODUCT = "Clubblad per maand"
#: Members who pay the magazine through Plug&Pay; the last one cancelled long ago.
MEMBERS = ("M032", "M033", "M034", "M035")
OLD_ORDER = "M036"


def prepare(day):
    """Fill the book of the service, unless it has this product already."""
    products = day.sandbox.objects("plugandpay", "products")
    if any(product["title"] == PRODUCT for product in products):
        return
    today = _today()
    members = [*MEMBERS, OLD_ORDER]
    day.sandbox.scene(
        "plugandpay",
        products=[
            {"title": PRODUCT, "amount_with_tax": "12.10", "interval": "monthly"},
            {"title": "Sjaal", "amount_with_tax": "24.20"},
        ],
        contacts=[_contact(day, code) for code in members],
    )
    mails = {code: day.member(code)["email"].lower() for code in members}
    start = (today - timedelta(days=75)).isoformat()
    day.sandbox.scene(
        "plugandpay",
        subscriptions=[
            {
                "contact": mails[code],
                "product": PRODUCT,
                "created_at": f"{start}T09:00:00Z",
                "next_at": (today + timedelta(days=15)).isoformat(),
                "iban": f"NL02ABNA01234567{number:02}",
                "status": "cancelled" if code == MEMBERS[-1] else "active",
            }
            for number, code in enumerate(MEMBERS, 11)
        ],
        orders=[
            {
                "contact": mails[OLD_ORDER],
                "product": "Sjaal",
                "created_at": f"{start}T09:00:00Z",
            }
        ],
    )


def _contact(day, code):
    """Write a member the way Plug&Pay keeps a contact."""
    name = day.member(code)["name"]
    first, _space, last = name.partition(" ")
    return {
        "email": day.member(code)["email"].lower(),
        "firstname": first,
        "lastname": last,
        "country": "NL",
    }


def connect(day):
    """Connect with the token of the sandbox account, as the form's button does."""
    connection = _connection(day)
    if connection["state"] not in ("connected", "error"):
        _connect(day, connection)
    label = _connection(day)["account_label"] or ""
    day.connected("Plug&Pay connected", connection, label)


def _connect(day, connection):
    day.admin.write(
        "service.connection",
        connection["id"],
        {"plugandpay_portal_url": f"{day.sandbox_url}/_book/plugandpay"},
    )
    wizard = day.admin.create(
        "service.connect.wizard",
        {
            "connection_id": connection["id"],
            "environment": "test",
            "auth_kind": "api_key",
            "test_base_url": f"{day.sandbox_url}/plugandpay",
            "value_1": TOKEN,
        },
    )
    day.admin.button("service.connect.wizard", "action_connect", wizard)
    state = _connection(day)["state"]
    day.check(state == "connected", f"Plug&Pay is connected, it is {state}")


def play(day):
    """Let the import run and show what came over."""
    connection = _connection(day)
    run = _import_run(day, connection)
    if run["state"] == "running":
        day.run_cron("connection_base.ir_cron_sync")
        run = _import_run(day, connection)
    day.check(run["state"] == "done", f"the import is done, it is {run['state']}")
    found = day.admin.search_read(
        "subscription.subscription",
        [("connection_id", "=", connection["id"])],
        ["partner_id", "next_step", "state"],
    )
    day.check(
        len(found) == len(MEMBERS) - 1,
        f"{len(MEMBERS) - 1} active subscriptions came over, not {len(found)}",
    )
    day.row(
        "Active subscriptions brought over",
        f"{len(found)}: {run['summary']}",
        day.link("service.sync.run", run["id"]),
    )
    old = day.admin.search_read("subscription.external.invoice", [], ["number"])
    before = [order for order in old if order["number"] in _old_numbers(day)]
    day.check(not before, "no order from before the connection came over")
    day.row("One-off orders from before", "not brought over, as it should be")
    _mail_row(day)
    _renew(day, connection)


def _renew(day, connection):
    """A new order at Plug&Pay: its invoice appears here, as an outside document."""
    model, fields = "subscription.external.invoice", ["number", "partner_id", "state"]
    if not day.staff.search_read(model, [], ["number"], limit=1):
        [active] = [
            row["id"]
            for row in day.sandbox.objects("plugandpay", "subscriptions")
            if row["status"] == "active"
        ][:1]
        day.sandbox.scene("plugandpay", renew=[active])
        day.staff.button("service.connection", "action_sync_now", connection["id"])
        day.run_cron("connection_base.ir_cron_sync")
    found = day.staff.search_read(model, [], fields, order="id", limit=1)
    day.check(found, "the invoice of a new Plug&Pay order is here")
    day.row(
        "Invoice of a new Plug&Pay order",
        f"{found[0]['number']} for {found[0]['partner_id'][1]}, {found[0]['state']}",
        day.link(model, found[0]["id"]),
    )


def _mail_row(day):
    mails = day.admin.search_read(
        "mail.mail",
        [("model", "=", "service.sync.run"), ("state", "in", ("sent", "outgoing"))],
        ["subject", "state"],
        limit=1,
    )
    sunk = [mail for mail in day.sandbox.mails() if "Plug&Pay" in mail["subject"]]
    day.check(mails or sunk, "the organiser was mailed that the import is done")
    day.row("Mail to the organiser", (mails or sunk)[0]["subject"])


def _connection(day):
    """Return the card of Plug&Pay; the page makes one where there is none."""
    domain = [("provider", "=", "plugandpay")]
    fields = ["state", "account_label"]
    found = day.admin.search_read("service.connection", domain, fields, limit=1)
    if not found:
        day.admin.call("service.connection", "action_open_integrations")
        found = day.admin.search_read("service.connection", domain, fields, limit=1)
    day.check(found, "there is a card for Plug&Pay")
    return found[0]


def _import_run(day, connection):
    runs = day.admin.search_read(
        "service.sync.run",
        [("connection_id", "=", connection["id"]), ("kind", "=", "import")],
        ["state", "summary"],
        limit=1,
        order="id desc",
    )
    day.check(runs, "connecting asked for an import")
    return runs[0]


def _old_numbers(day):
    orders = day.sandbox.objects("plugandpay", "orders")
    return {order["invoice_number"] for order in orders if _is_old(order)}


def _today():
    return datetime.now().astimezone().date()


def _is_old(order):
    return order["created_at"][:10] < (_today() - timedelta(days=30)).isoformat()
