"""Fixtures: a sandbox on free ports inside the test's own process.

Tests below ``tests/`` have them; elsewhere:
``from tests.sandbox.testing import running_sandbox``.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from .app import Sandbox
from .client import SandboxClient
from .receiver import Receiver


class Http(requests.Session):
    """A session whose requests never wait for ever."""

    def request(self, *args: Any, **options: Any) -> requests.Response:
        options.setdefault("timeout", 20)
        return super().request(*args, **options)


http = Http()


@contextmanager
def running_sandbox(folder: Path | None = None) -> Iterator[Sandbox]:
    """A sandbox with its books in ``folder`` (default: a temporary one)."""
    with tempfile.TemporaryDirectory(prefix="sandbox-") as made:
        running = Sandbox(folder or Path(made))
        running.start(port=0, smtp_port=0)
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server that webhooks can go to."""
    with Receiver() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests of a module."""
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox_client(sandbox: Sandbox) -> SandboxClient:
    """A client of the control API, with every book empty."""
    client = SandboxClient(sandbox.url)
    client.reset()
    return client
