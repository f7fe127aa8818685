"""Tell a person what goes on: one line per step, and signs of life in long ones."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

INTERVAL = 10.0


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


@contextmanager
def step(title: str, log: Path | None = None):
    """Announce a step, show that it lives, and say how long it took.

    :param title: what is done, e.g. ``"Installing Odoo"``
    :param log: file whose last line is shown while the step goes on
    """
    start, since = time.monotonic(), time.time()
    say(f"→ {title}")
    stop = threading.Event()
    watched = (stop, start, since, log)
    watcher = threading.Thread(target=_watch, args=watched, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
    seconds = time.monotonic() - start
    if seconds > 1:
        say(f"  done in {seconds:.0f} s")


def _watch(stop: threading.Event, start: float, since: float, log: Path | None) -> None:
    while not stop.wait(INTERVAL):
        seconds = time.monotonic() - start
        words = last_line(log) if log and _is_written(log, since) else ""
        say(f"  … {seconds:.0f} s  {words}".rstrip())


def _is_written(log: Path, since: float) -> bool:
    """Tell whether the log is of this step, not what an earlier one left."""
    try:
        return log.stat().st_mtime >= since - 1
    except OSError:
        return False


def last_line(log: Path, width: int = 90) -> str:
    """Return the end of the last line of a log, without Odoo's time and process."""
    try:
        with log.open("rb") as lines:
            lines.seek(max(0, log.stat().st_size - 2000))
            text = lines.read().decode(errors="replace").rstrip()
    except OSError:
        return ""
    line = text.rsplit("\n", 1)[-1]
    return line.split(" INFO ", 1)[-1][:width]


def warn(text: str) -> None:
    """Print one line on standard error."""
    print(text, file=sys.stderr, flush=True)
