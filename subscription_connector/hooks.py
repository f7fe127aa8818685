from psycopg2 import Error

from odoo.exceptions import UserError
from odoo.tools import mute_logger


def pre_init_hook(env):
    """Make sure the database itself can forbid overlapping periods.

    :raises UserError: when ``btree_gist`` is missing and may not be created
    """
    env.cr.execute("SELECT 1 FROM pg_extension WHERE extname = 'btree_gist'")
    if env.cr.fetchone():
        return
    try:
        with env.cr.savepoint(flush=False), mute_logger("odoo.sql_db"):
            env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    except Error as error:
        raise UserError(
            env._(
                "Subscriptions need the PostgreSQL extension btree_gist, and Odoo's "
                "database user may not create it. Ask the administrator of the "
                "database server to run: CREATE EXTENSION btree_gist;"
            )
        ) from error


def post_init_hook(env):
    """Give companies that exist already their own numbers for subscriptions."""
    env["res.company"].search([])._create_subscription_sequence()


def uninstall_hook(env):
    """Take the triggers of the history away before its tables go."""
    env.cr.execute(
        "DROP FUNCTION IF EXISTS subscription_history_mark_events, "
        "subscription_history_mark_subscription CASCADE"
    )


def merge_method_lines(env):
    """Leave each provider one payment method line; core books nothing through two.

    Two workers could make one each. The line that payments were booked through stays,
    else the older one; core keeps a line that a payment needs, without its journal.
    """
    lines = env["account.payment.method.line"].search(
        [("payment_provider_id", "!=", False), ("journal_id", "!=", False)], order="id"
    )
    for same in lines.grouped("payment_provider_id").values():
        if len(same) < 2:
            continue
        used = dict(
            env["account.payment"]._read_group(
                [("payment_method_line_id", "in", same.ids)],
                ["payment_method_line_id"],
                ["__count"],
            )
        )
        double = same - max(same, key=lambda line: (used.get(line, 0), -line.id))
        double.payment_provider_id = False
        double.unlink()


def number_plans(env):
    """Give plans from before their first version, and subscriptions that one.

    What was agreed is on each subscription anyway; the number says nothing about it.
    """
    plans = env["subscription.plan"].with_context(active_test=False).search([])
    plans.filtered(lambda plan: not plan.version_ids)._follow_version()
    # One statement: a hundred thousand rows whose plan says it all.
    env.cr.execute(
        """
        UPDATE subscription_subscription subscription
           SET plan_version_id = version.id
          FROM subscription_plan_version version
         WHERE version.plan_id = subscription.plan_id
           AND version.number = 1
           AND subscription.plan_version_id IS NULL
        """
    )
    env.invalidate_all()
