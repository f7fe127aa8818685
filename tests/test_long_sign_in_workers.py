"""Limits of signing in by code hold over four workers and a restart."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from setup.lib import checks, database, odoo
from setup.lib.postgres import name_of
from setup.lib.processes import Processes, wait_until
from tests.scenarios.day.client import WebVisitor

pytestmark = pytest.mark.long
NAME = "workers"
PARALLEL = 12
ALLOWED = 5


@pytest.fixture(scope="module")
def source():
    """Yield the name of a database of its own with all addons."""
    database.clone(database.with_addons(), NAME)
    yield name_of(NAME)
    database.drop(NAME)


def _serve(processes, name):
    port, bus = checks.free_port(), checks.free_port()
    arguments = [f"--database={name}", f"--http-port={port}", "--workers=4"]
    arguments += [f"--gevent-port={bus}", "--max-cron-threads=0", "--log-level=info"]
    log = processes.start(
        NAME, odoo.command_with_workers(*arguments), odoo.environment()
    )
    url = f"http://localhost:{port}"
    wait_until(lambda: odoo.answers(f"{url}/web/login"), 120)
    return url, log


def _ask(url, email):
    """Ask for a code in a browser of its own; True when one is on its way."""
    answer = WebVisitor(url).post("/my/sign-in", {"email": email})
    return answer.url.endswith("/my/sign-in/code")


def test_limits_hold_over_four_workers_and_a_restart(source, figure):
    email = "limit@member.example"
    with Processes() as processes:
        url, log = _serve(processes, source)
        with ThreadPoolExecutor(PARALLEL) as pool:
            sent = list(pool.map(lambda _turn: _ask(url, email), range(PARALLEL)))
        text = log.read_text(errors="replace")
    workers = set(re.findall(r" (\d+) INFO \S+ werkzeug: .*POST /my/sign-in", text))
    assert sent.count(True) == ALLOWED
    assert len(workers) > 1
    with Processes() as processes:
        url, _log = _serve(processes, source)
        assert not _ask(url, email)
        assert _ask(url, "other@member.example")
    figure("workers that answered", len(workers))
    figure("codes sent of", f"{sent.count(True)} of {PARALLEL}, none after a restart")
