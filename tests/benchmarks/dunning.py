"""From overdue items to decisions, against OCA's account_credit_control.

    ./setup/bench dunning [items] [debtors] [letters]

- ours: every debtor read, decided and kept (step, day, reasons, what waits why);
- ours-few: the same for a tenth of them, to see whether the cost stays constant;
- account_credit_control: its policy lines made for that tenth.

Milliseconds are processor time of Odoo and its database. Then the letters that follow
from decisions: `./setup/bench letters`.
"""

import sys
from pathlib import Path

from setup.lib import database, odoo, peers, prepare
from setup.lib.postgres import name_of
from tests.benchmarks import letters

SCRIPT = Path(__file__).with_name("_dunning_in_odoo.py")
PEER = "account_credit_control"
WHEEL = "odoo-addon-account-credit-control==19.0.1.0.0.13"
#: seconds in which all of them have to be decided
LIMIT = 30


def main(items=50_000, debtors=20_000, count=1000):
    """Print milliseconds and queries per debtor for each way, and the ratio.

    :param int items: overdue items altogether
    :param int debtors: customers who owe them
    :param int count: letters; 0 leaves them out
    """
    option = peers.addons_option(*peers.fetch(WHEEL))
    with prepare.databases():
        database.clone(database.with_addons(), "bench")
    base = (f"--database={name_of('bench')}", option)
    size = {"BENCH_ITEMS": str(items), "BENCH_DEBTORS": str(debtors)}
    try:
        odoo.run("bench", *base, "--init=account_credit_control", "--stop-after-init")
        report(odoo.ask("bench", *base, script=SCRIPT, extra=size))
    finally:
        database.drop("bench")
    if count:
        letters.main(count)


def report(figures):
    """Print the table and what it comes to."""
    write = sys.stdout.write
    write(f"{'way':<24}{'items':>8}{'debtors':>9}{'seconds':>9}{'processor':>11}")
    write(f"{'ms/debtor':>11}{'queries/debtor':>16}\n")
    for way, row in figures.items():
        write(f"{way:<24}{row['items']:>8}{row['debtors']:>9}{row['seconds']:>9.1f}")
        write(f"{row['processor']:>11.1f}")
        write(f"{row['ms']:>11.2f}{row['queries']:>16.2f}\n")
    ours, few, peer = (figures[way] for way in ("ours", "ours-few", PEER))
    write(f"limit {LIMIT} s: {'met' if ours['seconds'] < LIMIT else 'MISSED'}\n")
    write(f"ratio dunning {PEER} {peer['ms'] / few['ms']:.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
