"""Other people's addons that we measure ourselves against.

They are fetched below ``.runtime/peers`` and nowhere else: none of them is a
dependency, and nothing of them enters the repository.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from . import odoo
from .errors import SetupError
from .paths import LOG, RUNTIME, VENV_PYTHON

FOLDER = RUNTIME / "peers"


def fetch(*wheels: str) -> list[Path]:
    """Return the addons folders of wheels from PyPI; fetch those not there yet.

    :param wheels: pinned names, e.g. ``odoo-addon-contract==19.0.1.0.0``
    :raise SetupError: when one cannot be fetched
    """
    return [_fetch(wheel) for wheel in wheels]


def _fetch(wheel: str) -> Path:
    folder = FOLDER / wheel.replace("==", "-")
    addons = folder / "odoo" / "addons"
    if addons.is_dir():
        return addons
    LOG.mkdir(parents=True, exist_ok=True)
    log, unfinished = LOG / "peers.log", folder.with_name(folder.name + ".new")
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--no-deps", "--no-compile"]
    with log.open("ab") as output:
        code = subprocess.run(
            [*command, "--upgrade", "--target", str(unfinished), wheel],
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        raise SetupError(
            f"{wheel} could not be fetched", f"See {log}; is PyPI in reach?"
        )
    unfinished.rename(folder)
    return addons


def addons_option(*folders: Path) -> str:
    """Return Odoo's option with our addons folders and those of the peers."""
    paths = [*odoo.addons_path(odoo.packages()), *folders]
    return "--addons-path=" + ",".join(str(path) for path in paths)
