"""From a due subscription to a posted invoice, against the other ways.

    ./setup/bench billing [number of invoices, default 200]

All ways run in one process on one database with a chart of accounts and the company's
own 21 % tax:

- ours: the draft and post stages, period rows and events included;
- core-batch: invoices created and posted 200 at a time, tracking off;
- core-line: created, posted and committed one by one;
- subscription_oca: its own scheduled method, which makes order and invoice;
- contract: its scheduled method for a company, then its drafts posted at once.

Ours, core-batch and contract are measured again with five times as many (-many).
"""

import sys
from pathlib import Path

from setup.lib import database, odoo, peers, prepare
from setup.lib.postgres import name_of

SCRIPT = Path(__file__).with_name("_billing_in_odoo.py")
PEERS = ("subscription_oca", "contract")
WHEELS = (
    "odoo-addon-subscription-oca==19.0.1.1.4.2",
    "odoo-addon-contract==19.0.1.2.1.2",
)
COMPARED = (*PEERS, "core-batch", "core-line")


def measure(count, large=0):
    """Run the ways in a database of their own; return their figures.

    :param int count: invoices of each way; the slow ones make a quarter of them
    :param int large: invoices of a long run of ours instead of the peers' ways
    """
    options = [f"--database={name_of('bench')}"]
    if not large:
        options.append(peers.addons_option(*peers.fetch(*WHEELS)))
    with prepare.databases():
        database.clone(database.with_addons(), "bench")
    try:
        if not large:
            odoo.run(
                "bench_peers", *options, "-i", ",".join(PEERS), "--stop-after-init"
            )
        return odoo.ask(
            "bench",
            *options,
            script=SCRIPT,
            extra={"BENCH_COUNT": str(count), "BENCH_LARGE": str(large)},
        )
    finally:
        database.drop("bench")


def show(figures):
    """Print the table of the figures."""
    write = sys.stdout.write
    heads = f"{'way':<18}{'invoices':>10}{'ms each':>10}{'cpu each':>10}"
    heads += f"{'queries each':>14}"
    write(f"{heads}{'MB more':>9}\n")
    for way, row in figures.items():
        write(
            f"{way:<18}{row['count']:>10}{row['ms']:>10.1f}{row['cpu']:>10.1f}"
            f"{row['queries']:>14.1f}{row['megabytes']:>9.0f}\n"
        )


def main(count=200):
    """Print milliseconds per invoice for each way, and the ratios."""
    figures = measure(count)
    show(figures)
    for peer in COMPARED:
        _show_ratio(figures, peer, "ours")
    for peer in ("contract-many", "core-batch-many"):
        _show_ratio(figures, peer, "ours-many")


def _show_ratio(figures, peer, own):
    ratio = figures[peer]["ms"] / figures[own]["ms"]
    sys.stdout.write(f"ratio billing {peer} {ratio:.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
