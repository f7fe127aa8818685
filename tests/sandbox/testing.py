"""Fixtures: a sandbox on free ports inside the test's own process.

In a test module: ``from tests.sandbox.testing import sandbox, sandbox_client``.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .app import Sandbox
from .client import SandboxClient


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
