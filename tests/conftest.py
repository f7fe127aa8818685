"""Fixtures of the whole-product tests."""

from tests.sandbox.testing import receiver, sandbox, sandbox_client

__all__ = ["receiver", "sandbox", "sandbox_client"]
