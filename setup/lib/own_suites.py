"""Odoo's own tests, with and without our addons: what passes alone must pass with us.

    ./setup/test --long tests/test_long_own_suites.py

Both runs update the modules under test in a copy of a template database, so that tests
of both kinds (at install, after install) run, and are read from Odoo's log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

SUITES = ("portal", "account_payment", "sale", "website_sale")

_LINE = re.compile(
    r"^\S+ \S+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>[\w.]+): (?P<text>.*)"
)
_STARTED = re.compile(r"^Starting (?P<name>\w+\.\w+) \.\.\.")
_BROKEN = re.compile(r"^(?:FAIL|ERROR): (?:Subtest )?(?P<name>\w+(?:\.\w+)?)")
_SKIPPED = re.compile(r"^skipped (?P<name>\w+\.\w+)|^(?P<other>\w+\.\w+) skipped")


@dataclass
class Outcome:
    """What one run of the suites showed; names are ``module: Class.test``."""

    started: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    is_complete: bool = False

    @property
    def passed(self) -> set[str]:
        """Tests that ran and were not reported."""
        return self.started - self.broken


def read_log(text: str) -> Outcome:
    """Read a run's outcome from Odoo's log.

    >>> outcome = read_log(
    ...     "2026-01-01 10:00:00,1 7 INFO db odoo.addons.sale.tests.test_a: "
    ...     "Starting TestA.test_x ...\\n"
    ...     "2026-01-01 10:00:01,1 7 INFO db odoo.addons.sale.tests.test_a: "
    ...     "Starting TestA.test_y ...\\n"
    ...     "2026-01-01 10:00:02,1 7 ERROR db odoo.addons.sale.tests.test_a: "
    ...     "FAIL: TestA.test_y\\n"
    ... )
    >>> outcome.passed, outcome.broken
    ({'sale: TestA.test_x'}, {'sale: TestA.test_y'})
    """
    outcome = Outcome()
    for line in text.splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        if ".tests." in match["logger"]:
            _read_line(outcome, _module(match["logger"]), match["text"])
        if match["logger"] == "odoo.tests.result":
            outcome.is_complete = True
    return outcome


def _module(logger: str) -> str:
    return logger.split(".")[2] if logger.startswith("odoo.addons.") else logger


def _read_line(outcome: Outcome, module: str, text: str) -> None:
    if found := _STARTED.match(text):
        outcome.started.add(f"{module}: {found['name']}")
    elif found := _SKIPPED.match(text):
        outcome.started.discard(f"{module}: {found['name'] or found['other']}")
    elif found := _BROKEN.match(text):
        name = found["name"]
        # A broken setUpClass is reported by the class; all its tests count as broken.
        outcome.broken.add(f"{module}: {name}")
        outcome.broken |= {
            test for test in outcome.started if test.startswith(f"{module}: {name}.")
        }


@dataclass
class Comparison:
    """Two outcomes side by side."""

    alone: Outcome
    with_ours: Outcome

    @property
    def lost(self) -> list[str]:
        """Tests that pass alone and fail, or do not run, with our addons."""
        return sorted(self.alone.passed - self.with_ours.passed)

    @property
    def broken_alone(self) -> list[str]:
        """Tests that fail without us: of the machine or of Odoo, not ours."""
        return sorted(self.alone.broken)

    def write(self, path: Path) -> None:
        """Write the lists for a person to read."""
        parts = [
            f"Suites: {', '.join(SUITES)}",
            f"passed alone: {len(self.alone.passed)}",
            f"passed with our addons: {len(self.with_ours.passed)}",
            "",
            "Pass alone, not with our addons:",
            *[f"  {name}" for name in self.lost],
            "",
            "Fail without our addons too:",
            *[f"  {name}" for name in self.broken_alone],
            "",
            "Passed in both:",
            *[f"  {n}" for n in sorted(self.alone.passed & self.with_ours.passed)],
        ]
        path.write_text("\n".join(parts) + "\n")
