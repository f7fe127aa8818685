"""Letters rendered, checked and handed over in bites: time each, memory flat.

    ./setup/bench letters [number of letters]

Rendering, measuring the page and the job are real; the service is the one of the
tests, in memory, so that its answers cost nothing. A twentieth of the invoices is made
into the pages of letters by Odoo's own addon as well, which measures nothing and hands
nothing over here.
"""

import sys
from pathlib import Path

from setup.lib import database, odoo, prepare
from setup.lib.postgres import name_of

SCRIPT = Path(__file__).with_name("_letters_in_odoo.py")
PEER = "snailmail"
#: megabytes that memory may grow by from the first bite to the last
LIMIT = 20


def main(count=1000):
    """Print milliseconds of processor per letter and the memory at both ends.

    :param int count: letters
    """
    with prepare.databases():
        database.clone(database.with_addons(), "bench")
    try:
        name, size = f"--database={name_of('bench')}", {"BENCH_COUNT": str(count)}
        report(odoo.ask("bench", name, script=SCRIPT, extra=size))
    finally:
        database.drop("bench")


def report(figures):
    """Print the table, whether memory stayed flat, and what it comes to."""
    write = sys.stdout.write
    first, last = figures["mb"]
    write(f"{'way':<14}{'letters':>8}{'sent':>8}{'render ms':>11}")
    write(f"{'check, hand over ms':>21}{'seconds':>9}\n")
    write(f"{'ours':<14}{figures['count']:>8}{figures['sent']:>8}")
    write(f"{figures['render_ms']:>11.0f}{figures['hand_over_ms']:>21.0f}")
    write(f"{figures['seconds']:>9.0f}\n")
    write(f"{PEER:<14}{max(figures['count'] // 20, 1):>8}{'-':>8}")
    write(f"{figures['core_ms']:>11.0f}{'-':>21}{'-':>9}\n")
    write(f"memory after the first bite {first} MB, after the last {last} MB: ")
    write(f"{'flat' if last - first <= LIMIT else 'GROWS'}\n")
    write(f"ratio letters {PEER} {figures['core_ms'] / figures['ms']:.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
