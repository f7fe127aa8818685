"""Base of the tests that need the fake services."""

from unittest.mock import patch

from odoo.addons.connection_base.clients import transport

from .common import ConnectionCommon
from .fake import FakeProviderMixin
from .local_server import Answer, LocalServer

ME = {"id": "org-7", "name": "Club 7"}


class FakeCommon(FakeProviderMixin, ConnectionCommon):
    """Fake services, a real server on loopback, and connections to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_providers()
        cls.server = LocalServer()
        cls.addClassCleanup(cls.server.stop)
        cls.startClassPatcher(patch.object(transport, "BACKOFF", 0))

    def setUp(self):
        super().setUp()
        self.server.script(Answer(body=ME))

    @classmethod
    def _create_local(cls, provider="fake", **values):
        """Return a connection whose calls go to the local server."""
        values = {"environment": "test", "test_base_url": cls.server.url, **values}
        return cls._create_connection(provider, **values)

    def _run_cron(self, name):
        """Run a cron of this addon the way the scheduler does."""
        cron = self.env.ref(f"connection_base.{name}")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
