"""The member's area against Odoo's own portal, under the same load.

    ./setup/bench portal [seconds of clicking]

Two databases, one after the other on the same machine, each served by two workers:
Odoo's own modules alone (``odoo``) and with ours (``ours``). Fifty members sign in,
then each clicks every three seconds. Figures: sign-in (password check, or code check
and what follows, up to the first page of the area), pages with one member (alone) and
with fifty (loaded), median and 95th percentile, and when a browser has the page ready.
"""

import json
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setup.lib import checks, database, odoo, prepare, tools
from setup.lib.errors import SetupError
from setup.lib.postgres import name_of
from setup.lib.processes import Processes, wait_until
from tests.scenarios.day.client import WebVisitor

SCRIPT = Path(__file__).with_name("_portal_in_odoo.py")
MARK = "FIGURES "
MEMBERS = 50
PAUSE = 3.0
ALONE = 20
PAGES = ("/my/home", "/my/account", "/my/invoices")
OUR_PAGES = ("/my/sessions", "/my/subscriptions", "/my/invoices/pay")


class Bench:
    """One database with its server and its fifty members."""

    def __init__(self, name, source, is_ours):
        self.name, self.is_ours = name, is_ours
        database.clone(source, name)
        self._run_script("")
        self.pages = PAGES + (OUR_PAGES if is_ours else ())

    def _run_script(self, codes):
        log = odoo.run(
            f"{self.name}_script",
            "shell",
            f"--database={name_of(self.name)}",
            "--no-http",
            script=SCRIPT,
            extra={"PORTAL_CODES": codes, "BENCH_COUNT": str(MEMBERS)},
        )
        lines = log.read_text(errors="replace").splitlines()
        found = next(line for line in lines if line.startswith(MARK))
        return json.loads(found.removeprefix(MARK))

    def serve(self, processes):
        port, bus = checks.free_port(), checks.free_port()
        arguments = [f"--database={name_of(self.name)}", f"--http-port={port}"]
        arguments += ["--workers=2", f"--gevent-port={bus}", "--max-cron-threads=0"]
        arguments += ["--log-level=warn", f"--db-filter=^{name_of(self.name)}$"]
        processes.start(
            self.name, odoo.command_with_workers(*arguments), odoo.environment()
        )
        self.url = f"http://localhost:{port}"
        wait_until(lambda: odoo.answers(f"{self.url}/web/login"), 120)

    def sign_in(self):
        """Return (visitors who are signed in, seconds each needed)."""
        visitors = [WebVisitor(self.url) for _number in range(MEMBERS)]
        for visitor in visitors:
            # A worker closes what is idle, and a click may just meet that moment.
            visitor.session.headers["Connection"] = "close"
        if not self.is_ours:
            return visitors, [
                self._by_password(visitor, number)
                for number, visitor in enumerate(visitors)
            ]
        for number, visitor in enumerate(visitors):
            visitor.post("/my/sign-in", {"email": f"bench{number}@bench.example"})
        codes = self._run_script("1")
        return visitors, [
            self._by_code(visitor, codes[f"bench{number}@bench.example"])
            for number, visitor in enumerate(visitors)
        ]

    def _by_password(self, visitor, number):
        data = {
            "login": f"bench{number}@bench.example",
            "password": f"bench{number}-password",
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
        begin = time.monotonic()
        answer = visitor.session.get(self.url + page, timeout=120)
        is_right = answer.status_code == 200 and "/web/login" not in answer.url
        return page, time.monotonic() - begin, is_right

    def measure_alone(self, visitor):
        return [
            self.click(visitor, page) for page in self.pages for _turn in range(ALONE)
        ]

    def measure_loaded(self, visitors, seconds):
        """Fifty members, each clicking every three seconds, at moments of his own."""

        def click_on(visitor):
            clock = random.Random(id(visitor))  # noqa: S311 - moments, not secrets
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


def run(bench, seconds):
    """Return the rows of one side: {what: (median ms, p95 ms, errors)}."""
    with Processes() as processes:
        bench.serve(processes)
        visitors, sign_ins = bench.sign_in()
        for page in bench.pages:
            bench.click(visitors[0], page)
        alone = bench.measure_alone(visitors[0])
        loaded = bench.measure_loaded(visitors, seconds)
        rows = {
            "sign in": summarise([("", s, True) for s in sign_ins], ("",)),
            "page, alone": summarise(alone, PAGES),
            "page, loaded": summarise(loaded, PAGES),
        }
        if bench.is_ours:
            rows["our pages, alone"] = summarise(alone, OUR_PAGES)
            rows["our pages, loaded"] = summarise(loaded, OUR_PAGES)
        ready = measure_ready(bench.url, visitors[0])
        rows["ready in a browser"] = (ready * 1000, ready * 1000, 0)
    database.drop(bench.name)
    return rows


def main(seconds=60):
    """Print both tables and the ratios.

    :param int seconds: how long the fifty members click
    """
    with prepare.databases():
        sources = {
            "odoo": (database.base(), False),
            "ours": (database.with_addons(), True),
        }
    found = {}
    write = sys.stdout.write
    write(f"{'side':<6}{'what':<22}{'median ms':>11}{'p95 ms':>9}{'errors':>8}\n")
    for side, (source, is_ours) in sources.items():
        found[side] = run(Bench(f"bench_{side}", source, is_ours), seconds)
        for what, (median, p95, wrong) in found[side].items():
            write(f"{side:<6}{what:<22}{median:>11.0f}{p95:>9.0f}{wrong:>8}\n")
    for what, name in (
        ("portal-sign-in", "sign in"),
        ("portal-page", "page, alone"),
        ("portal-page-loaded", "page, loaded"),
    ):
        column = 1 if "loaded" in name else 0
        ratio = found["odoo"][name][column] / found["ours"][name][column]
        write(f"ratio {what} odoo {ratio:.2f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
