"""How many codes may be asked for."""

from odoo.tests import tagged
from odoo.tools import SQL

from .common import PortalOtpCommon


@tagged("post_install", "-at_install")
class TestLimits(PortalOtpCommon):
    def setUp(self):
        super().setUp()
        self.params = self.env["ir.config_parameter"].sudo()

    def _shift_requests(self, hours):
        self.env.cr.execute(
            SQL(
                """UPDATE portal_sign_in_request
                      SET date = date - %s * interval '1 hour'""",
                hours,
            )
        )
        self.env["portal.sign.in.request"].invalidate_model()

    def test_five_codes_an_hour_for_a_mailbox(self):
        for _number in range(5):
            self.assertFalse(self._asked().reason)
        self.assertEqual(self._asked().reason, "mailbox")
        self.assertFalse(self._asked(email="other@member.example").reason)

    def test_limit_is_the_same_for_unknown_addresses(self):
        for _number in range(5):
            self.assertFalse(self._asked(email="nobody@nowhere.example").reason)
        self.assertEqual(self._asked(email="nobody@nowhere.example").reason, "mailbox")

    def test_ten_codes_a_day_for_a_mailbox(self):
        for _hour in range(2):
            for _number in range(5):
                self.assertFalse(self._asked().reason)
            self._shift_requests(1.1)
        asked = self._asked()
        self.assertEqual((asked.reason, asked.wait_minutes), ("mailbox", 1440))
        self._shift_requests(23)
        self.assertFalse(self._asked().reason)

    def test_known_device_has_its_own_allowance(self):
        for _number in range(5):
            self._ask(ip="198.51.100.9")
        self.assertEqual(self._asked().reason, "mailbox")
        self.assertFalse(self._asked(is_known_device=True).reason)

    def test_network_limit_counts_over_mailboxes(self):
        self.params.set_param("customer_portal_otp.network_hour", "3")
        for number in range(3):
            self.assertFalse(self._asked(email=f"m{number}@member.example").reason)
        self.assertEqual(self._asked(email="m9@member.example").reason, "network")
        self.assertFalse(self._asked(ip="198.51.100.7").reason)

    def test_neighbours_in_one_ipv6_network_count_together(self):
        self.params.set_param("customer_portal_otp.network_hour", "1")
        self._ask(ip="2001:db8::1")
        asked = self._asked(email="x@member.example", ip="2001:db8::2")
        self.assertEqual(asked.reason, "network")

    def test_database_limit_is_logged(self):
        self.params.set_param("customer_portal_otp.database_hour", "1")
        self._ask()
        with self.assertLogs("odoo.addons.customer_portal_otp", "WARNING"):
            asked = self._asked(email="x@member.example", ip="198.51.100.7")
        self.assertEqual(asked.reason, "database")

    def _get_alarms(self):
        kind = self.env.ref("customer_portal_otp.mail_activity_type_alarm")
        return self.env["mail.activity"].search([("activity_type_id", "=", kind.id)])

    def test_brake_for_all_raises_one_alarm_for_an_administrator(self):
        """Global brake with alarm: a person is told, once until it is done."""
        self.params.set_param("customer_portal_otp.database_hour", "1")
        self._ask()
        for number in range(2):
            with self.assertLogs("odoo.addons.customer_portal_otp", "WARNING"):
                self._asked(email=f"m{number}@member.example", ip="198.51.100.7")
        self.env.invalidate_all()
        alarm = self._get_alarms()
        self.assertEqual(len(alarm), 1)
        self.assertTrue(alarm.user_id.has_group("base.group_system"))
        self.assertEqual(alarm.res_id, self.company.partner_id.id)

    def test_brake_on_wrong_codes_raises_an_alarm(self):
        self.params.set_param("customer_portal_otp.wrong_day", "1")
        token = self._ask()
        code = self._read_code(token)
        self._prove(token, self._make_wrong(code))
        with self.assertLogs("odoo.addons.customer_portal_otp", "WARNING"):
            self._prove(token, code)
        self.env.invalidate_all()
        self.assertIn("guessing", self._get_alarms().note)

    def test_refused_request_makes_no_code(self):
        self.params.set_param("customer_portal_otp.mailbox_hour", "1")
        self._ask()
        self.assertFalse(self._asked().token)
        self.assertEqual(self.challenges.search_count([]), 1)

    def test_nonsense_in_a_parameter_falls_back_to_the_default(self):
        self.params.set_param("customer_portal_otp.mailbox_hour", "many")
        limits = self.env["portal.sign.in.request"]._get_limits()
        self.assertEqual(limits.mailbox_hour, 5)

    def test_captcha_is_due_from_the_third_code(self):
        requests = self.env["portal.sign.in.request"]
        for due in (False, False, True):
            self.assertEqual(requests._needs_captcha("192.0.2.1"), due)
            self._ask()

    def test_counters_hold_no_address_and_are_swept(self):
        self._ask()
        self.env.cr.execute("SELECT * FROM portal_sign_in_request")
        row = str(self.env.cr.fetchall())
        self.assertNotIn("mia", row)
        self.assertNotIn("192.0.2.1", row)
        self._shift_requests(25)
        self.env["portal.sign.in.request"]._gc_requests()
        self.assertFalse(self.env["portal.sign.in.request"].search_count([]))
