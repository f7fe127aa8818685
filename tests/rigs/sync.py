"""An import whose workers are killed: it goes on where it stopped, and ends once.

A database and a sandbox of its own. Workers are processes that do the job of the cron
and are killed with SIGKILL: when a page has come, when it is brought over but not on
disk, when it is on disk, and before the run is ended.
"""

from dataclasses import dataclass
from pathlib import Path

from setup.lib import database, odoo
from setup.lib.postgres import name_of
from tests.sandbox.testing import running_sandbox

SCRIPT = Path(__file__).with_name("_sync_start.py")
DATABASE = "sync_rig"


@dataclass(frozen=True)
class Result:
    """What is there at the end.

    :param killed: places at which a worker died, in their order
    :param pages: pages that were asked for, in their order
    :param here: references of what was brought over, one for each record
    :param there: references of what is active at the service
    :param runs: state, done, total and counts of each run
    :param mails: mails to the responsible person
    """

    killed: list[str]
    pages: list[int]
    here: list[str]
    there: list[str]
    runs: list[dict]
    mails: int


def run(source: str, count: int, target: str = DATABASE) -> Result:
    """Play the rig.

    :param source: database to copy
    :param count: number of subscriptions at the service
    """
    database.clone(source, target)
    try:
        with running_sandbox() as sandbox:
            found = odoo.ask(
                target,
                f"--database={name_of(target)}",
                "--log-level=warn",
                script=SCRIPT,
                extra={"RIG_SANDBOX": sandbox.url, "RIG_COUNT": str(count)},
            )
    finally:
        database.drop(target)
    return Result(**found)
