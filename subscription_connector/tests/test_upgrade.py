from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.subscription_connector.hooks import merge_method_lines
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestUpgrade(SubscriptionCommon):
    """What a database from before needs."""

    def _find_lines(self):
        return self.env["account.payment.method.line"].search(
            [
                ("payment_provider_id", "=", self.provider.id),
                ("journal_id", "!=", False),
            ],
            order="id",
        )

    def _double(self):
        """Make the second line as a worker did that could not see the first."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO account_payment_method_line "
                "(name, payment_method_id, journal_id, payment_provider_id, "
                "payment_account_id) SELECT name, payment_method_id, journal_id, "
                "payment_provider_id, payment_account_id "
                "FROM account_payment_method_line WHERE id = %s",
                self._find_lines().id,
            )
        )
        self.env.invalidate_all()

    def test_the_older_of_two_unused_lines_stays(self):
        first = self._find_lines()
        self._double()
        self.assertEqual(len(self._find_lines()), 2)
        merge_method_lines(self.env)
        self.assertEqual(self._find_lines(), first)

    def test_the_line_that_payments_were_booked_through_stays(self):
        self._double()
        first, second = self._find_lines()
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 15.0,
                "payment_type": "inbound",
                "journal_id": second.journal_id.id,
                "payment_method_line_id": second.id,
            }
        )
        merge_method_lines(self.env)
        self.assertEqual(self._find_lines(), second)
        self.assertEqual(payment.payment_method_line_id, second)
        self.assertFalse(first.exists())

    def test_one_line_is_left_alone(self):
        first = self._find_lines()
        merge_method_lines(self.env)
        self.assertEqual(self._find_lines(), first)
