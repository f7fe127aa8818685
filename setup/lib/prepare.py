"""The preparation all commands share, in two halves.

The first half needs the standard library only and ends with a virtual environment; the
command then goes on in that environment's Python.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from . import checks, database, odoo, postgres, processes, venv
from .paths import LOG, RUNTIME, STAMPS, VENV_PYTHON

_WAITING = "Another command prepares this checkout; waiting for it"


def environment() -> None:
    """Prepare Odoo and the virtual environment, then go on in its Python.

    Returns only in that Python: the process is replaced, its id stays.

    :raise SetupError: disk full, no network
    """
    if sys.prefix == str(VENV_PYTHON.parent.parent):
        return
    checks.check_disk()
    for folder in (RUNTIME, LOG, STAMPS):
        folder.mkdir(parents=True, exist_ok=True)
    with processes.lock("prepare", _WAITING):
        venv.prepare(odoo.packages())
    module = sys.modules["__main__"].__spec__.name
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", module, *sys.argv[1:]])


@contextmanager
def server():
    """Have PostgreSQL run and Odoo configured while the body does."""
    with postgres.running():
        with processes.lock("prepare", _WAITING):
            odoo.write_config()
        yield


@contextmanager
def databases():
    """Hold the right to build databases while the body does."""
    with processes.lock("prepare", _WAITING):
        database.forget_unfinished()
        yield
