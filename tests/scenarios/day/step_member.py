"""Step 6: a member signs in with the code from the mail, looks around and cancels."""

import re

TITLE = "Member's area"
MEMBER = "M001"

_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_SUBSCRIPTION = re.compile(r'href="(?:/\w+)?/my/subscriptions/(\d+)')
_INVOICE = re.compile(r'href="[^"]*/my/invoices/\d+')
_OPTION = re.compile(r'<option value="(\d+)"')
_TOKEN = re.compile(r'name="o_payment_radio"[^>]*data-payment-option-type="token"')


def play(day):
    """Sign in, see the four places, cancel one subscription."""
    member = day.member(MEMBER)
    if _is_done(day, member):
        _tell_again(day, member)
        return
    visitor = day.visitor()
    _sign_in(day, visitor, member)
    _look_around(day, visitor, member)
    _cancel(day, visitor, member)


def _sign_in(day, visitor, member):
    start = visitor.get("/my")
    day.check("/my/sign-in" in start.url, "/my asks a visitor for his e-mail address")
    since = max((mail["id"] for mail in day.sandbox.mails(member["email"])), default=0)
    page = visitor.post("/my/sign-in", {"email": member["email"], "redirect": "/my"})
    day.check(page.url.endswith("/my/sign-in/code"), "the page asks for the code")
    code = day.sandbox.latest_code(member["email"], since, seconds=60)
    home = visitor.post("/my/sign-in/code", {"code": code})
    if home.url.endswith("/my/sign-in/continue"):
        home = visitor.post("/my/sign-in/continue", {"partner_id": str(member["id"])})
    day.check(
        re.search(r"/my/?$", home.url) and "/my/account" in home.text,
        f"{member['name']} is signed in by code (came to {home.url})",
    )
    day.row(
        f"{member['name']} signs in with the code from the mail",
        f"code mailed to {member['email']}, no password",
        f"{day.odoo_url}/my",
    )


def _is_done(day, member):
    """Whether an earlier play brought the member in and cancelled for him."""
    events = _read(day, "portal.member.event", member, [("kind", "=", "sign_in")])
    cancelled = _read(
        day, "subscription.subscription", member, [("date_cancel", "!=", False)]
    )
    return bool(events and cancelled)


def _tell_again(day, member):
    """The same rows, from what is on record."""
    name = member["name"]
    [event, *_] = _read(day, "portal.member.event", member, [("kind", "=", "sign_in")])
    day.row(
        f"{name} signs in with the code from the mail",
        f"done before, on {event['create_date']}",
        f"{day.odoo_url}/my",
    )
    found = _read(day, "subscription.subscription", member, [("state", "!=", "draft")])
    bills = [("state", "=", "posted"), ("move_type", "=", "out_invoice")]
    invoices = _read(day, "account.move", member, bills)
    tokens = _read(day, "payment.token", member, [])
    _tell_places(day, name, len(found), len(invoices), len(tokens))
    cancelled = next(row for row in found if row["date_cancel"])
    _tell_cancelled(day, name, cancelled)


def _read(day, model, member, domain):
    fields = ["create_date", "display_name"]
    if model == "subscription.subscription":
        fields += ["name", "date_cancel", "state"]
    domain = [("partner_id", "=", member["id"]), *domain]
    return day.admin.search_read(model, domain, fields, order="id")


def _look_around(day, visitor, member):
    name = member["name"]
    details = visitor.get("/my/account")
    day.check(details.ok and name in details.text, f"{name} sees the own details")
    invoices = visitor.get("/my/invoices")
    count = len(set(_INVOICE.findall(invoices.text)))
    day.check(invoices.ok and count, f"{name} sees the own invoices")
    methods = visitor.get("/my/payment_method")
    tokens = len(_TOKEN.findall(methods.text))
    day.check(methods.ok and tokens, f"{name} sees the saved payment method")
    found = _find_subscriptions(visitor)
    day.check(found, f"{name} sees the own subscription")
    _tell_places(day, name, len(found), count, tokens)


def _tell_places(day, name, subscriptions, invoices, tokens):
    day.row(
        f"{name} looks around",
        f"{_count(subscriptions, 'subscription')}, {_count(invoices, 'invoice')}, "
        f"{_count(tokens, 'saved payment method')}",
        f"{day.odoo_url}/my/subscriptions",
    )


def _count(number, thing):
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _find_subscriptions(visitor):
    page = visitor.get("/my/subscriptions")
    return sorted({int(number) for number in _SUBSCRIPTION.findall(page.text)})


def _cancel(day, visitor, member):
    """Cancel the first one that runs."""
    subscription_id = _find_subscriptions(visitor)[0]
    path = f"/my/subscriptions/{subscription_id}"
    if not _read_cancel(day, subscription_id)["date_cancel"]:
        form = visitor.get(f"{path}/cancel").text
        reasons, days = _OPTION.findall(form), _read_days(form)
        day.check(reasons and days, "the page offers reasons and dates")
        done = visitor.post(
            f"{path}/cancel",
            {"date": days[0], "reason_id": reasons[0], "note": ""},
        )
        day.check("cancelled=1" in done.url, f"the cancellation of {path} is accepted")
    cancelled = _read_cancel(day, subscription_id)
    day.check(cancelled["date_cancel"], f"{path} has an end date")
    _tell_cancelled(day, member["name"], cancelled)


def _tell_cancelled(day, name, cancelled):
    day.row(
        f"{name} cancels {cancelled['name']}",
        f"ends on {cancelled['date_cancel']}, nothing billed from then on",
        day.link("subscription.subscription", cancelled["id"]),
    )


def _read_days(form):
    """Return the values of the radio buttons for the end date, as offered."""
    fields = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(form)]
    return [field["value"] for field in fields if field.get("name") == "date"]


def _read_cancel(day, subscription_id):
    [found] = day.admin.search_read(
        "subscription.subscription",
        [("id", "=", subscription_id)],
        ["name", "date_cancel", "state"],
    )
    return found
