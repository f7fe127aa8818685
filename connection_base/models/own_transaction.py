"""Work that must be on disk whatever becomes of the transaction around it."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from psycopg2.errors import SerializationFailure

from odoo import api

T = TypeVar("T")
TRIES = 30


def in_own_transaction(
    env: api.Environment, work: Callable[[api.Environment], T], tries: int = TRIES
) -> T:
    """Call ``work(env)`` in a transaction of its own that is committed at once.

    A row that another worker changed while we waited for its lock gives a
    serialization failure (Odoo's cursors see a snapshot): then ``work`` is called
    again with a fresh snapshot. Each failure means that another worker got on, so
    nothing sleeps here. ``work`` takes its locks first and calls out after that.

    The surrounding transaction goes on with its old snapshot.
    """
    for _attempt in range(tries - 1):
        with suppress(SerializationFailure), env.registry.cursor() as cr:
            return work(env(cr=cr, su=True))
    with env.registry.cursor() as cr:
        return work(env(cr=cr, su=True))
