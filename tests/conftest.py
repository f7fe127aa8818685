"""Fixtures of the whole-product tests."""

import os

import pytest

from tests.sandbox.testing import receiver, sandbox, sandbox_client

__all__ = ["receiver", "running_product", "sandbox", "sandbox_client"]


@pytest.fixture(scope="session")
def running_product():
    """Return (Odoo's address, the sandbox's address, the database).

    ``PRODUCT_URL``, ``PRODUCT_SANDBOX_URL`` and ``PRODUCT_DB`` name a product that
    runs already; without them one is started on a fresh demo club.
    """
    names = ("PRODUCT_URL", "PRODUCT_SANDBOX_URL", "PRODUCT_DB")
    if names[0] in os.environ:
        yield tuple(os.environ[name].rstrip("/") for name in names)
        return
    from setup.lib import prepare, product
    from setup.lib.processes import Processes

    with Processes() as processes:
        with prepare.databases():
            started = product.start(processes, None, "product", fresh=True)
        yield started.odoo_url, started.sandbox_url, started.database
