"""Whose subscriptions a member sees, and that seeing is not changing."""

from odoo import fields, http
from odoo.tests import tagged

from .common import MemberSubscriptionCommon


@tagged("post_install", "-at_install")
class TestSeen(MemberSubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        cls.customer.parent_id = firm
        cls.ann = cls._create_user("Ann", parent_id=firm.id)
        cls.guardian = cls._create_user("Guardian")
        today = fields.Date.to_string(fields.Date.today())
        cls.plan.write({"is_self_pause": True, "is_self_cancel": True})
        cls.subscription = cls._create_subscription(today)

    @classmethod
    def _create_user(cls, name, **values):
        email = f"{name.lower()}@seen.example"
        partner = cls.env["res.partner"].create(
            {"name": name, "email": email, **values}
        )
        return cls._create_user_of(partner)

    def _is_seen(self, user):
        self._sign_in(user)
        path = f"/my/subscriptions/{self.subscription.id}"
        is_open = self.url_open(path).status_code == 200
        is_listed = self.subscription.name in self.url_open("/my/subscriptions").text
        self.assertEqual(is_open, is_listed)
        return is_open

    def test_nobody_sees_a_colleague_or_a_stranger_by_default(self):
        self.assertFalse(self._is_seen(self.ann))
        self.assertFalse(self._is_seen(self.guardian))

    def test_payer_sees_whom_he_pays_for_until_he_does_not(self):
        self.customer.portal_payer_id = self.guardian.partner_id
        self.assertTrue(self._is_seen(self.guardian))
        home = self.url_open("/my").text
        self.assertIn(self.plan.name, home)
        # Nothing is promised that only the member himself can do.
        self.assertNotIn("Pause, change or cancel", home)
        self.assertIn("Look at them", home)
        for path in ("", f"/{self.subscription.id}"):
            # Whose it is stands beside it.
            page = self.url_open(f"/my/subscriptions{path}").text
            self.assertIn(self.customer.name, page)
        self.customer.portal_payer_id = False
        self.assertFalse(self._is_seen(self.guardian))

    def test_colleagues_see_each_other_where_the_organisation_says_so(self):
        self.company.portal_subscription_scope = "company"
        self.assertTrue(self._is_seen(self.ann))
        self.assertFalse(self._is_seen(self.guardian))
        self.company.portal_subscription_scope = "own"
        self.assertFalse(self._is_seen(self.ann))

    def test_who_only_sees_it_changes_nothing(self):
        self.customer.portal_payer_id = self.guardian.partner_id
        self._sign_in(self.guardian)
        path = f"/my/subscriptions/{self.subscription.id}"
        page = self.url_open(path).text
        for name in ("cancel", "pause", "method"):
            self.assertNotIn(f'href="{path}/{name}"', page)
            self.assertTrue(self.url_open(f"{path}/{name}").url.endswith(path))
        day = fields.Date.to_string(self.subscription._get_cancel_dates()[0])
        reason = self.env.ref("subscription_connector.close_reason_price")
        data = {
            "csrf_token": http.Request.csrf_token(self),
            "date": day,
            "reason_id": reason.id,
        }
        self.url_open(f"{path}/cancel", data=data)
        self.url_open(f"{path}/method/new", data={"csrf_token": data["csrf_token"]})
        self.env.invalidate_all()
        self.assertFalse(self.subscription.date_cancel)
        self.assertFalse(self.subscription.invitation_ids)

    def test_member_still_changes_his_own(self):
        member = self._create_user("Mieke")
        self.subscription.partner_id.user_ids.unlink()
        member.partner_id.parent_id = False
        self.customer.parent_id = member.partner_id
        self._sign_in(member)
        path = f"/my/subscriptions/{self.subscription.id}"
        self.assertIn(f'href="{path}/cancel"', self.url_open(path).text)
