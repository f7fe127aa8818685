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
