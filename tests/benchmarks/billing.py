"""From a due subscription to a posted invoice, against core's own ways.

    ./setup/bench billing [number of invoices]

- ours: the draft and post stages, period rows and events included;
- core-batch: invoices created and posted 200 at a time, tracking off;
- core-line: created, posted and committed one by one.
"""

import json
import sys
from pathlib import Path

from setup.lib import database, odoo, prepare
from setup.lib.postgres import name_of

SCRIPT = Path(__file__).with_name("_billing_in_odoo.py")
MARK = "FIGURES "
PEERS = ("core-batch", "core-line")


def main(count=200):
    """Print milliseconds per invoice for each way, and the ratios.

    :param int count: invoices of each batch way; one by one are a quarter of them
    """
    with prepare.databases():
        database.clone(database.with_addons(), "bench")
    log = odoo.run(
        "bench",
        "shell",
        f"--database={name_of('bench')}",
        "--no-http",
        script=SCRIPT,
        extra={"BENCH_COUNT": str(count)},
    )
    database.drop("bench")
    lines = log.read_text(errors="replace").splitlines()
    found = next(line for line in lines if line.startswith(MARK))
    figures = json.loads(found.removeprefix(MARK))
    write = sys.stdout.write
    write(f"{'way':<12}{'invoices':>10}{'ms each':>10}{'queries each':>14}\n")
    for way, row in figures.items():
        write(f"{way:<12}{row['count']:>10}{row['ms']:>10.1f}{row['queries']:>14.1f}\n")
    for peer in PEERS:
        write(
            f"ratio billing {peer} {figures[peer]['ms'] / figures['ours']['ms']:.2f}\n"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
