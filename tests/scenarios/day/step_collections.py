"""Step 5: overdue invoices get their step: a mail, a letter, a call."""

TITLE = "Collections"

CLIENT = {"value_1": "sandbox-client", "value_2": "sandbox-secret"}
BY_MAIL, BY_LETTER, BY_HAND = "M020", "M021", "M022"
PAID = "M023"


def connect(day):
    """Connect Pingen from its card; a test letter is measured on the way."""
    day.admin.call("service.connection", "action_open_integrations")
    card = _card(day)
    if card["state"] != "connected":
        _connect(day, card)
    card = _card(day)
    day.check(card["state"] == "connected", "Pingen is connected")
    what = "Pingen connected, test letter fits the window"
    day.connected(what, card, card["account_label"] or "")


def _connect(day, card):
    wizard = day.admin.create(
        "service.connect.wizard",
        {
            "connection_id": card["id"],
            "environment": "test",
            "auth_kind": "oauth_client",
            "test_base_url": f"{day.sandbox_url}/pingen",
            **CLIENT,
        },
    )
    day.admin.button("service.connect.wizard", "action_connect", wizard)


def play(day):
    """Look at the preview, let the policy run by itself, follow what leaves."""
    _preview(day)
    _switch_on(day)
    day.run_cron("postal_dunning.ir_cron_run_dunning")
    _follow_mail(day)
    _follow_letter(day)
    _follow_call(day)
    _check_paid(day)


def _card(day):
    found = day.admin.search_read(
        "service.connection",
        [("provider", "=", "pingen")],
        ["state", "account_label"],
        limit=1,
    )
    day.check(found, "there is a card for Pingen")
    return found[0]


def _preview(day):
    """What staff sees before anything is sent."""
    action = day.staff.call("dunning.preview", "action_open")
    preview = day.staff.call(
        "dunning.preview", "read", [action["res_id"]], ["count_due", "count_waiting"]
    )[0]
    day.row(
        "Preview of today's steps",
        f"{preview['count_due']} due, {preview['count_waiting']} waiting",
        f"{day.odoo_url}/odoo/collections",
    )


def _switch_on(day):
    """After the look: the policy runs by itself from now on."""
    policies = day.staff.search_read(
        "dunning.policy", [("is_automatic", "=", False)], ["name"]
    )
    if policies:
        ids = [policy["id"] for policy in policies]
        day.staff.write("dunning.policy", ids, {"is_automatic": True})


def _message(day, code, channel):
    """The message that a member got by this channel."""
    member = day.member(code)
    fields = ["name", "state", "case_id", "step_id", "letter_id", "amount", "problem"]
    found = day.staff.search_read(
        "dunning.message",
        [("case_id.partner_id", "=", member["id"]), ("channel", "=", channel)],
        fields,
        order="id",
        limit=1,
    )
    day.check(found, f"{member['name']} ({code}) got a step by {channel}")
    return member, found[0]


def _follow_mail(day):
    member, message = _message(day, BY_MAIL, "email")
    letter = f"{message['name'].replace('/', '-')}.pdf"
    day.run_cron("mail.ir_cron_mail_scheduler_action")
    mail = day.wait_until(
        lambda: next(
            (one for one in day.sandbox.mails(member["email"])
             if letter in one["attachments"]), None
        ),
        f"the reminder {message['name']} arrives at {member['email']}",
    )  # fmt: skip
    day.row(
        f"{message['step_id'][1]} by mail to {member['name']}",
        f"€ {message['amount']:.2f}: {mail['subject']}",
        day.link("dunning.case", message["case_id"][0]),
    )


def _follow_letter(day):
    member, message = _message(day, BY_LETTER, "post")
    letter = message["letter_id"][0]
    _hand_over(day, letter)
    _post(day, letter)
    record = _read_letter(day, letter)
    book = next(
        one for one in day.sandbox.objects("pingen", "letters")
        if one["id"] == record["pingen_ref"]
    )  # fmt: skip
    day.check(
        book["address"] and member["name"] in book["address"],
        "Pingen reads the recipient in the address window",
    )
    same = [
        one
        for one in day.sandbox.objects("pingen", "letters")
        if one["file_original_name"].startswith(f"letter-{letter}-")
    ]
    day.check(len(same) == 1, "the letter was ordered once")
    day.row(
        f"{message['step_id'][1]} by letter to {member['name']}",
        f"{record['pingen_status']}, {record['pages']} page, "
        f"{record['price_currency']} {record['price']:.2f}",
        day.link("dunning.case", message["case_id"][0]),
    )


def _read_letter(day, letter):
    fields = ["state", "pingen_status", "pingen_ref", "pages", "price",
              "price_currency", "info_msg"]  # fmt: skip
    return day.staff.call("snailmail.letter", "read", [letter], fields)[0]


def _hand_over(day, letter):
    """The job that hands letters over, until Pingen has checked and taken it."""

    def is_taken():
        day.run_cron("postal_dunning.ir_cron_pingen_hand_over")
        state = _read_letter(day, letter)["state"]
        day.check(state not in ("error", "canceled"), f"the letter is {state}")
        return state in ("pingen_submitted", "sent")

    day.wait_until(is_taken, "Pingen takes the letter", seconds=90)


def _post(day, letter):
    """The printer works; its webhook, or else the hourly look, tells it here."""
    if _read_letter(day, letter)["state"] == "sent":
        return
    day.sandbox.scene("pingen", progress={"to": "sent"})
    day.sandbox.flush_webhooks("pingen")
    day.run_cron("connection_base.ir_cron_webhook")
    if _read_letter(day, letter)["state"] != "sent":
        day.admin.button("service.connection", "action_sync_now", _card(day)["id"])
    day.wait_until(
        lambda: _read_letter(day, letter)["state"] == "sent", "the letter is posted"
    )


def _follow_call(day):
    member, message = _message(day, BY_HAND, "manual")
    case = message["case_id"][0]
    activities = day.staff.search_read(
        "mail.activity",
        [("res_model", "=", "dunning.case"), ("res_id", "=", case)],
        ["summary", "user_id"],
        limit=1,
    )
    done = "done" if not activities else f"waits for {activities[0]['user_id'][1]}"
    day.row(
        f"{message['step_id'][1]} by hand: {member['name']}", done,
        day.link("dunning.case", case),
    )  # fmt: skip


def _check_paid(day):
    """Who has paid hears nothing."""
    member = day.member(PAID)
    count = day.staff.call(
        "dunning.message", "search_count", [("case_id.partner_id", "=", member["id"])]
    )
    day.check(not count, f"{member['name']} has paid and gets no message")
    day.row(f"{member['name']} has paid", "no message")
