"""Play the steps of the day in their order and collect the table."""

import importlib
import logging

from .client import OdooError
from .frame import Day, StepFailed

_logger = logging.getLogger(__name__)

STEPS = (
    "step_import",
    "step_sell",
    "step_bill",
    "step_payments",
    "step_collections",
    "step_member",
)
PHASES = ("prepare", "connect", "play")
CONNECT = "Connect the services"


def play(odoo_url, db, sandbox_url, progress=None):
    """Play the business day; a second call finds everything done.

    :param str odoo_url: e.g. ``http://localhost:8069``
    :param str db: database with the demo club
    :param str sandbox_url: e.g. ``http://127.0.0.1:8079``
    :param progress: called with a sentence before each part
    :return: list of :class:`Row`; a step that failed has a row with ``ok`` false
    """
    day = Day(odoo_url, db, sandbox_url)
    steps = [importlib.import_module(f".{name}", __package__) for name in STEPS]
    failed = set()
    for phase in PHASES:
        for step in steps:
            action = getattr(step, phase, None)
            if action is None or step in failed:
                continue
            if progress:
                progress(f"{step.TITLE}: {phase}")
            day.step = CONNECT if phase == "connect" else step.TITLE
            if not _run(day, step, action):
                failed.add(step)
    return day.rows


def _run(day, step, action):
    """Run one phase of one step; a failure becomes a row and the day goes on."""
    what = f"{step.TITLE}: {action.__name__}"
    try:
        action(day)
    except (StepFailed, OdooError) as error:
        _logger.debug("step %s failed", step.TITLE, exc_info=True)
        day.row(what, f"failed: {error}", ok=False)
        return False
    except Exception as error:
        _logger.exception("step %s broke", step.TITLE)
        day.row(what, f"broke: {type(error).__name__}: {error}", ok=False)
        return False
    return True
