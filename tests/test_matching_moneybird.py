"""Moneybird over real HTTP: each of its ways of saying no, and each euro once.

The sandbox's book is the judge: what was called, and what stands on the invoice.
"""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.matching_sandbox import NUMBER, PAYMENTS, SandboxCase
from tests.sandbox.moneybird.scenes import ADMINISTRATION

SECOND = "278732006888903020"


@tagged("post_install", "-at_install")
class TestMoneybirdConnect(SandboxCase):
    """C2: connecting, and the administration that is chosen."""

    def test_the_only_administration_needs_no_question(self):
        """C2: the light turns green, the account has a name, the lists are there."""
        connection, _action = self._connect()
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.account_ref, ADMINISTRATION)
        self.assertTrue(connection.account_label)
        accounts = (
            self.env["matching.ledger.account"]
            .sudo()
            .search([("connection_id", "=", connection.id)])
        )
        self.assertIn("Kruisposten CCV", accounts.mapped("name"))

    def test_the_administration_is_chosen_from_what_the_service_returns(self):
        """C2: nobody types an id; the invoices of the chosen one come in."""
        rows = [{"id": SECOND, "name": "Stichting De Linden"}]
        self.sandbox.scene("moneybird", administrations=rows)
        self._owe("2026-0001")
        self._owe("2026-0002", administration_id=SECOND)
        connection, action = self._connect()
        self.assertEqual(connection.state, "choosing")
        self.assertEqual(action["name"], "Choose the Administration")
        wizard = self.env["service.account.wizard"].browse(action["res_id"])
        self.assertEqual(len(wizard.account_ids), 2)
        wizard.account_id = wizard.account_ids.filtered(lambda row: row.ref == SECOND)
        self.assertIn("EUR", wizard.account_id.display_name)
        wizard.action_choose()
        self.assertEqual(connection.account_label, "Stichting De Linden")
        self._sync(connection)
        items = (
            self.env["matching.open.item"]
            .sudo()
            .search([("connection_id", "=", connection.id)])
        )
        self.assertEqual(items.mapped("number"), ["2026-0002"])

    def test_an_administration_that_is_gone_is_told_and_never_replaced(self):
        """C2: the test of the connection names it; no other one is taken."""
        connection, _action = self._connect()
        connection.account_ref = SECOND
        answer = connection.action_test_connection()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertIn(connection.account_label, answer["params"]["message"])
        self.assertEqual(connection.account_ref, SECOND)

    def test_a_wrong_token_is_refused_in_words_and_stored_nowhere(self):
        """C2: nothing is connected."""
        with self.assertRaisesRegex(UserError, "does not accept"), self.cr.savepoint():
            self._connect(token="no-such-token")
        self.assertFalse(self._payments())


@tagged("post_install", "-at_install")
class TestMoneybirdPayment(SandboxCase):
    """C7, C8, C11: one payment, whole, once."""

    def setUp(self):
        super().setUp()
        self.connection, _action = self._connect()
        self.key = self._owe()
        self._sync(self.connection)

    def test_the_payment_has_every_field_of_the_manual(self):
        """C11: payment date, amount, transaction identifier and ledger account."""
        account = (
            self.env["matching.ledger.account"]
            .sudo()
            .search([("name", "=", "Kruisposten CCV")])
        )
        self.ccv.clearing_ids.ledger_account_id = account
        receipt = self._pay()
        self._forward()
        self.assertEqual(receipt.state, "matched")
        (payment,) = self._payments()
        told = {
            "invoice_id": self.key,
            "payment_date": str(receipt.date),
            "price": "121.0",
            "transaction_identifier": "C1.G",
            "ledger_account_id": account.external_id,
            "manual_payment_action": "balance_settlement",
        }
        self.assertEqual({key: payment[key] for key in told}, told)
        self.assertEqual(self._invoice(self.key)["state"], "paid")
        self.assertEqual(receipt.booking_ids.remote_ref, payment["id"])

    def test_without_a_ledger_account_moneybird_chooses_its_own(self):
        """C11: the ledger account only if set."""
        self._pay()
        self._forward()
        (payment,) = self._payments()
        self.assertIsNone(payment["manual_payment_action"])
        (post,) = self._posts()
        self.assertNotIn("ledger_account_id", str(post))

    def test_it_is_looked_up_before_it_is_posted(self):
        """C8: the same transaction is there already and is adopted."""
        payment = {
            "price": "121.00",
            "payment_date": str(fields.Date.today()),
            "transaction_identifier": "C1.G",
        }
        key = self._owe("2026-0043", payments=[payment])
        item = self._create_item(
            self.connection, number="2026-0043", external_id=key, amount=121.0
        )
        receipt = self._pay(number=item.number)
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(self._posts(), [])
        self.assertEqual(len(self._payments()), 1)

    def test_a_lost_answer_is_looked_up_and_not_posted_again(self):
        """C8: the work was done, the connection fell; one payment in the end."""
        self.sandbox.fault("moneybird", "timeout_after", method="POST", path=PAYMENTS)
        receipt = self._pay()
        self._forward()
        self.assertEqual(receipt.booking_ids.state, "unknown")
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(len(self._posts()), 1)
        self.assertEqual(len(self._payments()), 1)

    def test_a_post_that_never_arrived_is_posted_after_the_look_up(self):
        """C8: nothing was done, so it is posted now; one payment in the end."""
        self.sandbox.fault("moneybird", "timeout_before", method="POST", path=PAYMENTS)
        receipt = self._pay()
        self._forward()
        self.assertEqual(receipt.booking_ids.state, "unknown")
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(len(self._payments()), 1)

    def test_an_answer_that_cannot_be_read_is_looked_up(self):
        """C8: half an answer is as good as none."""
        for kind in ("half_body", "garbage"):
            with self.subTest(kind=kind):
                self.sandbox.fault("moneybird", kind, method="POST", path=PAYMENTS)
                number = f"2026-{kind}"
                self._owe(number)
                self._sync(self.connection)
                receipt = self._pay(external_id=f"{kind}.G", number=number)
                self._forward()
                self._forward()
                self.assertEqual(receipt.state, "matched")
                sent = [
                    row
                    for row in self._payments()
                    if row["transaction_identifier"] == f"{kind}.G"
                ]
                self.assertEqual(len(sent), 1)

    def test_a_shortage_is_written_off_there_and_undone(self):
        """C7: two payments pay the whole invoice, the second on its account."""
        accounts = self.env["matching.ledger.account"].sudo()
        account = accounts.search([("name", "=", "Betalingsverschillen")])
        item = self.env["matching.open.item"].sudo().search([("number", "=", NUMBER)])
        receipt = self._pay("120.50", number="").with_user(self.office)
        part = {"ledger": "moneybird", "id": item.id, "amount": 121.0}
        off = {"ledger": "moneybird_account", "id": account.id, "amount": -0.5}
        receipt.action_match([part, {**off, "label": "Waived"}])
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(self._invoice(self.key)["state"], "paid")
        told = {row["price"]: row["ledger_account_id"] for row in self._payments()}
        self.assertEqual(told["0.5"], account.external_id)
        self.assertEqual(set(told), {"120.5", "0.5"})
        receipt.action_undo()
        self.assertEqual(self._payments(), [])
        self.assertEqual(self._invoice(self.key)["total_unpaid"], "121.0")

    # --- Ways of saying no ------------------------------------------------------------

    def test_a_closed_period_is_told_before_anything_is_sent(self):
        """C9: read with the sync; "process" tries again when it is open."""
        until = str(fields.Date.today())
        self.sandbox.scene("moneybird", administration={"period_locked_until": until})
        self._sync(self.connection)
        receipt = self._pay()
        self._forward()
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "period_locked")
        )
        self.assertEqual(self._posts(), [])
        self.sandbox.scene("moneybird", administration={"period_locked_until": None})
        self._sync(self.connection)
        receipt.with_user(self.office).action_process()
        self._forward()
        self.assertEqual(receipt.state, "matched")

    def test_a_period_closed_since_the_sync_is_refused_in_words(self):
        """C9: the service's own refusal has the same words."""
        until = str(fields.Date.today())
        self.sandbox.scene("moneybird", administration={"period_locked_until": until})
        receipt = self._pay()
        self._forward()
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "period_locked")
        )
        self.assertEqual(self._payments(), [])

    def test_the_limit_of_the_plan_is_refused_in_words(self):
        """C9: 402."""
        body = {"error": "limited", "symbolic": {"administration": "limit_reached"}}
        self.sandbox.fault(
            "moneybird", "status", method="POST", path=PAYMENTS, status=402, body=body
        )
        receipt = self._pay()
        self._forward()
        self.assertEqual((receipt.state, receipt.reason_code), ("error", "plan_limit"))
        receipt.with_user(self.office).action_process()
        self._forward()
        self.assertEqual(receipt.state, "matched")

    def test_a_missing_scope_is_no_lost_sign_in(self):
        """C9: 401 "No access to …" names the right and leaves the light green."""
        body = {"error": "No access to sales_invoices"}
        self.sandbox.fault(
            "moneybird", "status", method="POST", path=PAYMENTS, status=401, body=body
        )
        receipt = self._pay()
        self._forward()
        self.assertEqual(
            (receipt.state, receipt.reason_code), ("error", "scope_missing")
        )
        self.assertEqual(self.connection.state, "connected")

    @mute_logger("odoo.addons.connection_base.models.service_sync_run")
    def test_a_token_that_is_no_longer_good_turns_the_light_red(self):
        """C9: any other 401; the payment waits and leaves when connected again."""
        self.sandbox.fault("moneybird", "expired_token", times=None)
        receipt = self._pay()
        self._forward()
        self.assertEqual(self.connection.state, "error")
        self.assertIn("does not accept", self.connection.last_error)
        self.assertEqual(receipt.state, "open")
        self.sandbox.clear_faults("moneybird")
        self._forward()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(len(self._payments()), 1)

    def test_429_waits_as_long_as_the_service_says_in_both_its_ways(self):
        """Retry-After as seconds, and as the moment in epoch seconds."""
        for number, form in enumerate(("seconds", "epoch")):
            with self.subTest(form=form):
                self._owe(f"2026-10{number}")
                self._sync(self.connection)
                self.sandbox.fault(
                    "moneybird",
                    "rate_limit",
                    method="POST",
                    path=PAYMENTS,
                    retry_after=90,
                    format=form,
                )
                receipt = self._pay(external_id=f"{form}.G", number=f"2026-10{number}")
                self._forward()
                booking = receipt.booking_ids
                self.assertEqual(booking.state, "todo")
                pause = booking.date_next_try - fields.Datetime.now()
                self.assertAlmostEqual(pause.total_seconds(), 90, delta=20)
                self.assertEqual(self.connection.state, "connected")
                self._forward()
                self.assertEqual(receipt.state, "matched")


@tagged("post_install", "-at_install")
class TestMoneybirdSync(SandboxCase):
    """C4: only what changed is read, and no job takes the calls of another."""

    def _reads(self):
        """Ids that were asked for since the last look."""
        calls = self.sandbox.requests("moneybird", "POST", "synchronization")
        new, self.seen = calls[self.seen :], len(calls)
        return len(new)

    def test_only_what_changed_is_read(self):
        """C4: the list of versions says what is to be read; then nothing is."""
        self.seen = 0
        connection, _action = self._connect()
        self._owe("2026-0001")
        key = self._owe("2026-0002", amount="50.00")
        self._sync(connection)
        self.assertEqual(self._reads(), 1, "both in one bite")
        self._sync(connection)
        self.assertEqual(self._reads(), 0)
        payment = {"price": "50.00", "payment_date": str(fields.Date.today())}
        client = connection._get_client()
        client.post_json(
            f"/api/v2/{ADMINISTRATION}/sales_invoices/{key}/payments.json",
            json={"payment": payment},
        )
        self._sync(connection)
        self.assertEqual(self._reads(), 1)
        items = self.env["matching.open.item"].sudo()
        items = items.search([("connection_id", "=", connection.id)])
        still_open = items.filtered("is_open")
        self.assertEqual(still_open.mapped("number"), ["2026-0001"])

    def test_invoice_of_years_ago_comes_in(self):
        """C7: the API's default period of this year hides nothing from us."""
        connection, _action = self._connect()
        self._owe("2019-0007", invoice_date="2019-03-01")
        self._sync(connection)
        items = self.env["matching.open.item"].sudo()
        found = items.search([("connection_id", "=", connection.id)])
        self.assertEqual(found.mapped("number"), ["2019-0007"])

    def test_window_of_calls_is_one_for_all_jobs_and_connections(self):
        """Sync, check and forwarding of two connections count in one window."""
        first, _action = self._connect()
        second, _action = self._connect()
        self._owe()
        self._sync(first)
        self._sync(second)
        self._pay()
        self._forward()
        first._run_daily_check()
        buckets = self.env["service.rate.bucket"].sudo()
        bucket = buckets.search([("key", "=like", f"moneybird:{self.sandbox.url}%")])
        self.assertEqual(len(bucket), 1)
        calls = self.sandbox.requests("moneybird")
        self.assertEqual(sum(bucket.slots.values()), len(calls))
