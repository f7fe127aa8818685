"""``./setup/bench NAME``: one benchmark, a table and its ratios."""

from __future__ import annotations

import subprocess

from . import checks, odoo, prepare
from .command import main
from .errors import SetupError
from .paths import ROOT, VENV_PYTHON
from .processes import wait_for
from .progress import say

FOLDER = ROOT / "tests" / "benchmarks"


def names() -> list[str]:
    """Return the benchmarks there are."""
    files = sorted(FOLDER.glob("*.py"))
    stems = [file.stem for file in files if not file.stem.startswith("_")]
    return [stem.replace("_", "-") for stem in stems]


def check_name(name: str) -> None:
    """Refuse a benchmark that does not exist.

    :raise SetupError: with the names there are
    """
    if name not in names():
        known = ", ".join(names()) or "none yet"
        raise SetupError(f"There is no benchmark {name!r}", f"There are: {known}.")


def run(arguments: list[str]) -> int:
    """Run the command; return the benchmark's exit status."""
    if not arguments or arguments[0] in {"-h", "--help"}:
        say("usage: ./setup/bench NAME [arguments]\nbenchmarks:")
        for name in names():
            say(f"  {name}")
        return 0
    check_name(arguments[0])
    prepare.environment()
    checks.check_disk()
    module = arguments[0].replace("-", "_")
    with prepare.server():
        command = [str(VENV_PYTHON), "-m", f"tests.benchmarks.{module}"]
        return wait_for(
            subprocess.Popen([*command, *arguments[1:]], env=odoo.environment())
        )


if __name__ == "__main__":
    main(run, usage="")
