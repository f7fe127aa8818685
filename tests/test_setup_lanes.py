"""The suite in lanes: what belongs together stays together, no figure is lost."""

import doctest
import os
import subprocess
import sys

import pytest

from setup.lib import cli_test, pytest_plugin
from setup.lib.paths import ROOT

PYPROJECT = "[tool.pytest.ini_options]\nmarkers = ['long: full size']\n"
PRODUCT = """
import os, pathlib, pytest

@pytest.fixture(scope="session")
def running_product():
    started = pathlib.Path("started")
    started.mkdir(exist_ok=True)
    (started / str(os.getpid())).touch()

@pytest.mark.parametrize("number", range(4))
def test_page(running_product, figure, number):
    figure("pages seen", number)
"""
LONG = """
import pytest

@pytest.mark.long
def test_full_size(figure):
    figure("full size", 1)

def test_usual():
    pass
"""


def _run(folder, *arguments, files):
    """Run a suite of its own in `folder`; return pytest's output and exit status."""
    (folder / "pyproject.toml").write_text(PYPROJECT)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "setup.lib.pytest_plugin"]
    command += ["-p", "no:odoo", "-p", "no:cacheprovider", "-ra", *arguments]
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTEST_XDIST_WORKER", "ODOO_RC", "SUITE_LONG"}
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode


@pytest.mark.parametrize("module", [cli_test, pytest_plugin])
def test_examples_hold(module):
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize("option", ["-x", "-s", "--pdb"])
def test_a_run_that_is_watched_has_one_lane(option):
    assert cli_test.lanes([option], cores=2) == []


def test_the_number_of_lanes_can_be_chosen():
    assert cli_test.lanes(["-n0"], cores=2) == ["--no-loadscope-reorder"]


def test_a_large_machine_does_not_get_a_lane_per_core():
    assert cli_test.lanes([], cores=64)[0] == "-n4"


@pytest.mark.parametrize("lanes", ["-n0", "-n2"])
def test_the_product_is_started_once_and_each_figure_arrives_once(tmp_path, lanes):
    files = {
        "tests/browser/test_first.py": PRODUCT,
        "tests/scenarios/test_second.py": PRODUCT,
        "tests/test_other.py": "def test_other():\n    pass\n",
    }
    output, status = _run(tmp_path, lanes, files=files)
    assert status == 0, output
    assert len(list((tmp_path / "started").iterdir())) == 1
    for number in range(4):
        assert output.count(f"test_page[{number}]  pages seen: {number}\n") == 2


def test_a_test_of_the_product_has_its_folder(tmp_path):
    output, status = _run(tmp_path, files={"tests/test_page.py": PRODUCT})
    assert status != 0
    assert "needs the running product: move it to tests/browser/" in output


@pytest.mark.parametrize(("option", "ran"), [((), False), (("--long",), True)])
def test_the_long_rigs_wait_to_be_asked(tmp_path, option, ran):
    output, status = _run(tmp_path, *option, files={"tests/test_rig.py": LONG})
    assert status == 0, output
    assert ("full size: 1" in output) is ran
    assert ("only with --long" in output) is not ran
