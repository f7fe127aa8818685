"""Uninstalling is refused with words while something would be lost."""

from unittest.mock import patch

from odoo.exceptions import UserError

from .fake_common import FakeCommon


class TestUninstall(FakeCommon):
    def setUp(self):
        super().setUp()
        self.env["service.connection"].search([])._disconnect()
        self.module = self.env.ref("base.module_connection_base")

    def test_a_connected_service_is_a_reason_to_refuse(self):
        self._create_local(name="Our bank")
        for method in ("button_uninstall", "button_immediate_uninstall"):
            with self.assertRaisesRegex(UserError, "Our bank"):
                getattr(self.module, method)()
        with self.assertRaisesRegex(UserError, "Our bank"):
            self.module.module_uninstall()
        self.assertEqual(self.module.state, "installed")

    def test_with_nothing_connected_there_is_no_reason(self):
        self._create_local(state="disconnected")
        self.assertEqual(self.module._uninstall_blockers(), [])

    def test_addons_that_go_along_are_asked_too(self):
        model = type(self.env["ir.module.module"])
        web = self.env.ref("base.module_web")
        asked = []

        def blockers(self):
            asked.extend(self.mapped("name"))
            return ["There are letters."]

        with (
            patch.object(model, "_uninstall_blockers", blockers),
            self.assertRaisesRegex(UserError, "There are letters"),
        ):
            web.button_uninstall()
        self.assertIn("connection_base", asked)

    def test_other_addons_are_none_of_our_business(self):
        self._create_local()
        self.assertEqual(self.env.ref("base.module_base")._uninstall_blockers(), [])
