"""From a bank line to a booked and reconciled receipt, against the other ways.

    ./setup/bench matching [number of lines]

- ours: a bank file read, matched and booked, receipts and evidence included;
- ours-others: lines that somebody else made, taken up, matched and booked by us;
- core-batch: core at its best, lines made on their counterpart 200 at a time;
- core-line: made, reconciled and committed one by one, as core's own buttons do
  (core-line-others: reconciled and committed, the line was there);
- account_reconcile_oca: its automatic step, which runs while a line is made.
"""

import json
import sys
from pathlib import Path

from setup.lib import database, odoo, peers, prepare
from setup.lib.postgres import name_of

SCRIPT = Path(__file__).with_name("_matching_in_odoo.py")
MARK = "FIGURES "
PEER = "account_reconcile_oca"
WHEELS = (
    "odoo-addon-account-reconcile-oca==19.0.1.1.1",
    "odoo-addon-account-statement-base==19.0.1.0.1",
)
#: (what is compared, with what)
RATIOS = (
    ("ours", PEER),
    ("ours", "core-batch"),
    ("ours", "core-line"),
    ("ours-others", "core-line-others"),
)


def measure(count, peer=""):
    """Run the ways in a database of their own; return their figures.

    :param int count: lines of each batch way; one by one are an eighth of them
    :param str peer: measure this peer instead, installed for it
    """
    option = peers.addons_option(*peers.fetch(*WHEELS)) if peer else None
    with prepare.databases():
        database.clone(database.with_addons(), "bench")
    options = [f"--database={name_of('bench')}", *filter(None, [option])]
    try:
        if peer:
            odoo.run("bench_peer", *options, "-i", peer, "--stop-after-init")
        log = odoo.run(
            "bench",
            "shell",
            *options,
            "--no-http",
            script=SCRIPT,
            extra={"BENCH_COUNT": str(count), "BENCH_PEER": peer},
        )
    finally:
        database.drop("bench")
    lines = log.read_text(errors="replace").splitlines()
    found = next(line for line in lines if line.startswith(MARK))
    return json.loads(found.removeprefix(MARK))


def main(count=400):
    """Print milliseconds per line for each way, and the ratios."""
    figures = measure(count) | measure(count, PEER)
    write = sys.stdout.write
    write(f"{'way':<24}{'lines':>8}{'ms each':>10}{'queries each':>14}\n")
    for way, row in figures.items():
        write(f"{way:<24}{row['count']:>8}{row['ms']:>10.1f}{row['queries']:>14.1f}\n")
    for way, other in RATIOS:
        name = "matching" if way == "ours" else "matching-others"
        peer = other.removesuffix("-others")
        ratio = figures[other]["ms"] / figures[way]["ms"]
        write(f"ratio {name} {peer} {ratio:.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
