"""A long bank file whose workers are killed: it is in whole, and each line once.

A database of its own. Workers are processes that do the job of the cron and are killed
with SIGKILL right before and right after a bite is on disk, while the file is read in
and while it is booked.
"""

from dataclasses import dataclass
from pathlib import Path

from setup.lib import database, odoo
from setup.lib.postgres import name_of

SCRIPT = Path(__file__).with_name("_bank_file_start.py")
DATABASE = "bank_file_rig"


@dataclass(frozen=True)
class Result:
    """What is there at the end.

    :param killed: places at which a worker died, in their order
    :param seen: how many receipts people could see after each death
    :param state: of the import
    :param receipts: number of receipts, of which matched
    :param lines: number and sum of the bank lines
    :param left: what is still open of the invoices
    :param spent: seconds of processor time of the last worker, and its lines
    """

    killed: list[str]
    seen: list[int]
    state: str
    receipts: list[int]
    lines: list[float]
    left: float
    spent: list[float]


def run(source: str, count: int, target: str = DATABASE) -> Result:
    """Play the rig.

    :param source: database to copy
    :param count: lines of the file; one in ten pays an invoice
    """
    database.clone(source, target)
    try:
        found = odoo.ask(
            target,
            f"--database={name_of(target)}",
            "--log-level=warn",
            script=SCRIPT,
            extra={"RIG_COUNT": str(count)},
        )
    finally:
        database.drop(target)
    return Result(**found)
