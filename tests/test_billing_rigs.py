"""R1, R4: billing runs that are killed or doubled leave no period out, none double.

Judged afterwards on disk and in the sandbox's book. Small in the usual run, at full
size with ``--long``.
"""

import os

import pytest

from setup.lib import database, odoo
from setup.lib.paths import ROOT
from setup.lib.postgres import name_of
from tests.sandbox.testing import running_sandbox

SCRIPT = ROOT / "tests" / "rigs" / "_billing_in_odoo.py"


def _run(kind, figure, *, count, kills=0, turns=1, seconds=3.0):
    """Run a rig in a database of its own; return its turns.

    :param int count: subscriptions, with three missed periods each
    :param float seconds: the latest moment of a kill in a run
    """
    name = f"rig_{kind}_{os.getpid()}"
    database.clone(database.with_addons(), name)
    try:
        with running_sandbox() as sandbox:
            found = odoo.ask(
                name,
                f"--database={name_of(name)}",
                "--log-level=error",
                script=SCRIPT,
                extra={
                    "PYTHONPATH": str(ROOT),
                    "RIG_KIND": kind,
                    "RIG_NAME": name,
                    "RIG_SANDBOX": sandbox.url,
                    "RIG_SEED": "19",
                    "RIG_COUNT": str(count),
                    "RIG_KILLS": str(kills),
                    "RIG_TURNS": str(turns),
                    "RIG_SECONDS": str(seconds),
                },
            )
    finally:
        database.drop(name)
    killed = sum(turn["killed"] for turn in found["results"])
    invoices = 3 * sum(turn["due"] for turn in found["results"])
    figure(f"{kind}: invoices", invoices)
    figure(f"{kind}: kills", killed)
    figure(f"{kind}: time", round(found["seconds"]), "s")
    assert [turn["wrong"] for turn in found["results"]] == [[]] * turns
    if kind == "restore":
        # The charges that were forgotten were there to be made again.
        assert found["results"][-1]["taken"]
    return killed


def test_a_run_killed_after_a_call_charges_nobody_twice(figure):
    """R4, L20: the worker dies with the provider's answer in its hand."""
    assert _run("calls", figure, count=2, kills=2) == 2


def test_a_restored_backup_charges_nobody_twice(figure):
    """R13: the provider went on while the database went back, twice."""
    _run("restore", figure, count=3, kills=2)


@pytest.mark.long
def test_fifty_restored_backups_charge_nobody_twice(figure):
    """R13: ten due sets, each of which loses its work five times."""
    _run("restore", figure, count=12, kills=5, turns=10)


@pytest.mark.long
def test_runs_killed_at_sixty_moments_leave_no_period_out(figure):
    """R1: nothing missing, nothing double, numbers without a gap."""
    assert _run("moments", figure, count=90, kills=60, seconds=6.0) == 60


@pytest.mark.long
def test_runs_killed_after_every_call_charge_nobody_twice(figure):
    """R4: after the first call of a run, after the second of the next, and so on.

    Each run first asks what was charged, so that 36 charges are used up by runs that
    make 0, 1, 2 … 8 of them before they die.
    """
    assert _run("calls", figure, count=12, kills=36) == 9


@pytest.mark.long
def test_four_workers_on_one_due_set_twenty_times(figure):
    """R1: the lanes of a cluster never bill or charge the same."""
    _run("race", figure, count=20, turns=20)
