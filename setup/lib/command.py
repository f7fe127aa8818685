"""The frame around each command: one line for an error, cleaning up in every case."""

from __future__ import annotations

import sys

from . import errors, processes
from .errors import SetupError
from .progress import say, warn

INTERRUPTED = 130


def main(command, usage: str) -> None:
    """Run `command(arguments)` and end the program with its exit status.

    :param command: takes the list of arguments, returns an exit status
    :param usage: printed for ``--help``
    """
    processes.end_on_signals()
    arguments = sys.argv[1:]
    if usage and arguments[:1] in (["-h"], ["--help"]):
        say(usage)
        sys.exit(0)
    try:
        status = command(arguments)
    except SetupError as error:
        warn(f"error: {error}")
        status = 1
    except OSError as error:
        known = errors.from_system(error)
        if known is None:
            raise
        warn(f"error: {known}")
        status = 1
    except (KeyboardInterrupt, processes.Stopped):
        say("\nstopped")
        status = INTERRUPTED
    sys.exit(status)
