"""Step 3: the billing run drafts, posts, sends and charges."""

TITLE = "Billing run"
STAGES = ("ir_cron_draft", "ir_cron_post", "ir_cron_send", "ir_cron_charge")
TURNS = 10
#: Her saved method is refused.
FAILING = "M013"


def play(day):
    """Press *Run Now*, let the stages work, show the run and the failure."""
    if _due(day) or not _runs(day):
        day.staff.button("subscription.billing.run", "action_run", [])
        _let_it_work(day)
    day.check(not _due(day), "nothing is left to bill")
    run = _runs(day)
    day.check(run, "there is a billing run")
    total = _total(day)
    day.row(
        "Invoices drafted, posted, sent and charged",
        f"{run[0]['summary']}; {total['billed']} periods billed in all",
        day.link("subscription.billing.run", run[0]["id"]),
    )
    day.check(total["paid"] > 0, "charges were paid")
    day.row("Saved methods charged", f"{total['paid']} invoices are paid")
    _failure_row(day)


def _let_it_work(day):
    """Run the stages; a scheduled action stops after its time and is run again."""
    for _turn in range(TURNS):
        for stage in STAGES:
            day.run_cron(f"subscription_connector.{stage}")
        if not _due(day):
            return


def _due(day):
    """Return what the stages would still do today."""
    today = day.staff.search_read(
        "subscription.subscription",
        [
            ("state", "=", "active"),
            ("collection", "!=", "outside"),
            ("date_next", "<=", "today"),
            ("billing_error", "=", False),
        ],
        ["name"],
    )
    open_periods = day.staff.search_read(
        "subscription.period",
        [("state", "in", ("claimed", "drafted", "posted")), ("error", "=", False)],
        ["state"],
    )
    charges = day.staff.search_read(
        "subscription.charge", [("state", "=", "waiting")], ["state"]
    )
    return today + open_periods + charges


def _runs(day):
    return day.staff.search_read(
        "subscription.billing.run", [], ["summary", "state"], order="id", limit=1
    )


def _total(day):
    periods = day.staff.search_read(
        "subscription.period", [("move_id", "!=", False)], ["payment_state"]
    )
    return {
        "billed": len(periods),
        "paid": sum(
            period["payment_state"] in ("paid", "in_payment") for period in periods
        ),
    }


def _failure_row(day):
    member = day.member(FAILING)
    charges = day.staff.search_read(
        "subscription.charge",
        [("partner_id", "=", member["id"])],
        ["state", "date_next_try", "last_error", "move_id", "attempts"],
        order="id desc",
        limit=1,
    )
    day.check(charges, f"the invoice of {member['name']} was charged")
    charge = charges[0]
    day.check(
        charge["state"] in ("retry", "stopped") and charge["attempts"],
        f"the charge of {member['name']} failed, it is {charge['state']}",
    )
    when = charge["date_next_try"] or "none, a person is asked"
    day.row(
        f"Charge of {member['name']} failed",
        f"{charge['move_id'][1]}: next try {when}",
        day.link("subscription.charge", charge["id"]),
    )
