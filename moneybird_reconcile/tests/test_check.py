from datetime import datetime, timedelta, timezone

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.connection_base.exceptions import TemporaryError

from ..clients.moneybird import parse_item
from .common import FakeMoneybird, MatchingCommon

YESTERDAY = datetime.now(timezone.utc) - timedelta(days=1)


class FakeSource:
    """A Mollie that tells what it was given."""

    def __init__(self):
        self.rows = []
        self.down = False

    def tell(self, external_id, amount="15.00", status="paid"):
        """One more payment, of yesterday."""
        moment = YESTERDAY.isoformat()
        self.rows.append(
            {
                "id": external_id,
                "status": status,
                "amount": {"currency": "EUR", "value": amount},
                "createdAt": moment,
                "paidAt": moment,
                "method": "ideal",
            }
        )

    def iter_all(self, created_after):
        """All in one page."""
        if self.down:
            raise TemporaryError("Mollie cannot be reached.")
        yield self.rows


@tagged("post_install", "-at_install")
class TestCheck(MatchingCommon):
    """Each night: the total at the source is the total in the books, or named."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = FakeSource()

    def setUp(self):
        super().setUp()
        self.source.rows.clear()

    def _receive(self, external_id, amount="15.00", text=None):
        return self._fetch(
            self._make_facts(
                external_id,
                amount,
                moment=YESTERDAY,
                description=text or self._create_invoice(float(amount)).name,
            )
        )

    def _check(self, connection=None, client=None):
        self._patch_client(client or self.source)
        connection = connection or self.mollie
        # The nightly job runs as the system.
        self.env["matching.check"].sudo()._check_safely(connection)
        return (
            self.env["matching.check"]
            .with_user(self.office)
            .search(
                [
                    ("connection_id", "=", connection.id),
                    ("date", "=", fields.Date.today() - timedelta(days=1)),
                ]
            )
        )

    def test_all_booked_is_equal(self):
        """C4: total at the provider = total in the books."""
        for number in range(2):
            self.source.tell(f"tr_{number}")
            self._receive(f"tr_{number}")
        check = self._check()
        self.assertEqual((check.total_there, check.total_here), (30.0, 30.0))
        self.assertEqual((check.state, len(check.line_ids)), ("equal", 0))

    def test_what_waits_for_a_person_is_explained(self):
        """C7: not found is not forwarded; it is told, with its reason."""
        self.source.tell("tr_1")
        self._receive("tr_1", text="no such thing")
        check = self._check()
        self.assertEqual((check.difference, check.state), (15.0, "explained"))
        self.assertIn("No open item fits", check.line_ids.reason)

    def test_what_is_missing_or_differs_is_named(self):
        """C8: nothing is lost between the service and the books."""
        self.source.tell("tr_missing", "7.00")
        self.source.tell("tr_other", "8.00")
        self._receive("tr_other", "9.00")
        self._receive("tr_gone", "4.00")
        check = self._check()
        self.assertEqual(check.state, "differs")
        self.assertEqual(check.count_open, 3)
        self.assertEqual(
            {line.name: line.reason_code for line in check.line_ids},
            {
                "tr_missing": "check_missing",
                "tr_other": "check_amount",
                "tr_gone": "check_gone",
            },
        )
        explained = sum(line.amount_there - line.amount_here for line in check.line_ids)
        self.assertEqual(explained, check.difference)

    def test_checked_again_it_heals(self):
        self.source.tell("tr_1")
        check = self._check()
        self.assertEqual(check.state, "differs")
        self._receive("tr_1")
        check.action_check_again()
        self.assertEqual((check.state, len(check.line_ids)), ("equal", 0))

    def test_payment_not_paid_yet_does_not_count(self):
        self.source.tell("tr_1", status="pending")
        self.assertEqual(self._check().total_there, 0.0)

    def test_service_that_is_down_is_written_down(self):
        self.source.down = True
        self.addCleanup(setattr, self.source, "down", False)
        check = self._check()
        self.assertEqual(check.state, "failed")
        self.assertIn("cannot be reached", check.failure)

    def test_bank_lines_are_held_against_their_file(self):
        receipts_sudo = self.env["matching.receipt"].sudo()
        receipt = receipts_sudo.create(
            {
                "name": "B",
                "company_id": self.company.id,
                "source": "bank",
                "fingerprint": "bank:1",
                "date": YESTERDAY.date(),
                "amount": 12.0,
                "currency_id": self.env.ref("base.EUR").id,
                "journal_id": self.bank.id,
            }
        )
        checks_sudo = self.env["matching.check"].sudo()
        checks_sudo._check_banks(self.company)
        check = checks_sudo.search([("journal_id", "=", self.bank.id)])
        self.assertEqual((check.state, check.difference), ("differs", 12.0))
        receipt.statement_line_id = self.env["account.bank.statement.line"].create(
            receipt._prepare_statement_line_vals()
        )
        checks_sudo._check_banks(self.company)
        self.assertEqual(check.state, "equal")

    def test_nightly_job_checks_every_source(self):
        self._patch_client(self.source)
        self.source.tell("tr_1")
        with self.enter_registry_test_mode():
            self.env.ref("moneybird_reconcile.ir_cron_check").method_direct_trigger()
        self.env.invalidate_all()
        checked = self.env["matching.check"].with_user(self.office).search([])
        self.assertEqual(checked.connection_id, self.ccv | self.mollie)

    # --- Both ledgers -----------------------------------------------------------------

    def _pay_at_moneybird(self):
        client = FakeMoneybird(FakeMoneybird.invoice())
        client.iter_items = lambda kind, ids: iter(
            [[client.invoices[key] for key in ids]]
        )
        self._patch_client(client)
        self.moneybird = self._create_moneybird()
        self.item = self._create_item(self.moneybird)
        self._fetch(self._make_facts("tr_1", "121.00", order_reference="2026-0042"))
        self._forward()
        return client

    def test_payments_at_moneybird_are_ours(self):
        client = self._pay_at_moneybird()
        check = self._check(self.moneybird, client)
        self.assertEqual((check.kind, check.state), ("ledgers", "equal"))
        self.assertEqual((check.total_there, check.total_here), (121.0, 121.0))

    def test_payment_removed_or_changed_at_moneybird_is_named(self):
        client = self._pay_at_moneybird()
        payments = client.invoices["777"]["payments"]
        payments[0]["price"] = "21.00"
        check = self._check(self.moneybird, client)
        self.assertEqual(check.line_ids.reason_code, "check_payment")
        payments.clear()
        check = self._check(self.moneybird, client)
        self.assertEqual(check.line_ids.reason_code, "check_payment_gone")
        self.assertEqual((check.difference, check.state), (-121.0, "differs"))

    def test_invoice_in_both_ledgers_is_compared_and_the_leader_named(self):
        client = self._pay_at_moneybird()
        invoice = self._create_invoice(15.0)
        self._create_item(
            self.moneybird, number=invoice.name, amount=10.0, external_id="778"
        )
        check = self._check(self.moneybird, client)
        self.assertEqual(check.line_ids.name, invoice.name)
        self.assertIn("Odoo", check.line_ids.reason)
        self.assertEqual(check.difference, -5.0)

    def test_invoice_in_both_ledgers_is_paid_in_the_leading_one(self):
        """One invoice, one item: two would keep each other from being booked."""
        self.moneybird = self._create_moneybird()
        invoice = self._create_invoice(15.0)
        self._create_item(self.moneybird, number=invoice.name, amount=15.0)
        self.moneybird.moneybird_leads = "moneybird"
        receipt = self._receive("tr_1", text=invoice.name)
        self.assertEqual(receipt.booking_ids.kind, "moneybird")
        receipt.booking_ids.sudo().write({"state": "failed"})
        self.moneybird.moneybird_leads = "odoo"
        other = self._receive("tr_2", text=invoice.name)
        self.assertEqual(other.booking_ids.kind, "odoo")

    def test_credit_note_at_moneybird_is_an_open_item(self):
        """Open items are sales invoices, external ones and credit notes."""
        credit = FakeMoneybird.invoice("779", "2026-0043", "-50.0")
        item = parse_item("sales_invoice", credit)
        self.assertTrue(item.is_open)
        moneybird = self._create_moneybird()
        self.env["matching.open.item"].sudo()._upsert(moneybird, [item])
        receipt = self._fetch(
            self._make_facts(
                "re_1", "-50.00", kind="refund", order_reference="2026-0043"
            )
        )
        self.assertEqual(receipt.booking_ids.item_name, "2026-0043")

    def test_closed_period_is_known_before_anything_is_sent(self):
        """C9: period lock, with words and without a call."""
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        moneybird = self._create_moneybird()
        self._create_item(moneybird)
        moneybird.moneybird_locked_until = fields.Date.today()
        receipt = self._fetch(
            self._make_facts("tr_1", "121.00", order_reference="2026-0042")
        )
        self._forward()
        self.assertEqual(client.posts, 0)
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "period_locked")
        )

    def test_closed_period_is_read_from_the_administration(self):
        moneybird = self._create_moneybird()
        moneybird._note_locked_period(
            [{"id": "1"}, {"id": "123", "period_locked_until": "2026-06-30"}]
        )
        self.assertEqual(str(moneybird.moneybird_locked_until), "2026-06-30")
        moneybird._note_locked_period([{"id": "123", "period_locked_until": None}])
        self.assertFalse(moneybird.moneybird_locked_until)

    def test_everything_is_checked_on_demand(self):
        """The office needs no list to begin with."""
        cron = self.env.ref("moneybird_reconcile.ir_cron_check")
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", cron.id)])
        checks = self.env["matching.check"].with_user(self.office)
        self.assertEqual(checks.action_check_now()["params"]["type"], "info")
        after = triggers.search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after, before + 1)
        stranger = new_test_user(self.env, "check_now_none", "base.group_user")
        with self.assertRaises(AccessError):
            checks.with_user(stranger).action_check_now()

    # --- Rights -----------------------------------------------------------------------

    def test_checks_no_rights(self):
        self.source.tell("tr_1")
        check = self._check()
        stranger = new_test_user(self.env, "check_none", "base.group_user")
        with self.assertRaises(AccessError):
            check.with_user(stranger).action_check_again()
        with self.assertRaises(AccessError):
            check.write({"total_here": 1.0})
        other = self.setup_other_company()["company"]
        clerk = new_test_user(
            self.env,
            "check_other",
            "base.group_user,moneybird_reconcile.group_matching_user",
            company_id=other.id,
            company_ids=other.ids,
        )
        for model in ("matching.check", "matching.check.line"):
            self.assertFalse(self.env[model].with_user(clerk).search([]))
