"""What the suite adds to pytest: ``--long``, lanes, figures printed at the end.

Lanes are the processes of pytest-xdist. All tests of one file run in one lane; the
tests that share the running product run in one lane too, so it is started once. Each
lane has a copy of the database (pytest-odoo makes it) and of the files (made here).

A test that measures something calls the fixture ``figure`` or, where fixtures do not
reach (Odoo's test classes), :func:`record`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PRODUCT_FOLDERS = ("tests/browser/", "tests/scenarios/")
_FIGURES: list[tuple[str, str, str]] = []
_UNREPORTED: list[tuple[str, str, str]] = []
_PROPERTY = "figures"
_LONG = "long"


def record(test: str, what: str, value: object, unit: str = "") -> None:
    """Keep a measured figure; it is printed at the end of the run.

    :param test: the rig that measured it
    :param what: e.g. ``"double charges"``
    :param unit: e.g. ``"ms"``
    """
    _UNREPORTED.append((test, what, f"{value} {unit}".strip()))


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


def lane_of(nodeid: str) -> str:
    """Return what must stay together in one lane with the test.

    >>> lane_of("tests/browser/test_apps.py::test_a")
    'product'
    >>> lane_of("connection_base/tests/test_vault.py::TestVault::test_a")
    'connection_base/tests/test_vault.py'
    """
    if nodeid.startswith(PRODUCT_FOLDERS):
        return "product"
    return nodeid.partition("::")[0]


def _order(item) -> int:
    """Return the place of a test: what takes longest alone comes first.

    The day is played before the browser looks at what it left behind.
    """
    if lane_of(item.nodeid) == "product":
        return 0 if item.nodeid.startswith("tests/scenarios/") else 1
    return 2 if item.nodeid.startswith("tests/") else 3


def pytest_collection_modifyitems(config, items):
    for item in items:
        product = "running_product" in getattr(item, "fixturenames", ())
        if product and lane_of(item.nodeid) != "product":
            raise pytest.UsageError(
                f"{item.nodeid} needs the running product: move it to "
                f"{' or '.join(PRODUCT_FOLDERS)}, whose tests share one lane."
            )
    items.sort(key=_order)
    if config.getoption("--long"):
        return
    skipped = pytest.mark.skip(reason="only with --long")
    for item in items:
        tags = getattr(getattr(item, "cls", None), "test_tags", None) or ()
        if item.get_closest_marker(_LONG) or _LONG in tags:
            item.add_marker(skipped)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share the tests out by lane; xdist's own grouping does not know pytest 9."""
    from xdist.scheduler import LoadScopeScheduling

    class ByLane(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return lane_of(nodeid)

    return ByLane(config, log)


def _lane_folder(config) -> Path | None:
    """Return where the files of this lane go; None where there is one lane only."""
    lane = os.environ.get("PYTEST_XDIST_WORKER")
    if not lane or not config.pluginmanager.has_plugin("odoo"):
        return None
    import odoo

    folder = Path(odoo.tools.config["data_dir"])
    return folder if folder.name.endswith(f"_{lane}") else Path(f"{folder}_{lane}")


def pytest_sessionstart(session):
    folder = _lane_folder(session.config)
    if folder is None:
        return
    import odoo

    kept = Path("filestore", odoo.tests.common.get_db_name())
    shutil.rmtree(folder, ignore_errors=True)
    source = Path(odoo.tools.config["data_dir"]) / kept
    if source.exists():
        shutil.copytree(source, folder / kept)
    odoo.tools.config["data_dir"] = str(folder)


def pytest_sessionfinish(session):
    folder = _lane_folder(session.config)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def figure(request):
    """Record a measured figure: ``figure("lost receipts", 0)``."""

    def keep(what: str, value: object, unit: str = "") -> None:
        record(request.node.name, what, value, unit)

    return keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Send the figures along with the test's report: a lane has no other way."""
    report = yield
    if _UNREPORTED:
        report.user_properties.append((_PROPERTY, list(_UNREPORTED)))
        _UNREPORTED.clear()
    return report


def pytest_runtest_logreport(report):
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return
    for name, value in list(report.user_properties):
        if name == _PROPERTY:
            _FIGURES.extend(tuple(figure) for figure in value)
            report.user_properties.remove((name, value))


def pytest_terminal_summary(terminalreporter):
    if not _FIGURES:
        return
    terminalreporter.section("figures")
    width = max(len(test) for test, _what, _value in _FIGURES)
    for test, what, value in _FIGURES:
        terminalreporter.write_line(f"{test:<{width}}  {what}: {value}")
