"""One business day of a demo club, played over real HTTP.

``play`` is what ``./setup/run`` calls and what the whole-product test calls: the same
buttons, crons and routes that staff, members and administrators use.
"""

from .frame import Day, Row, StepFailed
from .main import play

__all__ = ["Day", "Row", "StepFailed", "play"]
