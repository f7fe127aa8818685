"""The member's area against Odoo's own portal, under the same load.

    ./setup/bench portal [seconds of clicking]

Two databases on the same machine, each served by two workers: Odoo's own modules alone
(``odoo``) and with ours (``ours``). Fifty members of each sign in. Pages are compared
like with like: our first page says what there is at each place, so it is held against
Odoo's first page with the request for its counters that Odoo's script makes; details,
invoices, one invoice and payment methods are the same addresses on both sides.

Alone, one member opens each page of both sides in turn, so that whatever else the
machine does meets both. Loaded, fifty members click every three seconds, one side
after the other, in two rounds. *cpu ms* is what the workers used for a page: it does
not depend on what else runs here.
"""

import os
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import requests

from setup.lib import checks, database, odoo, prepare, tools
from setup.lib.errors import SetupError
from setup.lib.postgres import name_of
from setup.lib.processes import Processes, wait_until
from tests.scenarios.day.client import WebVisitor

SCRIPT = Path(__file__).with_name("_portal_in_odoo.py")
MEMBERS = 50
PAUSE = 3.0
ALONE = 20
ROUNDS = 2
SHARED = ("home", "details", "invoices", "invoice", "methods")
OURS_ALONE = ("subscriptions", "sessions", "pay")
PATHS = {
    "home": "/my/home",
    "details": "/my/account",
    "invoices": "/my/invoices",
    "methods": "/my/payment_method",
    "subscriptions": "/my/subscriptions",
    "sessions": "/my/sessions",
    "pay": "/my/invoices/pay",
}
# What Odoo's script asks for when the first page is there.
COUNTERS = (
    "quotation_count",
    "order_count",
    "overdue_invoice_count",
    "invoice_count",
    "bill_count",
)


class Bench:
    """One database with its server and its fifty members."""

    def __init__(self, name, source, is_ours):
        self.name, self.is_ours = name, is_ours
        database.clone(source, name)
        self.invoice_ids = self._run_script("")
        self.pages = SHARED + (OURS_ALONE if is_ours else ())

    def _run_script(self, codes):
        return odoo.ask(
            f"{self.name}_script",
            f"--database={name_of(self.name)}",
            script=SCRIPT,
            extra={"PORTAL_CODES": codes, "BENCH_COUNT": str(MEMBERS)},
        )

    def serve(self, processes):
        port, bus = checks.free_port(), checks.free_port()
        arguments = [f"--database={name_of(self.name)}", f"--http-port={port}"]
        arguments += ["--workers=2", f"--gevent-port={bus}", "--max-cron-threads=0"]
        arguments += ["--log-level=warn", f"--db-filter=^{name_of(self.name)}$"]
        # A worker gives up on a visitor after two seconds; fifty of them and their
        # fifty threads here share the processors with it.
        env = {**odoo.environment(), "ODOO_HTTP_SOCKET_TIMEOUT": "60"}
        processes.start(self.name, odoo.command_with_workers(*arguments), env)
        self.url = f"http://localhost:{port}"
        wait_until(lambda: odoo.answers(f"{self.url}/web/login"), 240)
        self._leader = next(
            process
            for process in psutil.process_iter(["cmdline"])
            if f"--http-port={port}" in (process.info["cmdline"] or ())
            and process.ppid() == os.getpid()
        )

    def cpu_seconds(self):
        """Return what the workers have used of the processors so far."""
        times = [one.cpu_times() for one in self._leader.children(recursive=True)]
        return sum(one.user + one.system for one in times)

    def sign_in(self):
        """Return (visitors who are signed in, seconds each needed)."""
        visitors = [WebVisitor(self.url) for _number in range(MEMBERS)]
        for number, visitor in enumerate(visitors):
            # A worker closes what is idle, and a click may just meet that moment.
            visitor.session.headers["Connection"] = "close"
            # Ours has more languages: no side is led on to a page in another one.
            visitor.session.headers["Accept-Language"] = "en-US"
            visitor.number = number
        if not self.is_ours:
            return visitors, [self._by_password(visitor) for visitor in visitors]
        for visitor in visitors:
            visitor.post("/my/sign-in", {"email": self._get_address(visitor)})
        codes = self._run_script("1")
        return visitors, [
            self._by_code(visitor, codes[self._get_address(visitor)])
            for visitor in visitors
        ]

    def _get_address(self, visitor):
        return f"bench{visitor.number}@bench.example"

    def _by_password(self, visitor):
        data = {
            "login": self._get_address(visitor),
            "password": f"bench{visitor.number}-password",
            "redirect": "/my/home",
        }
        return self._submit(visitor, "/web/login", data)

    def _by_code(self, visitor, code):
        return self._submit(visitor, "/my/sign-in/code", {"code": code})

    def _submit(self, visitor, path, data):
        data["csrf_token"] = visitor.csrf_token(path)
        begin = time.monotonic()
        answer = visitor.session.post(self.url + path, data=data, timeout=120)
        seconds = time.monotonic() - begin
        if "/my" not in answer.url or "sign-in" in answer.url:
            raise SetupError(f"{self.name}: signing in led to {answer.url}")
        return seconds

    def click(self, visitor, page):
        """Open a page as a browser does; return (page, seconds, was it right)."""
        path = PATHS.get(page) or f"/my/invoices/{self.invoice_ids[visitor.number]}"
        begin = time.monotonic()
        try:
            answer = visitor.session.get(self.url + path, timeout=120)
            is_right = answer.status_code == 200 and answer.url.endswith(path)
            if page == "home" and not self.is_ours:
                visitor.jsonrpc("/my/counters", {"counters": COUNTERS})
        except requests.RequestException:
            is_right = False
        return page, time.monotonic() - begin, is_right

    def measure_loaded(self, visitors, seconds):
        """Fifty members, each clicking every three seconds, at moments of his own."""

        def click_on(visitor):
            clock = random.Random(visitor.number)  # noqa: S311 - moments, not secrets
            end = time.monotonic() + seconds
            time.sleep(clock.random() * PAUSE)
            clicks = []
            while time.monotonic() < end:
                begin = time.monotonic()
                clicks.append(self.click(visitor, clock.choice(self.pages)))
                time.sleep(max(0.0, PAUSE - (time.monotonic() - begin)))
            return clicks

        with ThreadPoolExecutor(MEMBERS) as pool:
            return [
                click for clicks in pool.map(click_on, visitors) for click in clicks
            ]


def measure_alone(sides):
    """Open each page of both sides in turn; return clicks and cpu of each side."""
    clicks = {bench.name: [] for bench, _visitors in sides}
    used = {bench.name: {} for bench, _visitors in sides}
    for page in SHARED + OURS_ALONE:
        having = [(b, visitors[0]) for b, visitors in sides if page in b.pages]
        for bench, visitor in having:
            for _warm in range(4):
                bench.click(visitor, page)
            used[bench.name][page] = -bench.cpu_seconds()
        for _turn in range(ALONE):
            for bench, visitor in having:
                clicks[bench.name].append(bench.click(visitor, page))
        for bench, _visitor in having:
            used[bench.name][page] += bench.cpu_seconds()
    return clicks, used


def measure_ready(url, visitor):
    """Return seconds until the member's home is ready in a browser (three tries)."""
    from playwright.sync_api import sync_playwright

    browser_path, extra = tools.chromium()
    cookie = {"name": "session_id", "value": visitor.session.cookies["session_id"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(browser_path),
            args=["--no-sandbox", "--disable-gpu"],
            env=odoo.environment() | extra,
        )
        context = browser.new_context(viewport={"width": 390, "height": 844})
        context.add_cookies([{**cookie, "url": url}])
        page = context.new_page()
        seconds = []
        for _turn in range(4):
            begin = time.monotonic()
            page.goto(f"{url}/my", wait_until="load")
            seconds.append(time.monotonic() - begin)
        browser.close()
    # The first one compiles the style sheets of a fresh database.
    return statistics.median(seconds[1:])


def summarise(clicks, pages):
    """Return (median, 95th percentile, errors) of the clicks on some pages, in ms."""
    chosen = sorted(seconds for page, seconds, _right in clicks if page in pages)
    wrong = sum(not right for page, _seconds, right in clicks if page in pages)
    p95 = chosen[min(len(chosen) - 1, int(len(chosen) * 0.95))]
    return statistics.median(chosen) * 1000, p95 * 1000, wrong


def measure(benches, seconds):
    """Return {side: {what: (median ms, p95 ms, errors, cpu ms)}}."""
    found = {bench.name: {} for bench in benches}
    with Processes() as processes:
        sides = []
        for bench in benches:
            bench.serve(processes)
            visitors, sign_ins = bench.sign_in()
            sides.append((bench, visitors))
            rows = [("", one, True) for one in sign_ins]
            found[bench.name]["sign in"] = (*summarise(rows, ("",)), None)
        alone, used = measure_alone(sides)
        loaded = {bench.name: [] for bench in benches}
        for _round in range(ROUNDS):
            for bench, visitors in sides:
                clicks = bench.measure_loaded(visitors, seconds / ROUNDS)
                loaded[bench.name] += clicks
        for bench, visitors in sides:
            name, rows = bench.name, found[bench.name]
            for page in bench.pages:
                cpu = used[name][page] / ALONE * 1000
                rows[f"{page}, alone"] = (*summarise(alone[name], (page,)), cpu)
            rows["pages, alone"] = (*summarise(alone[name], SHARED), None)
            rows["pages, loaded"] = (*summarise(loaded[name], SHARED), None)
            ready = measure_ready(bench.url, visitors[0]) * 1000
            rows["ready in a browser"] = (ready, ready, 0, None)
    return found


def main(seconds=60):
    """Print both tables and the ratios.

    :param int seconds: how long the fifty members of each side click
    """
    with prepare.databases():
        sources = {
            "odoo": (database.base(), False),
            "ours": (database.with_addons(), True),
        }
    benches = [
        Bench(f"bench_{side}", source, is_ours)
        for side, (source, is_ours) in sources.items()
    ]
    found = measure(benches, seconds)
    write = sys.stdout.write
    write(f"{'side':<6}{'what':<22}{'median ms':>10}{'p95 ms':>8}{'errors':>8}")
    write(f"{'cpu ms':>8}\n")
    for bench in benches:
        for what, (median, p95, wrong, cpu) in found[bench.name].items():
            write(f"{bench.name[6:]:<6}{what:<22}{median:>10.0f}{p95:>8.0f}{wrong:>8}")
            write(f"{cpu:>8.1f}\n" if cpu is not None else f"{'':>8}\n")
        database.drop(bench.name)
    _print_ratios(found["bench_odoo"], found["bench_ours"])


def _print_ratios(odoos, ours):
    write = sys.stdout.write
    grown = ours["pages, loaded"][1] / ours["pages, alone"][1]
    write(f"p95 of our pages under load / alone: {grown:.2f} (at most 2 is wanted), ")
    write(f"of Odoo's {odoos['pages, loaded'][1] / odoos['pages, alone'][1]:.2f}; ")
    write(f"load of the machine in the last minute {os.getloadavg()[0]:.1f}\n")
    for page in SHARED:
        name = f"{page}, alone"
        write(f"ratio portal-cpu-{page} odoo {odoos[name][3] / ours[name][3]:.2f}\n")
    for what, name, column in (
        ("portal-sign-in", "sign in", 0),
        ("portal-page", "pages, alone", 0),
        ("portal-page-loaded", "pages, loaded", 0),
        ("portal-page-loaded-p95", "pages, loaded", 1),
    ):
        write(f"ratio {what} odoo {odoos[name][column] / ours[name][column]:.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
