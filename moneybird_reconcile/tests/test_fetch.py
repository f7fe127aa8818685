from datetime import datetime, timezone
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.connection_base.exceptions import RejectedError, TemporaryError

from ..clients.mollie import parse_payment
from ..exceptions import BookingError
from .common import MatchingCommon


class FakeMollie:
    """A Mollie whose payments are in memory."""

    def __init__(self, *rows):
        self.rows = list(rows)
        self.since = None
        self.down = False

    @staticmethod
    def payment(payment_id="tr_1", status="paid", value="15.00", **values):
        """A payment as the API gives it."""
        return {
            "id": payment_id,
            "status": status,
            "amount": {"currency": "EUR", "value": value},
            "createdAt": "2026-11-20T10:00:00+00:00",
            "method": "directdebit",
            **values,
        }

    def iter_all(self, created_after):
        """All payments in one page."""
        self.since = created_after
        if self.down:
            raise TemporaryError("Mollie cannot be reached.")
        yield self.rows

    def get_payment(self, payment_id):
        """One payment."""
        if self.down:
            raise TemporaryError("Mollie cannot be reached.")
        return parse_payment(next(row for row in self.rows if row["id"] == payment_id))


@tagged("post_install", "-at_install")
class TestFetch(MatchingCommon):
    """From the service to the right tab."""

    def _sync(self, connection=None):
        (connection or self.mollie)._sync_now()

    def _receipts(self):
        return self.env["matching.receipt"].sudo().search([])

    def test_sync_fetches_matches_and_says_how_many(self):
        """C4: what a run brings is imported, matched and counted."""
        invoice = self._create_invoice(15.0)
        self._patch_client(
            FakeMollie(
                FakeMollie.payment("tr_1", description=invoice.name),
                FakeMollie.payment("tr_2", description="nothing", value="3.33"),
            )
        )
        self._sync()
        states = {receipt.external_id: receipt.state for receipt in self._receipts()}
        self.assertEqual(states, {"tr_1": "matched", "tr_2": "error"})
        run = self.mollie.run_ids[:1]
        self.assertEqual(run.state, "done")
        self.assertEqual(run.counts, {"imported": 2, "matched": 1})
        self._sync()
        self.assertEqual(len(self._receipts()), 2)

    def test_sync_is_due_at_least_every_hour(self):
        """C4: at least once per hour."""
        self.assertLessEqual(self.mollie.sync_minutes, 60)
        self.assertLessEqual(self.ccv.sync_minutes, 60)

    def test_next_sync_begins_before_the_last_one_ended(self):
        client = self._patch_client(FakeMollie())
        self._sync()
        self.assertEqual(client.since.date(), self.mollie.matching_date_from)
        self._sync()
        age = datetime.now(timezone.utc) - client.since
        self.assertAlmostEqual(age.total_seconds() / 86400, 2, places=1)

    def test_unpaid_waits_in_open_until_it_is_paid_days_later(self):
        """C5, C6: looked at again at night; booked when it is paid at last."""
        invoice = self._create_invoice(15.0)
        client = self._patch_client(
            FakeMollie(FakeMollie.payment(status="pending", description=invoice.name))
        )
        self._sync()
        receipt = self._receipts()
        self.assertEqual(receipt.state, "waiting")
        self.assertIn("pending", receipt.reason)
        self.assertFalse(receipt.booking_ids)
        self._run_nightly()
        self.assertEqual(receipt.state, "waiting")
        client.rows[0].update(status="paid", paidAt="2026-11-24T08:00:00+00:00")
        receipt.date_checked = False
        self._run_nightly()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(str(receipt.date), "2026-11-24")
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_payment_the_service_refuses_to_show_stops_only_itself(self):
        client = self._patch_client(
            FakeMollie(
                FakeMollie.payment("tr_1", status="open"),
                FakeMollie.payment("tr_2", status="open"),
            )
        )
        self._sync()
        receipts = self._receipts().sorted("external_id")
        show = client.get_payment

        def refuse_first(payment_id):
            if payment_id == "tr_1":
                raise RejectedError("Not found.", status=404)
            return show(payment_id)

        client.rows[1]["status"] = "paid"
        client.get_payment = refuse_first
        receipts.sudo()._refresh_from_source()
        self.assertEqual(receipts.mapped("state"), ["error", "open"])
        self.assertEqual(self.mollie.state, "connected")
        self.assertEqual(self.mollie.failure_count, 0)

    def _run_nightly(self):
        with self.enter_registry_test_mode():
            self.env.ref("moneybird_reconcile.ir_cron_nightly").method_direct_trigger()
        self.env.invalidate_all()

    def test_receipt_that_breaks_does_not_stop_the_night(self):
        self._patch_client(
            FakeMollie(
                FakeMollie.payment("tr_1", value="1.11"),
                FakeMollie.payment("tr_2", value="2.22"),
            )
        )
        self._sync()
        self._receipts().date_checked = False
        model = type(self.env["matching.receipt"])
        original = model._match

        def break_one(receipts):
            if "tr_1" in receipts.mapped("external_id"):
                raise ZeroDivisionError
            return original(receipts)

        with (
            patch.object(model, "_match", break_one),
            mute_logger("odoo.addons.moneybird_reconcile.models.matching_receipt"),
        ):
            self._run_nightly()
        self.assertTrue(all(self._receipts().mapped("date_checked")))

    def test_connection_that_brought_payments_is_not_deleted(self):
        self._fetch(self._make_facts())
        self.mollie.state = "disconnected"
        with self.assertRaisesRegex(UserError, "Archive"):
            self.mollie.unlink()

    def test_unpaid_that_fails_is_left_out(self):
        client = self._patch_client(FakeMollie(FakeMollie.payment(status="open")))
        self._sync()
        client.rows[0]["status"] = "expired"
        self._sync()
        receipt = self._receipts()
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("ignored", "never_paid")
        )

    def test_payment_that_never_came_makes_no_receipt(self):
        self._patch_client(FakeMollie(FakeMollie.payment(status="canceled")))
        self._sync()
        self.assertFalse(self._receipts())

    def test_error_is_matched_the_night_after_its_invoice_came(self):
        """C7: errors are retried each night; found later = booked later."""
        self._patch_client(FakeMollie(FakeMollie.payment(description="RF-later S0099")))
        self._sync()
        receipt = self._receipts()
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "no_open_item")
        )
        invoice = self._create_invoice(15.0, invoice_origin="S0099")
        receipt.order_reference = "S0099"
        receipt.date_checked = False
        self._run_nightly()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(invoice.payment_state, "paid")

    def test_unknown_status_is_shown_and_never_booked(self):
        invoice = self._create_invoice(15.0)
        self._patch_client(
            FakeMollie(FakeMollie.payment(status="dancing", description=invoice.name))
        )
        self._sync()
        receipt = self._receipts()
        self.assertEqual(receipt.state, "error")
        self.assertIn("dancing", receipt.reason)
        receipt.action_process()
        self.assertEqual(receipt.state, "error")
        self.assertFalse(receipt.booking_ids)

    def test_unknown_currency_is_shown(self):
        row = FakeMollie.payment()
        row["amount"]["currency"] = "XTS"
        self._patch_client(FakeMollie(row))
        self._sync()
        self.assertEqual(self._receipts().reason_code, "currency_unknown")
        self.assertIn("XTS", self._receipts().reason)

    def test_unreadable_payment_is_a_failure_of_the_run_and_not_its_end(self):
        bad = FakeMollie.payment("tr_bad", value="a lot")
        self._patch_client(FakeMollie(bad, FakeMollie.payment("tr_good")))
        self._sync()
        self.assertEqual(self._receipts().external_id, "tr_good")
        run = self.mollie.run_ids[:1]
        self.assertEqual(run.state, "failures")
        self.assertIn("a lot", run.failure_ids.message)

    def test_status_that_changes_after_booking_calls_a_person(self):
        invoice = self._create_invoice(15.0)
        client = self._patch_client(
            FakeMollie(FakeMollie.payment(description=invoice.name))
        )
        self._sync()
        client.rows[0]["status"] = "failed"
        self._sync()
        receipt = self._receipts()
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "changed_after")
        )
        self.assertEqual(receipt.amount_left, 0.0)
        receipt.with_user(self.office).action_process()
        self.assertEqual(len(receipt.booking_ids), 1)

    def test_service_that_is_down_leaves_receipts_as_they_are(self):
        client = self._patch_client(FakeMollie(FakeMollie.payment(status="open")))
        self._sync()
        client.down = True
        self._receipts().action_process()
        self.assertEqual(self._receipts().state, "waiting")

    def test_day_of_payment_is_the_day_in_the_organisations_time_zone(self):
        self.company.partner_id.tz = "Europe/Amsterdam"
        self._patch_client(
            FakeMollie(FakeMollie.payment(paidAt="2026-11-30T23:30:00+00:00"))
        )
        self._sync()
        self.assertEqual(str(self._receipts().date), "2026-12-01")

    def test_two_accounts_of_one_service_work_side_by_side(self):
        """C12: any number of CCV accounts, each with its own clearing journal."""
        second = self._create_source("ccv", name="CCV shop 2")
        one, two = self._create_invoice(15.0), self._create_invoice(16.0)
        self._fetch(
            self._make_facts("C1.G", provider="ccv", description=one.name),
            connection=self.ccv,
        )
        self._fetch(
            self._make_facts("C2.G", "16.00", provider="ccv", description=two.name),
            connection=second,
        )
        journals = self._receipts().journal_id
        self.assertEqual(len(journals), 2)
        self.assertEqual(set(self._receipts().mapped("state")), {"matched"})

    def test_connecting_makes_one_clearing_journal(self):
        journal = self.ccv._get_clearing("card").journal_id
        self.assertEqual(journal.type, "bank")
        self.assertTrue(journal.default_account_id)
        self.ccv._ensure_clearing()
        self.assertEqual(len(self.ccv.clearing_ids), 1)

    def test_failing_bite_is_repeated_one_by_one(self):
        good, bad = self._create_invoice(15.0), self._create_invoice(16.0)
        model = type(self.env["matching.receipt"])
        original = model._check_bookable

        def refuse_one(receipt):
            if receipt.external_id == "tr_bad":
                raise BookingError("period_closed", date="2026-11-20")
            return original(receipt)

        with patch.object(model, "_check_bookable", refuse_one):
            receipts = self._fetch(
                self._make_facts("tr_bad", "16.00", description=bad.name),
                self._make_facts("tr_good", description=good.name),
            )
        states = {receipt.external_id: receipt.state for receipt in receipts}
        self.assertEqual(states, {"tr_bad": "error", "tr_good": "matched"})
        self.assertEqual(good.payment_state, "paid")
        self.assertEqual(bad.payment_state, "not_paid")
