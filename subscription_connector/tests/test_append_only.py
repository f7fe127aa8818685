from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestAppendOnly(SubscriptionCommon):
    def test_an_event_cannot_be_changed_by_anybody(self):
        """I11: the history that figures are read from only grows."""
        event = self._create_subscription("2026-02-01").event_ids
        with self.assertRaises(UserError):
            event.sudo().note = "nothing happened"
        with self.assertRaises(UserError):
            event.sudo().mrr_after = 0.0

    def test_an_event_cannot_be_deleted_by_anybody(self):
        event = self._create_subscription("2026-02-01").event_ids
        with self.assertRaises(UserError):
            event.sudo().unlink()

    def test_a_subscription_that_started_cannot_be_deleted(self):
        subscription = self._create_subscription("2026-02-01")
        with self.assertRaises(UserError):
            subscription.unlink()

    def test_the_state_changes_by_its_buttons_only(self):
        subscription = self._create_subscription("2026-02-01")
        with self.assertRaises(UserError):
            subscription.state = "cancelled"
