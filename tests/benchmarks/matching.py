"""From a bank file to booked and reconciled receipts, against the other ways.

    ./setup/bench matching [lines of a file] [open items that are not paid]

All ways work in one database, on files of new invoices among others that stay open:

- ours: a bank file read, matched and booked, receipts and evidence included;
- ours-large: the same with a file five times as long;
- ours-others: lines that somebody else made, taken up, matched and booked by us;
- core-batch: core at its best, lines made on their counterpart 200 at a time;
- core-line: made, reconciled and committed one by one, as core's own buttons do
  (core-line-others: reconciled and committed, the line was there);
- account_reconcile_oca: the same bank file, imported with OCA's file import. It makes
  all lines of a statement at once, and the automatic step of the peer books each;
- account_reconcile_oca-single: lines made one by one and committed, as a person types
  them; the same automatic step.

The remittance of every line is the number of its invoice and nothing else: the peer
books no line by itself whose text says more. Work is counted in processor time of Odoo
and of its PostgreSQL session, so that a busy machine does not change the ratios.
"""

import sys
from pathlib import Path

from setup.lib import database, odoo, peers, prepare
from setup.lib.postgres import name_of

SCRIPT = Path(__file__).with_name("_matching_in_odoo.py")
PEER = "account_reconcile_oca"
PEER_MODULES = f"{PEER},account_statement_import_camt"
WHEELS = (
    "odoo-addon-account-reconcile-oca==19.0.1.1.1",
    "odoo-addon-account-statement-base==19.0.1.0.1",
    "odoo-addon-account-statement-import-base==19.0.1.0.0.8",
    "odoo-addon-account-statement-import-camt==19.0.1.0.0.8",
    "odoo-addon-account-statement-import-file==19.0.1.0.0.5",
)
#: (name of the ratio, ours, the other)
RATIOS = (
    (f"matching {PEER}", "ours", PEER),
    (f"matching {PEER}-single", "ours", f"{PEER}-single"),
    ("matching core-batch", "ours", "core-batch"),
    ("matching core-line", "ours", "core-line"),
    ("matching-large core-batch", "ours-large", "core-batch"),
    ("matching-others core-line", "ours-others", "core-line-others"),
)


def measure(count, around):
    """Run all ways in a database of their own; return their figures.

    :param count: lines of a file; one by one are an eighth of them
    :param around: open items that nothing pays
    """
    option = peers.addons_option(*peers.fetch(*WHEELS))
    with prepare.databases():
        database.clone(database.with_addons(), "bench")
    name = f"--database={name_of('bench')}"
    numbers = {"BENCH_COUNT": str(count), "BENCH_AROUND": str(around)}
    try:
        ours = {**numbers, "BENCH_PEER": ""}
        figures = odoo.ask("bench", name, script=SCRIPT, extra=ours)
        odoo.run("bench_peer", option, name, "-i", PEER_MODULES, "--stop-after-init")
        theirs = {**numbers, "BENCH_PEER": PEER}
        return figures | odoo.ask("bench", option, name, script=SCRIPT, extra=theirs)
    finally:
        database.drop("bench")


def main(count=200, around=2000):
    """Print milliseconds per line for each way, and the ratios."""
    figures = measure(count, around)
    write = sys.stdout.write
    write(f"{'way':<30}{'lines':>7}{'work ms':>9}{'clock ms':>10}{'queries':>9}\n")
    for way, row in figures.items():
        write(f"{way:<30}{row['count']:>7}{row['work']:>9.1f}{row['clock']:>10.1f}")
        write(f"{row['queries']:>9.1f}\n")
    for name, way, other in RATIOS:
        write(f"ratio {name} {figures[other]['work'] / figures[way]['work']:.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
