"""What must be so before anything is prepared."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from .errors import SetupError
from .paths import RUNTIME

NEEDED_GB = 4.0
NEEDED_GB_LATER = 0.5


def check_disk(folder: Path = RUNTIME, needed_gb: float | None = None) -> None:
    """Refuse to start work that the disk cannot hold.

    :param needed_gb: gigabytes; what a first preparation takes when not given.
        ``SETUP_NEEDED_GB`` in the environment overrides it.
    :raise SetupError: when less is free
    """
    while not folder.exists():
        folder = folder.parent
    if needed_gb is None:
        prepared = (RUNTIME / "stamps" / "venv").exists()
        needed_gb = NEEDED_GB_LATER if prepared else NEEDED_GB
    needed_gb = float(os.environ.get("SETUP_NEEDED_GB") or needed_gb)
    free_gb = shutil.disk_usage(folder).free / 1024**3
    if free_gb < needed_gb:
        raise SetupError(
            f"The disk is full: {free_gb:.1f} GB free in {folder}, "
            f"{needed_gb:.1f} GB needed",
            "Free some space and run the command again.",
        )


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def check_port(port: int, option: str = "--port") -> None:
    """Refuse a port that something listens on.

    :raise SetupError: when it is taken
    """
    if not 0 < port < 65536:
        raise SetupError(f"{port} is not a port", f"Give {option} from 1 to 65535.")
    if not is_port_free(port):
        raise SetupError(
            f"Port {port} is taken",
            f"Give another one with {option}, or stop the program that uses it.",
        )


def free_port(wanted: int | None = None) -> int:
    """Return `wanted` if it is free, else a free port the system chooses."""
    if wanted and is_port_free(wanted):
        return wanted
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
