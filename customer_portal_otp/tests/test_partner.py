"""Who is behind a mailbox, and how a customer gets a user."""

from odoo.exceptions import AccessDenied
from odoo.tests import tagged

from .common import PortalOtpCommon


@tagged("post_install", "-at_install")
class TestPartner(PortalOtpCommon):
    def _find(self, email="mia@member.example", company=None):
        partners = self.env["res.partner"]
        return partners._get_sign_in_partners(email, company or self.company)

    def test_customer_without_user_gets_one_on_the_same_contact(self):
        """B1: existing customers, without programming; never a second contact."""
        count = self.env["res.partner"].search_count([])
        user = self.member._get_sign_in_user(self.company)
        self.assertEqual(user.partner_id, self.member)
        self.assertTrue(user._is_portal())
        self.assertEqual(user.login, "mia@member.example")
        self.assertEqual((self.member.name, self.member.lang), ("Mia Member", "en_US"))
        self.assertEqual(self.env["res.partner"].search_count([]), count)
        self.assertEqual(self.member._get_sign_in_user(self.company), user)

    def test_granted_access_is_told_to_staff(self):
        self.member._get_sign_in_user(self.company)
        event = self.env["portal.member.event"].search(
            [("partner_id", "=", self.member.id)]
        )
        self.assertEqual(event.kind, "access")
        self.assertIn("Portal access granted", self.member.message_ids[0].body)

    def test_no_access_for_new_users_when_switched_off(self):
        self.company.is_portal_access_by_code = False
        self.assertFalse(self._find())
        self.assertFalse(self.member._get_sign_in_user(self.company))
        user = self._create_portal_user(self.member)
        self.assertEqual(self._find(), self.member)
        self.assertEqual(self.member._get_sign_in_user(self.company), user)

    def test_unknown_address_finds_nobody_and_creates_nobody(self):
        count = self.env["res.users"].search_count([])
        self.assertFalse(self._find("nobody@nowhere.example"))
        self.assertEqual(self.env["res.users"].search_count([]), count)

    def test_revoked_access_stays_revoked(self):
        """Former member: asking for a code does not bring the access back."""
        self._create_portal_user(self.member, active=False)
        self.assertFalse(self._find())
        self.assertFalse(self.member._get_sign_in_user(self.company))

    def test_shared_address_finds_the_newest_first(self):
        """B5: the newest is preselected, and nobody is signed in unasked."""
        newer = self._create_member(name="Max Member")
        self.assertEqual(self._find(), newer | self.member)
        self.assertEqual(self._find()[0], newer)

    def test_those_who_share_get_logins_that_are_not_the_address(self):
        newer = self._create_member(name="Max Member")
        users = [p._get_sign_in_user(self.company) for p in (self.member, newer)]
        self.assertEqual(len(set(users)), 2)
        for user in users:
            self.assertNotIn("@", user.login)

    def test_taken_login_is_not_used_twice(self):
        taken = self._create_member(name="Other", email="other@member.example")
        self._create_portal_user(taken, login="mia@member.example")
        user = self.member._get_sign_in_user(self.company)
        self.assertEqual(user.login, f"member-{self.member.id}")

    def test_private_contact_is_not_offered_on_a_shared_address(self):
        """B5: each partner can forbid shared access."""
        newer = self._create_member(name="Max Member", is_sign_in_private=True)
        self.assertEqual(self._find(), self.member)
        self.member.email = "own@member.example"
        self.assertEqual(self._find(), newer)

    def test_staff_is_found_only_when_switched_on(self):
        staff = self.env["res.users"].create(
            {
                "name": "Stan Staff",
                "login": "stan",
                "email": "stan@club.example",
                "group_ids": [(6, 0, [self.env.ref("base.group_user").id])],
            }
        )
        self.assertFalse(self._find("stan@club.example"))
        self.env["ir.config_parameter"].set_param(
            "customer_portal_otp.internal_users", "True"
        )
        self.assertEqual(self._find("stan@club.example"), staff.partner_id)

    def test_companies_and_delivery_addresses_are_no_members(self):
        self._create_member(
            name="Shed",
            email="shed@member.example",
            type="delivery",
            parent_id=self.member.id,
        )
        self.assertFalse(self._find("shed@member.example"))
        self.assertFalse(self._find("info@club.example"))

    def test_contact_of_another_company_is_not_found(self):
        other = self.env["res.company"].create({"name": "Other Club"})
        self.member.company_id = other
        self.assertFalse(self._find())
        self.assertEqual(self._find(company=other), self.member)

    def _credential(self, user, token):
        return {"type": "email_otp", "login": user.login, "token": token}

    def _check(self, user, token):
        return (
            self.env["res.users"]
            .with_user(user)
            ._check_credentials(self._credential(user, token), {"interactive": True})
        )

    def _prove_new(self):
        token = self._ask()
        self._prove(token, self._read_code(token))
        return token

    def test_proven_code_is_a_credential_once_and_keeps_the_second_factor(self):
        user = self._create_portal_user(self.member)
        token = self._prove_new()
        self.assertEqual(
            self._check(user, token),
            {"uid": user.id, "auth_method": "email_otp", "mfa": "default"},
        )
        with self.assertRaises(AccessDenied):
            self._check(user, token)

    def test_proven_code_opens_no_other_user(self):
        self._create_portal_user(self.member)
        other = self._create_portal_user(
            self._create_member(name="Other", email="other@member.example")
        )
        token = self._prove_new()
        with self.assertRaises(AccessDenied):
            self._check(other, token)
        self.assertTrue(self.challenges._find(token)._is_proven())

    def test_unproven_code_is_no_credential(self):
        user = self._create_portal_user(self.member)
        for token in (self._ask(), "", None, "invented"):
            with self.assertRaises(AccessDenied):
                self._check(user, token)

    def test_internal_user_is_refused_even_with_a_proven_code(self):
        user = self._create_portal_user(self.member)
        token = self._prove_new()
        user.write({"group_ids": [(6, 0, [self.env.ref("base.group_user").id])]})
        with self.assertRaises(AccessDenied):
            self._check(user, token)

    def test_password_keeps_working(self):
        user = self._create_portal_user(self.member, password="a long password")
        info = (
            self.env["res.users"]
            .with_user(user)
            ._check_credentials(
                {
                    "type": "password",
                    "login": user.login,
                    "password": "a long password",
                },
                {"interactive": True},
            )
        )
        self.assertEqual(info["auth_method"], "password")
