"""Runs in Odoo's shell: billing runs that are killed or doubled, then judged.

The shell loads Odoo once and forks a worker for each run. A worker has connections
of its own, commits for real, and is ended by SIGKILL: at a moment, or right after one
of its calls to the outside came back. The judge reads what is on disk.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta

import requests
from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, sql_db
from odoo.modules.registry import Registry

from setup.lib import database
from tests.sandbox.client import SandboxClient

STAGES = (
    ("subscription.subscription", "_cron_draft"),
    ("subscription.period", "_cron_post"),
    ("subscription.period", "_cron_deliver"),
    ("subscription.charge", "_cron_charge"),
)
LANE = ("subscription.subscription", "_cron_draft_lane")
MISSED = 3  # periods that are due for each subscription
PATIENCE = 300  # seconds for statements of the dead to end
DATABASE = env.cr.dbname  # noqa: F821 - the shell defines it
BACKUP = f"{os.environ['RIG_NAME']}_backup"
SANDBOX = SandboxClient(os.environ["RIG_SANDBOX"])
CHANCE = random.Random(int(os.environ["RIG_SEED"]))  # noqa: S311


def make_parts():
    """Return provider and plan, made in the first company."""
    company = env.company
    company.subscription_brake_percent = 0  # all of it is overdue on purpose
    provider = env["payment.provider"].create(
        {
            "name": "Mollie",
            "code": "mollie",
            "state": "test",
            "mollie_api_key": "test_0123456789",
            "mollie_test_url": f"{SANDBOX.url}/mollie",
            "allow_tokenization": True,
        }
    )
    provider.journal_id = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    product = env["product.product"].create(
        {"name": "Membership", "type": "service", "invoice_policy": "order"}
    )
    plans = [
        env["subscription.plan"].create(
            {
                "name": f"Charged {when}",
                "charge_time": when,
                "is_shipped": True,
                "line_ids": [(0, 0, {"product_id": product.id, "price_unit": 15.0})],
            }
        )
        for when in ("after", "before")
    ]
    return provider, sum(plans, env["subscription.plan"])


def make_due(provider, plans, count):
    """Return ids of subscriptions that each have ``MISSED`` periods to bill."""
    start = fields.Date.today() - relativedelta(months=MISSED - 1)
    rows = [
        {"name": f"Member {n}", "mandates": [{"method": "creditcard"}]}
        for n in range(count)
    ]
    made = SANDBOX.scene("mollie", customers=rows)["customers"]
    card = env.ref("payment.payment_method_card")
    found = env["subscription.subscription"]
    for number, row in enumerate(made):
        partner = env["res.partner"].create(
            {
                "name": f"Member {number}",
                "email": f"member{number}@rig.example",
                "street": "Sportlaan 12",
                "zip": "3731 EM",
                "city": "De Bilt",
                "country_id": env.ref("base.nl").id,
            }
        )
        token = env["payment.token"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": card.id,
                "partner_id": partner.id,
                "provider_ref": row["mandates"][0],
                "mollie_customer_ref": row["id"],
                "payment_details": "6787",
            }
        )
        found |= env["subscription.subscription"].create(
            {
                "partner_id": partner.id,
                "plan_id": plans[number % len(plans)].id,
                "payment_token_id": token.id,
                "date_start": start,
            }
        )
    found.action_start()
    env.cr.commit()
    return found.ids


def work(kill_after=0, is_lane=False):
    """Be a worker: all stages once; ``kill_after`` calls end it.

    :param bool is_lane: whether it helps with the drafts before it looks for its own
    """
    # The parent's connections are shared by the fork and must not be touched.
    sql_db._Pool = None
    if kill_after:
        send, seen = requests.request, []

        def counted(*args, **kwargs):
            answer = send(*args, **kwargs)
            seen.append(answer)
            if len(seen) >= kill_after:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        requests.request = counted
    registry = Registry(DATABASE)
    for model, method in (LANE, *STAGES) if is_lane else STAGES:
        with registry.cursor() as cr:
            try:
                getattr(api.Environment(cr, SUPERUSER_ID, {})[model], method)()
                cr.commit()
            except Exception as error:  # noqa: BLE001 - the scheduler tries again
                sys.stderr.write(f"stage {method}: {error!r}\n")


def start(**options):
    """Fork a worker; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work(**options)
    finally:
        os._exit(0)
    return 0


def wait(*pids):
    """Wait for workers; return how many were killed."""
    return sum(os.WIFSIGNALED(os.waitpid(pid, 0)[1]) for pid in pids)


def age():
    """Let an hour pass for what waits: lost calls become stale, questions due."""
    for table, column in (
        ("subscription_charge", "date_running"),
        ("subscription_charge", "date_ask"),
        ("payment_transaction", "last_state_change"),
        ("payment_transaction", "create_date"),
    ):
        env.cr.execute(f"UPDATE {table} SET {column} = {column} - interval '2 hours'")
    env.cr.commit()
    env.invalidate_all()


def let_the_dead_go():
    """Wait until PostgreSQL has noticed the deaths: until then their locks hold.

    A server process whose client died goes on with the statement it is at, and others
    leave its records alone. ``judge_waiting`` names one that has not ended in time.
    """
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        env.cr.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pid != pg_backend_pid() "
            "AND datname = current_database() AND xact_start IS NOT NULL"
        )
        others = env.cr.fetchone()[0]
        env.cr.rollback()
        if not others:
            return
        time.sleep(0.2)


def finish():
    """Run to the end, undisturbed."""
    let_the_dead_go()
    for _round in range(6):
        age()
        wait(start())
    env.cr.commit()
    env.invalidate_all()


def judge(ids):
    """Return what is wrong on disk and in the sandbox's book, in words."""
    wrong = []
    charged = {}
    for payment in SANDBOX.objects("mollie", "payment"):
        if payment["status"] == "paid":
            key = payment["customerId"]
            charged[key] = charged.get(key, 0) + 1
    subscriptions = env["subscription.subscription"].browse(ids)
    for one in subscriptions:
        periods = one.period_ids.sorted("date_from")
        days = [period.date_from for period in periods]
        expected = [one.date_start + relativedelta(months=n) for n in range(MISSED)]
        if days != expected:
            why = one.billing_error or one.state
            wrong.append(f"{one.id}: periods {days}, {why}")
        moves = periods.move_id
        if len(moves) != MISSED or set(moves.mapped("state")) != {"posted"}:
            wrong.append(f"{one.id}: invoices {moves.mapped('state')}")
        if set(moves.mapped("payment_state")) - {"paid", "in_payment"}:
            wrong.append(f"{one.id}: payments {moves.mapped('payment_state')}")
        if len(periods.delivery_order_id) != MISSED:
            wrong.append(f"{one.id}: {len(periods.delivery_order_id)} deliveries")
        times = charged.get(one.payment_token_id.mollie_customer_ref, 0)
        if times != MISSED:
            wrong.append(f"{one.id}: charged {times} times")
    return wrong + judge_numbers(subscriptions.period_ids.move_id) + judge_waiting()


def judge_waiting():
    """Return what keeps a run from going on: held runs, transactions left open."""
    runs = env["subscription.billing.run"].search([("state", "=", "waiting")])
    env.cr.execute(
        "SELECT state || ' ' || left(query, 200) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid != pg_backend_pid() "
        "AND xact_start < now() - interval '10 seconds'"
    )
    open_ones = [f"transaction of a dead worker: {row[0]}" for row in env.cr.fetchall()]
    return [f"held: {run.brake_reason}" for run in runs] + open_ones


def judge_numbers(moves):
    """Return the gaps in the numbers of the invoices' journals."""
    wrong = []
    for journal in moves.journal_id:
        rows = env["account.move"].search(
            [("journal_id", "=", journal.id), ("name", "not in", (False, "/"))]
        )
        for prefix, some in rows.grouped("sequence_prefix").items():
            numbers = sorted(some.mapped("sequence_number"))
            whole = list(range(numbers[0], numbers[0] + len(numbers)))
            if numbers != whole:
                wrong.append(f"numbers of {prefix}: {numbers}")
    return wrong


def kill_at_moments(count, more):
    """Kill runs at random moments until ``count`` have died.

    :param more: makes more due, called when a run came to its end alive
    """
    killed = 0
    while killed < count:
        pid = start()
        time.sleep(CHANCE.uniform(0.05, float(os.environ["RIG_SECONDS"])))
        os.kill(pid, signal.SIGKILL)
        died = wait(pid)
        killed += died
        if CHANCE.random() < 0.5:
            age()
        if not died:
            more()
    return killed


def kill_after_calls(count, _more):
    """Kill runs right after their first, second, third … call came back."""
    killed = 0
    for number in range(1, count + 1):
        killed += wait(start(kill_after=number))
        age()
    return killed


def restore_backups(count, _more):
    """Charge, go back to a backup, charge again: ``count`` times.

    The backup is taken in the middle of a run that was killed. Between two restores a
    worker bills and charges as far as it comes before it dies, or to its end.
    """
    killed = wait(start(kill_after=CHANCE.randint(1, 4)))
    without_connections(lambda: database.clone(os.environ["RIG_NAME"], BACKUP))
    for _number in range(count):
        killed += wait(start(kill_after=CHANCE.choice((0, CHANCE.randint(2, 12)))))
        without_connections(lambda: database.clone(BACKUP, os.environ["RIG_NAME"]))
    database.drop(BACKUP)
    return killed


def without_connections(action):
    """Do what needs the database alone."""
    global env  # noqa: PLW0603 - as the shell defines it
    env.cr.commit()
    env.cr.close()
    sql_db.close_db(DATABASE)
    action()
    env = api.Environment(Registry(DATABASE).cursor(), SUPERUSER_ID, {})


def race(_count, _more):
    """Four workers at once on the same due set."""
    wait(*(start(is_lane=number % 2 == 1) for number in range(4)))
    return 0


RIGS = {
    "moments": kill_at_moments,
    "calls": kill_after_calls,
    "restore": restore_backups,
    "race": race,
}
begun = time.monotonic()
parts = make_parts()
results = []
for _turn in range(int(os.environ["RIG_TURNS"])):
    size = int(os.environ["RIG_COUNT"])
    due = make_due(*parts, size)
    ended = RIGS[os.environ["RIG_KIND"]](
        int(os.environ["RIG_KILLS"]),
        lambda: due.extend(make_due(*parts, max(size // 3, 1))),  # noqa: B023
    )
    env.cr.commit()
    finish()
    parts = tuple(some.with_env(env) for some in parts)
    taken = env["subscription.charge.found"].search_count([("state", "=", "taken")])
    results.append(
        {"killed": ended, "due": len(due), "taken": taken, "wrong": judge(due)}
    )
seconds = timedelta(seconds=time.monotonic() - begun).total_seconds()
sys.stdout.write(
    "\nANSWER " + json.dumps({"results": results, "seconds": seconds}) + "\n"
)
sys.stdout.flush()
# The shell's own connection was closed for the restores: there is no way back.
os._exit(0)
