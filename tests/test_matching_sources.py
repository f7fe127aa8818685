"""CCV and Mollie over real HTTP: connected by key, looked at again by night."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from tests.matching_sandbox import NUMBER, SandboxCase
from tests.sandbox.ccv.scenes import KEY, SECOND_KEY


@tagged("post_install", "-at_install")
class TestCcvAccounts(SandboxCase):
    """Rows C1, C5 and C12 as a user has them."""

    def _night(self):
        receipts = self.env["matching.receipt"].sudo().search([])
        receipts.date_checked = False  # as after midnight
        with self.enter_registry_test_mode():
            self.env.ref("moneybird_reconcile.ir_cron_nightly").method_direct_trigger()
        self.env.invalidate_all()

    def _receipts(self, connection):
        domain = [("connection_id", "=", connection.id)]
        return self.env["matching.receipt"].sudo().search(domain, order="id")

    def test_a_key_turns_the_light_green(self):
        """C1: the form says where the key is, and what it connects."""
        connection = self._create_connection("ccv", state="disconnected")
        wizard = self.env["service.connect.wizard"].create(
            {"connection_id": connection.id}
        )
        self.assertIn("Configuration, API keys", wizard.where)
        self.assertEqual(wizard.label_1, "API key")
        self._fill_in(connection, KEY)
        self.assertEqual(connection.state, "connected")
        self.assertIn(KEY[-4:], connection.account_label)
        self.assertTrue(connection.sudo()._get_clearing("card").journal_id)
        (call,) = self.sandbox.requests("ccv", "GET")
        self.assertNotIn(KEY, str(call))

    def test_a_wrong_key_is_refused_in_words(self):
        """C1: the light stays off and nothing of the key is kept."""
        connection = self._create_connection("ccv", state="disconnected")
        with self.assertRaisesRegex(UserError, "does not accept"), self.cr.savepoint():
            self._fill_in(connection, "t_no-such-key")
        connection.invalidate_recordset()
        self.assertEqual(connection.state, "disconnected")
        self.assertFalse(connection._has_credentials())

    def test_every_night_what_was_not_forwarded_is_looked_at_again(self):
        """C5: paid days later and its webhook lost, the night forwards it."""
        moneybird, _action = self._connect()
        connection, _action = self._connect(KEY, "ccv")
        key = self._owe()
        self._sync(moneybird)
        payment = {
            "amount": "121.00",
            "merchantOrderReference": NUMBER,
            "status": "pending",
        }
        (reference,) = self.sandbox.scene("ccv", payments=[payment])["payments"]
        self._sync(connection)
        receipt = self._receipts(connection)
        self.assertEqual(receipt.state, "waiting")
        self._night()
        self.assertEqual((receipt.state, self._payments()), ("waiting", []))
        self.sandbox.scene("ccv", finish={"reference": reference})
        self._night()
        self._forward()
        self.assertEqual(receipt.state, "matched")
        (there,) = self._payments()
        self.assertEqual(there["transaction_identifier"], reference)
        self.assertEqual(self._invoice(key)["state"], "paid")
        self._night()
        self._forward()
        self.assertEqual(len(self._payments()), 1)

    def test_a_second_account_is_added_beside_the_first(self):
        """C12: from the card; each account has its own payments, journal and check."""
        first, _action = self._connect(KEY, "ccv")
        self.assertTrue(first.can_add)
        action = first.action_add_another()
        second = self.env["service.connection"].browse(
            action["context"]["default_connection_id"]
        )
        self.assertNotEqual(second, first)
        self.assertNotEqual(second.name, first.name)
        self.assertEqual(
            first.action_add_another()["context"]["default_connection_id"],
            second.id,
            "no card is left over each time the form is closed",
        )
        self._fill_in(second, SECOND_KEY)
        self.assertEqual((first.state, second.state), ("connected", "connected"))
        invoices = [self._create_invoice(15.0), self._create_invoice(16.0)]
        payments = [
            {
                "account": key,
                "amount": f"{invoice.amount_total:.2f}",
                "merchantOrderReference": invoice.name,
            }
            for key, invoice in zip((KEY, SECOND_KEY), invoices, strict=True)
        ]
        self.sandbox.scene("ccv", payments=payments)
        for connection in first | second.sudo():
            self._sync(connection)
        for connection, invoice in zip(first | second, invoices, strict=True):
            receipt = self._receipts(connection)
            self.assertEqual(len(receipt), 1)
            self.assertEqual(receipt.amount, invoice.amount_total)
            self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        journals = self._receipts(first).journal_id | self._receipts(second).journal_id
        self.assertEqual(len(journals), 2)


@tagged("post_install", "-at_install")
class TestMollieTakenBack(SandboxCase):
    """A chargeback months later, where the invoice is at Moneybird."""

    def test_chargeback_opens_the_invoice_at_moneybird_again(self):
        """C6, C7: what was paid is taken back; what was written off stays so."""
        moneybird, _action = self._connect()
        mollie, _action = self._connect("test_key_for_taking_back_1", "mollie")
        key = self._owe()
        self._sync(moneybird)
        payment = {"amount": "120.50", "description": "Kantine", "status": "paid"}
        (paid,) = self.sandbox.scene("mollie", payments=[payment])["payments"]
        self._sync(mollie)
        domain = [("connection_id", "=", mollie.id)]
        receipts = self.env["matching.receipt"]
        receipt = receipts.sudo().search(domain).with_user(self.office)
        item = self.env["matching.open.item"].sudo().search([("number", "=", NUMBER)])
        account = self.env["matching.ledger.account"].sudo()
        account = account.search([("name", "=", "Betalingsverschillen")])
        receipt.action_match(
            [
                {"ledger": "moneybird", "id": item.id, "amount": 121.0},
                {
                    "ledger": "moneybird_account",
                    "id": account.id,
                    "amount": -0.5,
                    "label": "Waived",
                },
            ]
        )
        self._forward()
        self.assertEqual(self._invoice(key)["state"], "paid")
        self.sandbox.clock(advance=100 * 86400)
        self.addCleanup(self.sandbox.clock, reset=True)
        self.sandbox.scene("mollie", chargebacks=[{"paymentId": paid}])
        self._sync(mollie)
        self._forward()
        back = receipts.sudo().search([*domain, ("kind", "=", "chargeback")])
        self.assertEqual((back.state, back.amount), ("matched", -120.5))
        self.assertEqual(self._invoice(key)["total_unpaid"], "120.5")
        prices = sorted(row["price"] for row in self._payments())
        self.assertEqual(prices, ["-120.5", "0.5", "120.5"])
        self._sync(mollie)
        self._forward()
        self.assertEqual(len(self._payments()), 3)
