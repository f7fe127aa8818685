from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.tests import tagged

from odoo.addons.connection_base.exceptions import AuthError, TemporaryError

from ..exceptions import PeriodLockedError, PlanLimitError, ScopeError
from .common import FakeMoneybird, MatchingCommon


@tagged("post_install", "-at_install")
class TestForward(MatchingCommon):
    """Payments to Moneybird: looked up first, posted once, refused in words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moneybird = cls._create_moneybird()
        cls.item = cls._create_item(cls.moneybird)

    def _fetch_for_item(self, external_id="C1.G", amount="121.00"):
        return self._fetch(
            self._make_facts(
                external_id, amount, provider="ccv", order_reference="2026-0042"
            ),
            connection=self.ccv,
        )

    def test_payment_is_posted_with_the_fields_that_moneybird_needs(self):
        """C7, C11: date, amount, transaction identifier and ledger account."""
        account = (
            self.env["matching.ledger.account"]
            .sudo()
            .create(
                {"connection_id": self.moneybird.id, "external_id": "55", "name": "CCV"}
            )
        )
        self.ccv.clearing_ids.ledger_account_id = account
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch_for_item()
        self.assertEqual(receipt.reason_code, "forwarding")
        self.assertEqual(client.posts, 0, "nothing leaves before the job runs")
        self._forward()
        payment = client.invoices["777"]["payments"][0]
        self.assertEqual(payment["payment_date"], str(receipt.date))
        self.assertEqual(payment["price"], "121.00")
        self.assertEqual(payment["transaction_identifier"], "C1.G")
        self.assertEqual(payment["ledger_account_id"], "55")
        self.assertEqual(receipt.state, "matched")
        self.assertFalse(self.item.is_open)
        self.assertFalse(receipt.statement_line_id, "one euro, one ledger")

    def test_collision_after_posting_is_looked_up_and_not_posted_again(self):
        """C8: a sync that changes the item at the same moment costs no euro."""
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch_for_item()
        booking = type(self.env["matching.booking"])
        original = booking._succeed
        collisions = iter([SerializationFailure("concurrent update")])

        def collide_once(record, payment):
            for failure in collisions:
                raise failure
            return original(record, payment)

        with patch.object(booking, "_succeed", collide_once):
            self._forward()
            self.assertNotEqual(receipt.booking_ids.state, "done")
            self._forward()
        self.assertEqual(client.posts, 1)
        self.assertEqual(receipt.booking_ids.state, "done")
        self.assertEqual(receipt.state, "matched")

    def test_second_run_posts_nothing(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch_for_item()
        self._forward()
        self._forward()
        self._fetch_for_item()
        self._forward()
        self.assertEqual(client.posts, 1)
        self.assertEqual(len(receipt.booking_ids), 1)

    def test_payment_that_is_there_already_is_adopted(self):
        """C8: extra duplicate check on the transaction id."""
        invoice = FakeMoneybird.invoice(
            payments=[{"id": "1", "price": "121.0", "transaction_identifier": "C1.G"}],
            total_unpaid="0.0",
            state="paid",
        )
        client = self._patch_client(FakeMoneybird(invoice))
        receipt = self._fetch_for_item()
        self._forward()
        self.assertEqual(client.posts, 0)
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(receipt.booking_ids.remote_ref, "1")

    def test_lost_answer_is_looked_up_and_not_repeated(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        client.lose_answers = 1
        receipt = self._fetch_for_item()
        self._forward()
        self.assertEqual(receipt.booking_ids.state, "unknown")
        self.assertEqual(receipt.state, "open")
        self.assertIn("lost", receipt.reason)
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(client.posts, 1)
        self.assertEqual(len(client.invoices["777"]["payments"]), 1)

    def test_lost_answer_waits_before_it_is_asked_for(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        client.lose_answers = 1
        receipt = self._fetch_for_item()
        self._forward()
        self.assertGreater(receipt.booking_ids.date_next_try, fields.Datetime.now())

    def test_answer_lost_for_a_week_is_looked_for_and_never_given_up(self):
        """C8: neither refused in silence, nor posted again without a person."""
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch_for_item()
        booking = receipt.booking_ids
        long_ago = fields.Datetime.now() - timedelta(days=8)
        booking.write({"state": "unknown", "date_first_try": long_ago})
        self._forward()
        self.assertEqual((booking.state, booking.is_live), ("unknown", True))
        self.assertEqual(client.posts, 0)
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "result_unknown_long")
        )
        self.assertTrue(booking.date_next_try, "it is looked for again")
        receipt._match()
        self.assertEqual(len(receipt.booking_ids), 1, "its money is not given away")
        client.create_payment("sales_invoice", "777", booking._to_payment())
        self._forward()
        self.assertEqual((receipt.state, client.posts), ("matched", 1))

    def test_person_may_have_a_payment_posted_again_that_stayed_lost(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch_for_item()
        long_ago = fields.Datetime.now() - timedelta(days=8)
        receipt.booking_ids.write({"state": "unknown", "date_first_try": long_ago})
        self._forward()
        receipt.with_user(self.office).action_process()
        self._forward()
        self.assertEqual((receipt.state, client.posts), ("matched", 1))

    def test_days_of_waiting_do_not_count_as_a_lost_answer(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        client.error = TemporaryError("less often", retry_after=200)
        receipt = self._fetch_for_item()
        self._forward()
        self.assertFalse(receipt.booking_ids.date_first_try)

    def test_worker_that_died_while_sending_is_looked_up(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch_for_item()
        client.create_payment("sales_invoice", "777", receipt.booking_ids._to_payment())
        receipt.booking_ids.state = "sending"
        self._forward()
        self.assertEqual(client.posts, 1)
        self.assertEqual(receipt.state, "matched")

    def test_less_open_than_paid_is_refused_in_words(self):
        invoice = FakeMoneybird.invoice(total_unpaid="21.0")
        client = self._patch_client(FakeMoneybird(invoice))
        receipt = self._fetch_for_item()
        self._forward()
        self.assertEqual(client.posts, 0)
        self.assertEqual((receipt.state, receipt.reason_code), ("error", "item_paid"))
        self.assertIn("21.0", receipt.reason)

    def test_each_refusal_of_moneybird_is_told_in_words(self):
        """C9: the reason is shown."""
        cases = {
            "scope_missing": ScopeError("x", status=401, code="No access to bank"),
            "plan_limit": PlanLimitError("x", status=402, code="limit"),
            "period_locked": PeriodLockedError("x", status=422, code="period"),
        }
        for number, (code, error) in enumerate(cases.items()):
            with self.subTest(code=code):
                client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
                client.error = error
                receipt = self._fetch_for_item(f"C{number}.G")
                self._forward()
                self.assertEqual((receipt.state, receipt.reason_code), ("error", code))
                self.assertNotIn("?", receipt.reason)

    def test_refused_receipt_can_be_processed_again(self):
        """C9: "process" tries again after the cause is gone."""
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        client.error = PeriodLockedError("x", status=422, code="period")
        receipt = self._fetch_for_item()
        self._forward()
        client.error = None
        receipt.with_user(self.office).action_process()
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(
            receipt.booking_ids.sorted("id").mapped("state"), ["failed", "done"]
        )

    def test_rate_limit_waits_as_long_as_asked(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        client.error = TemporaryError("less often", retry_after=200)
        receipt = self._fetch_for_item()
        self._forward()
        booking = receipt.booking_ids
        self.assertEqual(booking.state, "todo")
        pause = (booking.date_next_try - fields.Datetime.now()).total_seconds()
        self.assertAlmostEqual(pause, 200, delta=10)
        client.error = None
        self._forward()
        self.assertEqual(receipt.state, "matched")

    def test_refused_credentials_turn_the_light_red_and_lose_nothing(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        client.error = AuthError("no")
        receipt = self._fetch_for_item()
        self._forward()
        self.assertEqual(self.moneybird.state, "error")
        client.error = None
        self._forward()
        self.assertEqual(receipt.state, "matched")

    def test_disconnecting_cancels_what_was_not_sent(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch_for_item()
        self.moneybird._disconnect()
        self._forward()
        self.assertEqual(client.posts, 0)
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "disconnected")
        )

    def test_undo_takes_the_payment_back_and_keeps_the_history(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch_for_item()
        self._forward()
        receipt.with_user(self.office).action_undo()
        self.assertEqual(client.invoices["777"]["payments"], [])
        self.assertTrue(self.item.is_open)
        self.assertEqual(receipt.booking_ids.state, "undone")
        self.assertEqual(receipt.state, "open")

    def test_item_on_its_way_is_not_given_to_a_second_receipt(self):
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        self._fetch_for_item("C1.G")
        second = self._fetch_for_item("C2.G")
        self.assertEqual(second.state, "error")
        self._forward()
        self.assertEqual(client.posts, 1)

    def test_source_that_books_in_odoo_only_leaves_moneybird_alone(self):
        self.ccv.matching_ledger = "odoo"
        receipt = self._fetch_for_item()
        self.assertEqual(receipt.reason_code, "no_open_item")
