"""Start programs, and stop every one of them, however the command ends."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from .paths import LOG, ROOT, RUNTIME
from .progress import say

PATIENCE = 15.0
_PR_SET_PDEATHSIG = 1


class Stopped(BaseException):
    """The command was asked to end (TERM, HUP); cleaning up follows."""


def _raise_stopped(number: int, _frame) -> None:
    raise Stopped(number)


def end_on_signals() -> None:
    """Let TERM and HUP end the command the way Ctrl-C does: with cleaning up."""
    signal.signal(signal.SIGTERM, _raise_stopped)
    signal.signal(signal.SIGHUP, _raise_stopped)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _die_with_parent() -> None:
    """Let the system end this child when the command that started it is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Processes:
    """The programs a command started. As a context manager it stops them at the end.

    Each one leads a process group of its own, so that its children end with it.
    """

    def __init__(self):
        self._started: list[tuple[str, subprocess.Popen]] = []

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.stop()

    def start(self, name: str, command: list[str], env: dict[str, str]) -> Path:
        """Start `command`; its output goes to ``.runtime/log/<name>.log``.

        :return: the log
        """
        LOG.mkdir(parents=True, exist_ok=True)
        log = LOG / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread runs yet
            )
        self._started.append((name, process))
        return log

    def ended(self) -> str | None:
        """Return the name of a program that has ended by itself, if any."""
        for name, process in self._started:
            if process.poll() is not None:
                return name
        return None

    def stop(self) -> None:
        """Stop what runs, last started first; kill what does not listen."""
        for _name, process in reversed(self._started):
            _signal_group(process, signal.SIGTERM)
        for name, process in reversed(self._started):
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                say(f"{name} does not stop; killing it")
            _signal_group(process, signal.SIGKILL)
            process.wait()
        self._started.clear()


def _signal_group(process: subprocess.Popen, number: int) -> None:
    """Signal the group `process` leads; the group outlives its leader."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def wait_for(process: subprocess.Popen) -> int:
    """Wait for a program that shares our terminal; end it when we are to end.

    :return: its exit status
    """
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal has told it too: give it the time to clean up.
        _end(process)
        raise
    except Stopped:
        process.send_signal(signal.SIGINT)
        _end(process)
        raise


def _end(process: subprocess.Popen) -> None:
    try:
        process.wait(2 * PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(condition, seconds: float, pause: float = 0.2) -> bool:
    """Wait until `condition()` holds; tell whether it did within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return False


@contextmanager
def lock(name: str, waiting: str):
    """Hold a lock that one command in this checkout can have.

    :param waiting: said once when another command holds it
    """
    RUNTIME.mkdir(exist_ok=True)
    with (RUNTIME / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
