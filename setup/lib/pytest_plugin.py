"""What the suite adds to pytest: ``--long``, figures printed at the end.

A test that measures something calls the fixture ``figure`` or, where fixtures do not
reach (Odoo's test classes), :func:`record`.
"""

from __future__ import annotations

import os

import pytest

_FIGURES: list[tuple[str, str, str]] = []
_LONG = "long"


def record(test: str, what: str, value: object, unit: str = "") -> None:
    """Keep a measured figure; it is printed at the end of the run.

    :param test: the rig that measured it
    :param what: e.g. ``"double charges"``
    :param unit: e.g. ``"ms"``
    """
    _FIGURES.append((test, what, f"{value} {unit}".strip()))


def pytest_addoption(parser):
    parser.addoption(
        "--long",
        action="store_true",
        help="also run what is marked long: full-size rigs and whole cycles",
    )


def pytest_configure(config):
    # Rigs choose their size by this; so do the processes they start.
    if config.getoption("--long"):
        os.environ["SUITE_LONG"] = "1"


def is_long() -> bool:
    """Tell whether this run is one with ``--long``."""
    return os.environ.get("SUITE_LONG") == "1"


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    skipped = pytest.mark.skip(reason="only with --long")
    for item in items:
        tags = getattr(getattr(item, "cls", None), "test_tags", None) or ()
        if item.get_closest_marker(_LONG) or _LONG in tags:
            item.add_marker(skipped)


@pytest.fixture
def figure(request):
    """Record a measured figure: ``figure("lost receipts", 0)``."""

    def keep(what: str, value: object, unit: str = "") -> None:
        record(request.node.name, what, value, unit)

    return keep


def pytest_terminal_summary(terminalreporter):
    if not _FIGURES:
        return
    terminalreporter.section("figures")
    width = max(len(test) for test, _what, _value in _FIGURES)
    for test, what, value in _FIGURES:
        terminalreporter.write_line(f"{test:<{width}}  {what}: {value}")
