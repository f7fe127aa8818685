"""Letters handed over while workers die and answers are lost (R8).

    .runtime/venv/bin/python -m tests.rigs.letters [database to copy] [letters]

A database of its own, a sandbox of its own. Workers are processes that do the job of
the cron and are killed with SIGKILL right before or right after each call to the
service, in turn; on top, the service drops answers, fails and cuts answers short. Some
invoices are paid before their letter leaves. The sandbox's book tells what was printed.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from setup.lib import database, odoo, prepare
from setup.lib.postgres import name_of
from tests.sandbox.testing import running_sandbox

SCRIPT = Path(__file__).with_name("_letters_start.py")
DATABASE = "letters_rig"


@dataclass(frozen=True)
class Result:
    """What the book says at the end.

    :param killed: how often a worker died, by ``call:moment``
    :param raced: letters kept back because another transaction booked their payment
        in the middle of their hand-over
    :param missed: places that no worker came to die at
    :param called: letters called back from the printer in time
    :param called_printed: letters called back in time that were printed all the same
    :param stuck: letters that neither left nor were cancelled
    :param twice: letters printed more than once
    :param lost: letters of unpaid invoices that were never printed
    :param paid: letters printed although the invoice was paid before
    """

    letters: int
    printed: int
    rounds: int
    killed: dict[str, int]
    called: int
    raced: int
    missed: list[str] = field(default_factory=list)
    called_printed: list[int] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    paid: list[int] = field(default_factory=list)


def run(source: str, count: int, passes: int = 1, target: str = DATABASE) -> Result:
    """Play the rig.

    :param source: database to copy
    :param count: number of letters
    :param passes: how often each place to die is taken
    """
    database.clone(source, target)
    try:
        with running_sandbox() as sandbox:
            found = odoo.ask(
                target,
                f"--database={name_of(target)}",
                "--log-level=warn",
                script=SCRIPT,
                extra={
                    "RIG_SANDBOX": sandbox.url,
                    "RIG_LETTERS": str(count),
                    "RIG_PASSES": str(passes),
                },
            )
    finally:
        database.drop(target)
    return Result(**found)


if __name__ == "__main__":
    with prepare.server():
        name = sys.argv[1] if len(sys.argv) > 1 else database.with_addons()
        wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 10
        sys.stdout.write(f"{run(name, wanted, int(os.environ.get('PASSES', '1')))}\n")
