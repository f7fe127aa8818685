"""Builders for tests of connections; the addons of the services use them too."""

import os
from unittest.mock import patch
from urllib.parse import urlsplit

import requests
from cryptography.fernet import Fernet

from odoo.tests import TransactionCase, new_test_user

from odoo.addons.connection_base.engine.hosts import is_loopback
from odoo.addons.connection_base.engine.vault import FILE_VARIABLE, KEY_VARIABLE

SEND = requests.Session.send
TEST_KEY = Fernet.generate_key().decode()


class ConnectionMixin:
    """Gives a test class an encryption key and builders for connections."""

    @classmethod
    def _set_up_connections(cls):
        """Call in `setUpClass`."""
        environ = {KEY_VARIABLE: TEST_KEY, FILE_VARIABLE: ""}
        cls.startClassPatcher(patch.dict(os.environ, environ))

    @classmethod
    def _request_handler(cls, session, request, /, **kwargs):
        """Override of `odoo.tests` to let calls to this machine keep their time-outs.

        Odoo compares the time-out with a number; ours has two, to connect and to read.
        """
        if is_loopback(urlsplit(request.url).hostname or ""):
            return SEND(session, request, **kwargs)
        kwargs["timeout"] = None
        return super()._request_handler(session, request, **kwargs)

    @classmethod
    def _create_connection(
        cls, provider, credentials=None, state="connected", **values
    ):
        """Return a connection as it is after connecting, without calling anything.

        :param credentials: plain values; default is an API key
        """
        values.setdefault("company_id", cls.env.company.id)
        values.setdefault("responsible_id", cls.env.user.id)
        connection = cls.env["service.connection"].create(
            {"provider": provider, **values}
        )
        if state != "disconnected":
            connection._set_credentials(credentials or {"api_key": "key-for-tests-1"})
        connection.sudo().write({"state": state})
        return connection

    @classmethod
    def _create_office_user(cls, login="connection_office", groups=None):
        """Return a user who may see cards and runs, and nothing more of them."""
        return new_test_user(
            cls.env, login, groups or "connection_base.group_connection_user"
        )


class ConnectionCommon(ConnectionMixin, TransactionCase):
    """Base of the model tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_connections()
