"""How the billing run behaves as the work grows.

    ./setup/bench subscriptions-scale [number of invoices, default 1000]

- ours, ours-large: the run at a size and at ten times that size: time and memory;
- ours-draft, ours-two-lanes: the draft stage in one process, and in two at once.
"""

import sys

from tests.benchmarks import billing


def main(count=1000):
    """Print the table; growth and lanes are compared with ours alone."""
    figures = billing.measure(count, count * 10)
    billing.show(figures)
    small, large = figures["ours"], figures["ours-large"]
    grown = large["ms"] * large["count"] / (small["ms"] * small["count"])
    lanes = figures["ours-draft"]["ms"] / figures["ours-two-lanes"]["ms"]
    write = sys.stdout.write
    write(f"ten times the invoices take {grown:.1f} times the time (at most 11)\n")
    write(f"and {large['megabytes']:.0f} MB more than before them (flat: none)\n")
    write(f"ratio subscriptions-scale growth {11 / grown:.2f}\n")
    write(f"ratio subscriptions-scale one-lane {lanes:.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
