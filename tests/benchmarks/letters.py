"""Letters rendered, checked and handed over in bites: time each, memory flat.

    ./setup/bench letters [number of letters]

Rendering, measuring the page and the job are real; the service is the one of the
tests, in memory, so that its answers cost nothing.
"""

import sys
from pathlib import Path

from setup.lib import database, odoo, prepare
from setup.lib.postgres import name_of

SCRIPT = Path(__file__).with_name("_letters_in_odoo.py")
#: megabytes that memory may grow by from the first bite to the last
LIMIT = 20


def main(count=1000):
    """Print milliseconds per letter and the memory at both ends.

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
    """Print the table and whether memory stayed flat."""
    write = sys.stdout.write
    first, last = figures["mb"]
    write(f"{'letters':>8}{'sent':>8}{'render ms':>11}{'check, hand over ms':>21}\n")
    write(f"{figures['count']:>8}{figures['sent']:>8}{figures['render_ms']:>11.0f}")
    write(f"{figures['hand_over_ms']:>21.0f}\n")
    write(f"memory after the first bite {first} MB, after the last {last} MB: ")
    write(f"{'flat' if last - first <= LIMIT else 'GROWS'}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
