"""Who may read and write what."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import PortalOtpCommon

MODELS = (
    "portal.member.event",
    "portal.sign.in.challenge",
    "portal.sign.in.request",
)
SECRETS = ("nonce", "code_hash", "browser_hash", "sealed_code")


@tagged("post_install", "-at_install")
class TestRights(PortalOtpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = new_test_user(cls.env, "otp_staff", groups="base.group_user")
        cls.system = new_test_user(cls.env, "otp_system", groups="base.group_system")
        cls.portal = cls._create_portal_user(cls.member)
        cls.event = cls.env["portal.member.event"]._record("sign_in", cls.member)

    def _can(self, user, model, operation):
        return self.env[model].with_user(user).has_access(operation)

    def test_staff_reads_the_activity(self):
        event = self.event.with_user(self.staff)
        self.assertEqual(event.kind, "sign_in")
        self.assertEqual(self.member.with_user(self.staff).member_event_count, 1)

    def test_staff_changes_the_activity_no_rights(self):
        for operation in ("write", "create", "unlink"):
            for user in (self.staff, self.system):
                self.assertFalse(self._can(user, "portal.member.event", operation))

    def test_staff_of_another_company_reads_the_activity_no_rights(self):
        company = self.env["res.company"].create({"name": "Other Club"})
        self.staff.write({"company_ids": [(6, 0, company.ids)], "company_id": company})
        with self.assertRaises(AccessError):
            self.event.with_user(self.staff).read(["kind"])

    def test_members_and_visitors_no_rights(self):
        for user in (self.portal, self.env.ref("base.public_user")):
            for model in MODELS:
                for operation in ("read", "write", "create", "unlink"):
                    with self.subTest(user=user.login, model=model, op=operation):
                        self.assertFalse(self._can(user, model, operation))

    def test_staff_reads_codes_no_rights(self):
        for model in MODELS[1:]:
            self.assertFalse(self._can(self.staff, model, "read"))

    def test_administrator_sees_codes_without_their_secrets(self):
        challenge = self.challenges._find(self._ask()).with_user(self.system)
        self.assertEqual(challenge.email, "mia@member.example")
        for name in SECRETS:
            with self.assertRaises(AccessError):
                challenge.read([name])

    def test_administrator_changes_codes_no_rights(self):
        for model in MODELS[1:]:
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self._can(self.system, model, operation))

    def test_administrator_of_another_company_sees_codes_no_rights(self):
        challenge = self.challenges._find(self._ask())
        company = self.env["res.company"].create({"name": "Other Club"})
        self.system.write({"company_ids": [(6, 0, company.ids)], "company_id": company})
        for model in MODELS[1:]:
            found = self.env[model].with_user(self.system).search([])
            self.assertFalse(found & challenge if model == challenge._name else found)

    def test_staff_opens_the_list_from_the_contact(self):
        action = self.member.with_user(self.staff).action_view_member_events()
        found = self.env[action["res_model"]].with_user(self.staff)
        self.assertEqual(found.search(action["domain"]), self.event)

    def test_nothing_of_ours_is_callable_from_outside(self):
        """Only `action_*` is public; the rest starts with an underscore."""
        for model in MODELS:
            own = {
                name
                for cls in type(self.env[model]).__mro__
                if cls.__module__.startswith("odoo.addons.customer_portal_otp")
                for name, value in vars(cls).items()
                if callable(value) and not name.startswith("_")
            }
            self.assertFalse(own, model)
