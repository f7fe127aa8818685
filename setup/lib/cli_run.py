"""``./setup/run``: the whole product with one played business day."""

from __future__ import annotations

import argparse
import os
import time

from . import checks, prepare, product
from .command import main
from .errors import SetupError
from .processes import Processes, wait_until
from .progress import say

WIDEST = 64
LOGINS = (
    ("administrator", "admin", "admin"),
    ("office (Sanne)", "staff", "staff"),
)
MEMBER = "anna.devries@leden.example"


class _Parser(argparse.ArgumentParser):
    """Refuses in the way of all commands: one line."""

    def error(self, message):
        """Override of `argparse`.

        :raise SetupError: always
        """
        words = message[:1].upper() + message[1:]
        raise SetupError(words, f"{self.prog} --help tells the options.")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options of the command."""
    parser = _Parser(
        prog="./setup/run",
        description="Prepare, start and show the product on a demo club: one business "
        "day is played through it, then it serves until Ctrl-C.",
    )
    parser.add_argument("--port", type=int, default=8069, help="Odoo's port (8069)")
    parser.add_argument(
        "--no-serve", action="store_true", help="end after the table of the day"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="throw the demo database away first"
    )
    return parser.parse_args(arguments)


def run(arguments: list[str]) -> int:
    """Run the command; return its exit status."""
    options = parse(arguments)
    checks.check_port(options.port)
    prepare.environment()
    checks.check_disk()
    with prepare.server(), Processes() as processes:
        with prepare.databases():
            place = product.start(processes, options.port, fresh=options.fresh)
        say(f"\nOdoo is at {place.odoo_url} - playing the business day")
        failed = _play(place)
        if options.no_serve:
            return int(failed)
        say("\nServing until Ctrl-C")
        wait_until(processes.ended, float("inf"), pause=1)
        say(f"{processes.ended()} ended by itself; see .runtime/log")
        return 1


def _play(place: product.Product) -> bool:
    """Play the day and print what happened; tell whether anything failed."""
    from tests.scenarios.day import play

    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    start = time.monotonic()
    rows = play(
        place.odoo_url,
        place.database,
        place.sandbox_url,
        progress=lambda text: say(f"  … {text}"),
    )
    say(f"  done in {time.monotonic() - start:.0f} s\n")
    _print_rows(rows)
    _print_ways_in(place)
    failed = [row for row in rows if not row.ok]
    if failed or not rows:
        say(f"\n{len(failed)} of {len(rows)} lines of the day failed")
    return bool(failed) or not rows


def _print_rows(rows) -> None:
    what = min(WIDEST, max([4, *(len(row.what) for row in rows)]))
    result = min(WIDEST, max([6, *(len(row.result) for row in rows)]))
    previous, number = None, 0
    for row in rows:
        if row.step != previous:
            previous, number = row.step, number + 1
            say(f"{number}. {row.step}")
        mark = "✓" if row.ok else "✗"
        line = f"  {mark} {row.what:<{what}}  {row.result:<{result}}  {row.link}"
        say(line.rstrip())


def _print_ways_in(place: product.Product) -> None:
    say("\nSign in")
    for who, login, password in LOGINS:
        say(f"  {who:<16} {place.odoo_url}/web/login   {login} / {password}")
    say(f"  {'a member':<16} {place.odoo_url}/my   {MEMBER}; the code is in the mail")
    say("Look at")
    say(f"  {'apps':<16} {place.odoo_url}/odoo")
    say(f"  {'web shop':<16} {place.odoo_url}/shop")
    say(f"  {'mails':<16} {place.sandbox_url}/_book/mail")
    for service in ("plugandpay", "ccv", "mollie", "moneybird", "pingen"):
        say(f"  {service:<16} {place.sandbox_url}/_book/{service}")


if __name__ == "__main__":
    main(run, usage="")
