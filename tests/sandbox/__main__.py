"""``python -m tests.sandbox --port 8079 --smtp-port 8025 --data DIR``"""

import argparse
import signal
import sys
import threading
from pathlib import Path

from .app import Sandbox


def main() -> int:
    """:return: exit status: 0 after SIGTERM or Ctrl-C, 1 when a port is taken"""
    parser = argparse.ArgumentParser(
        prog="python -m tests.sandbox", description=__doc__
    )
    parser.add_argument("--port", type=int, default=8079)
    parser.add_argument("--smtp-port", type=int, default=8025)
    parser.add_argument("--data", type=Path, default=Path(".runtime/sandbox"))
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    sandbox = Sandbox(options.data)
    try:
        sandbox.start(options.port, options.smtp_port)
    except OSError as error:
        sys.stderr.write(f"Sandbox cannot start: {error}\n")
        return 1
    names = ", ".join(sandbox.services)
    sys.stdout.write(f"Sandbox ready on {sandbox.url} ({names}; ")
    sys.stdout.write(f"mail on port {sandbox.mail.port})\n")
    sys.stdout.flush()
    stop.wait()
    sandbox.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
