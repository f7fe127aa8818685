"""Odoo's own tests that pass without our addons still pass with them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from setup.lib import database, own_suites
from setup.lib.paths import RUNTIME
from tests.own_database import read_odoo_tests


def _run(name: str) -> own_suites.Outcome:
    """Run the suites in database `name`."""
    modules = ",".join(own_suites.SUITES)
    tags = ",".join(f"/{module}" for module in own_suites.SUITES)
    log, text = read_odoo_tests(name, modules, tags)
    outcome = own_suites.read_log(text)
    assert outcome.is_complete, f"the run did not come to its end, see {log}"
    return outcome


@pytest.mark.long
def test_suites_of_odoo_lose_nothing_by_our_addons(figure):
    names = ("own_alone", "own_with")
    database.clone(database.base(), names[0])
    database.clone(database.with_addons(), names[1])
    with ThreadPoolExecutor(len(names)) as pool:
        comparison = own_suites.Comparison(*pool.map(_run, names))
    for name in names:
        database.drop(name)
    comparison.write(RUNTIME / "own_suites.txt")
    figure("passed alone", len(comparison.alone.passed))
    figure("passed with our addons", len(comparison.with_ours.passed))
    figure("failed alone", len(comparison.broken_alone))
    assert comparison.alone.passed
    assert comparison.lost == []


def test_a_lost_test_is_found():
    head = "2026-01-01 10:00:00,1 7 {} db odoo.addons.sale.tests.test_a: {}\n"
    run = [head.format("INFO", f"Starting TestA.test_{x} ...") for x in "abc"]
    end = "2026-01-01 10:00:09,1 7 INFO db odoo.tests.result: 0 failed of 3\n"
    alone = own_suites.read_log("".join(run) + end)
    broken = head.format("ERROR", "FAIL: TestA.test_b")
    ours = own_suites.read_log("".join(run[:2]) + broken + end)
    comparison = own_suites.Comparison(alone, ours)
    assert alone.is_complete
    assert comparison.lost == ["sale: TestA.test_b", "sale: TestA.test_c"]


def test_a_broken_class_counts_for_all_its_tests():
    head = "2026-01-01 10:00:00,1 7 {} db odoo.addons.sale.tests.test_a: {}\n"
    text = head.format("INFO", "Starting TestA.test_a ...")
    text += head.format("ERROR", "ERROR: TestA.test_a")
    text += head.format("INFO", "Starting TestB.test_a ...")
    assert own_suites.read_log(text).passed == {"sale: TestB.test_a"}
