import base64

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .camt_samples import camt, detail, entry, statement
from .common import FakeMoneybird, MatchingCommon


@tagged("post_install", "-at_install")
class TestDifference(MatchingCommon):
    """A fee that was withheld and another currency, each with an account (C3, C7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fees = cls._create_account("Fees withheld", "655100")
        cls.moneybird = cls._create_moneybird()
        cls.bank.matching_fee_account_id = cls.fees
        cls.usd = cls.env.ref("base.USD")
        cls.usd.active = True
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.usd.id,
                "name": "2026-01-01",
                "rate": 1.25,
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def _create_account(cls, name, code, **values):
        return cls.env["account.account"].create(
            {"name": name, "code": code, "account_type": "expense", **values}
        )

    def _import(self, amount, text):
        paid = entry(amount, detail(text, name="Jan de Vries"))
        return self._import_content(camt(statement(paid, closing=amount)))

    def _import_content(self, content):
        wizard = (
            self.env["matching.import.wizard"]
            .with_user(self.office)
            .create({"data": base64.b64encode(content), "filename": "bank.xml"})
        )
        imports = self.env["matching.import"].with_user(self.office)
        return imports.browse(wizard.action_import()["res_id"]).receipt_ids

    def _with_fee(self, move, amount, fee, text=None):
        """A bank line of which the bank says what it withheld."""
        told = detail(
            text or move.name,
            name="Jan de Vries",
            extra=f'<Chrgs><Rcrd><Amt Ccy="EUR">{fee}</Amt></Rcrd></Chrgs>',
        )
        return self._import_content(
            camt(statement(entry(amount, told), closing=amount))
        )

    def _in_dollars(self, move, amount, told=None):
        """A bank line in euros for an invoice in dollars."""
        text = detail(move.name, name="Jan de Vries")
        if told:
            text = text.replace(
                "<TxDtls>",
                "<TxDtls><AmtDtls><InstdAmt>"
                f'<Amt Ccy="USD">{told}</Amt></InstdAmt></AmtDtls>',
            )
        return self._import_content(
            camt(statement(entry(amount, text), closing=amount))
        )

    def _balances(self, receipt):
        """Account → balance of everything that this receipt brought into the books."""
        moves = receipt.sudo().statement_line_id.move_id
        moves |= receipt.sudo().booking_ids.correction_move_id
        totals = {}
        for line in moves.line_ids:
            totals[line.account_id] = totals.get(line.account_id, 0.0) + line.balance
        return {account: round(value, 2) for account, value in totals.items()}

    # --- Fees -----------------------------------------------------------------------

    def test_stated_fee_is_booked_by_itself_each_cent_in_one_place(self):
        """C7: the source says what it withheld, to the cent: no person is needed."""
        move = self._create_invoice(15.0)
        receipt = self._with_fee(move, "14.71", "0.29")
        self.assertEqual((receipt.state, receipt.is_automatic), ("matched", True))
        self.assertEqual((move.amount_residual, receipt.amount_left), (0.0, 0.0))
        receivable = self.company_data["default_account_receivable"]
        self.assertEqual(
            self._balances(receipt),
            {
                self.bank.default_account_id: 14.71,
                self.fees: 0.29,
                receivable: -15.0,
            },
        )
        words = receipt.booking_ids[:1].evidence_text
        self.assertIn("the source withheld 0.29: 15.00 was paid", words)
        fee = receipt.booking_ids.filtered("account_id")
        self.assertEqual(
            (fee.amount, fee.label), (-0.29, "Fee withheld from the payment")
        )

    def test_undo_of_a_match_with_a_fee_reverses_both_parts(self):
        move = self._create_invoice(15.0)
        receipt = self._with_fee(move, "14.71", "0.29")
        receipt.action_undo()
        self.assertEqual((receipt.state, receipt.amount_left), ("open", 14.71))
        self.assertEqual(move.amount_residual, 15.0)
        left = {key: value for key, value in self._balances(receipt).items() if value}
        self.assertEqual(
            left,
            {
                self.bank.default_account_id: 14.71,
                self.bank.suspense_account_id: -14.71,
            },
        )
        receipt.action_process()
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(move.amount_residual, 0.0)

    def test_one_cent_beside_the_stated_fee_waits_for_a_person(self):
        """No silent tolerance: stated is stated to the cent."""
        move = self._create_invoice(15.0)
        receipt = self._with_fee(move, "14.70", "0.29")
        self.assertEqual(receipt.state, "open")
        self.assertFalse(receipt.booking_ids)

    def test_probable_fee_is_proposed_first_and_accepted_with_one_step(self):
        """C9: nobody says that a fee was withheld, so a person does."""
        move = self._create_invoice(15.0)
        receipt = self._import("14.71", move.name)
        self.assertEqual(receipt.state, "open")
        whole, part = receipt.proposal_ids[:2]
        self.assertEqual(whole.difference, "fee")
        self.assertEqual(
            whole.line_ids.mapped(lambda line: (line.name, line.amount)),
            [(move.name, 15.0), ("Fees withheld", -0.29)],
        )
        self.assertIn("perhaps a fee of 0.29 was withheld", whole.against_text)
        self.assertEqual((part.difference, part.amount), (False, 14.71))
        whole.action_accept()
        self.assertEqual((receipt.state, move.amount_residual), ("matched", 0.0))
        self.assertEqual(self._balances(receipt)[self.fees], 0.29)
        receipt.action_undo()
        self.assertEqual(self._balances(receipt)[self.fees], 0.0)
        self.assertEqual(move.amount_residual, 15.0)

    def test_without_an_account_nothing_is_proposed_for_the_rest(self):
        self.bank.matching_fee_account_id = False
        move = self._create_invoice(15.0)
        receipt = self._with_fee(move, "14.71", "0.29")
        self.assertEqual(receipt.state, "open")
        self.assertEqual(receipt.proposal_ids.mapped("difference"), [False])
        self.assertEqual(receipt.proposal_ids.line_ids.mapped("amount"), [14.71])

    def test_account_is_that_of_the_method_then_of_the_connection(self):
        """C3: chosen per method, else per service."""
        move = self._create_invoice(15.0)
        of_all = self._create_account("All methods", "655200")
        of_ideal = self._create_account("Of iDEAL", "655300")
        self.mollie.sudo().matching_fee_account_id = of_all
        facts = self._make_facts("tr_1", "14.71", description=move.name)
        receipt = self._fetch(facts)
        self.assertEqual(receipt.proposal_ids[0].line_ids.account_id, of_all)
        clearing = self.mollie.sudo()._get_clearing("")
        clearing.copy({"method": "ideal", "fee_account_id": of_ideal.id})
        receipt._match()
        self.assertEqual(receipt.proposal_ids[0].line_ids.account_id, of_ideal)

    def test_fee_is_withheld_from_several_invoices_together(self):
        moves = self._create_invoice(15.0) | self._create_invoice(20.0)
        text = " ".join(moves.mapped("name"))
        receipt = self._with_fee(moves[0], "34.65", "0.35", text)
        self.assertEqual(receipt.state, "matched")
        self.assertEqual(sum(moves.mapped("amount_residual")), 0.0)
        self.assertEqual(self._balances(receipt)[self.fees], 0.35)

    def test_parts_that_add_up_are_no_fees(self):
        """29.80 and 0.20 pay 30.00; nothing was withheld."""
        move = self._create_invoice(30.0)
        first = entry("29.80", detail(move.name, name="Jan de Vries"))
        second = entry("0.20", detail(move.name, name="Jan de Vries"))
        content = camt(statement(first, second, closing="30.00"))
        receipts = self._import_content(content)
        self.assertEqual(receipts.mapped("state"), ["matched", "matched"])
        self.assertEqual(move.amount_residual, 0.0)
        self.assertFalse(receipts.booking_ids.account_id)

    def test_chargeback_of_all_opens_the_item_whole(self):
        """C6: what was withheld is taken back with the payment."""
        move = self._create_invoice(15.0)
        self.mollie.sudo().matching_fee_account_id = self.fees
        receipt = self._fetch(self._make_facts("tr_1", "14.71", description=move.name))
        receipt.proposal_ids[0].action_accept()
        self.assertEqual(move.amount_residual, 0.0)
        back = self._fetch(
            self._make_facts(
                "chb_1",
                "-14.71",
                kind="chargeback",
                raw={"paymentId": "tr_1"},
            )
        )
        self.assertEqual((back.state, back.amount_left), ("matched", 0.0))
        self.assertEqual(move.amount_residual, 15.0)
        total = self._balances(receipt)[self.fees] + self._balances(back)[self.fees]
        self.assertEqual(total, 0.0)
        back.with_user(self.office).action_undo()
        self.assertEqual(move.amount_residual, 0.0)

    def test_fee_at_moneybird_is_a_second_payment_against_its_account(self):
        item = self._create_item(self.moneybird, amount=121.0)
        account = (
            self.env["matching.ledger.account"]
            .sudo()
            .create(
                {
                    "connection_id": self.moneybird.id,
                    "external_id": "555",
                    "name": "Transaction costs",
                    "account_type": "expenses",
                }
            )
        )
        self.mollie.sudo()._get_clearing("").fee_ledger_account_id = account
        client = self._patch_client(FakeMoneybird(FakeMoneybird.invoice()))
        receipt = self._fetch(
            self._make_facts("tr_1", "120.65", description="2026-0042")
        )
        receipt.proposal_ids[0].with_user(self.office).action_accept()
        self._forward()
        self._forward()
        self.assertEqual(receipt.state, "matched")
        payments = client.invoices["777"]["payments"]
        self.assertEqual(
            sorted((row["price"], row["ledger_account_id"]) for row in payments),
            [("0.35", "555"), ("120.65", None)],
        )
        self.assertFalse(item.is_open)

    # --- Currencies -----------------------------------------------------------------

    def test_converted_payment_is_proposed_with_its_difference(self):
        """The bank says what was paid in dollars; what is left is the rate."""
        move = self._create_invoice(100.0, currency_id=self.usd.id)
        receipt = self._in_dollars(move, "81.10", "100.00")
        self.assertEqual(receipt.state, "open", "a currency always needs a person")
        best = receipt.proposal_ids[0]
        self.assertEqual(best.difference, "currency")
        gain = self.company.income_currency_exchange_account_id
        self.assertEqual(
            best.line_ids.mapped(lambda line: (line.account_id, line.amount)),
            [(self.fees.browse(), 80.0), (gain, 1.1)],
        )
        self.assertEqual(best.line_ids[0].amount_open, 100.0)
        self.assertIn("Paid as 100.00 USD", best.against_text)
        best.action_accept()
        self.assertEqual((receipt.state, receipt.amount_left), ("matched", 0.0))
        self.assertEqual(move.amount_residual, 0.0)
        receivable = self.company_data["default_account_receivable"]
        self.assertEqual(
            self._balances(receipt),
            {self.bank.default_account_id: 81.1, receivable: -80.0, gain: -1.1},
        )

    def test_undo_of_another_currency_reverses_it_at_the_rate_of_then(self):
        move = self._create_invoice(100.0, currency_id=self.usd.id)
        receipt = self._in_dollars(move, "79.10", "100.00")
        receipt.proposal_ids[0].action_accept()
        loss = self.company.expense_currency_exchange_account_id
        self.assertEqual(self._balances(receipt)[loss], 0.9)
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "name": "2026-11-20",
                "rate": 1.5,
                "company_id": self.company.id,
            }
        )
        receipt.action_undo()
        self.assertEqual(move.amount_residual, 100.0)
        left = {key: value for key, value in self._balances(receipt).items() if value}
        self.assertEqual(
            left,
            {
                self.bank.default_account_id: 79.1,
                self.bank.suspense_account_id: -79.1,
            },
        )

    def test_rate_of_the_day_explains_what_nobody_stated(self):
        move = self._create_invoice(100.0, currency_id=self.usd.id)
        own = self._create_account("Rates", "655400")
        self.bank.matching_difference_account_id = own
        receipt = self._in_dollars(move, "78.80")
        best = receipt.proposal_ids[0]
        self.assertIn("100.00 USD open, which is 80.00 EUR", best.against_text)
        self.assertFalse(best.is_automatic)
        self.assertEqual(best.line_ids.account_id, own)
        best.action_accept()
        self.assertEqual(move.amount_residual, 0.0)
        self.assertEqual(self._balances(receipt)[own], 1.2)

    def test_amount_far_from_the_rate_is_not_explained(self):
        move = self._create_invoice(100.0, currency_id=self.usd.id)
        receipt = self._in_dollars(move, "60.00")
        self.assertFalse(any(receipt.proposal_ids.mapped("difference")))
        proposal = receipt.proposal_ids[:1]
        if proposal:
            with self.assertRaisesRegex(UserError, "no account is chosen"):
                proposal.action_accept()

    def test_item_that_changed_meanwhile_is_not_booked(self):
        move = self._create_invoice(100.0, currency_id=self.usd.id)
        receipt = self._in_dollars(move, "80.50", "100.00")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"amount": 40.0, "payment_date": "2026-11-20"})._create_payments()
        with self.assertRaisesRegex(UserError, "meanwhile"):
            receipt.proposal_ids[0].action_accept()
        self.assertFalse(receipt.booking_ids)

    def test_another_currency_at_moneybird_is_refused_in_words(self):
        """C8: an amount in euros is never posted as one in dollars."""
        self._create_item(self.moneybird, currency_id=self.usd.id, currency_code="USD")
        receipt = self._fetch(
            self._make_facts("tr_1", "121.00", description="2026-0042")
        )
        self.assertEqual(receipt.state, "open")
        proposal = receipt.proposal_ids[0].with_user(self.office)
        with self.assertRaisesRegex(UserError, "Book this one at Moneybird"):
            proposal.action_accept()
        self.assertFalse(receipt.booking_ids)

    def test_whoever_may_not_match_may_not_accept(self):
        move = self._create_invoice(15.0)
        receipt = self._import("14.71", move.name)
        stranger = self.env["res.users"].create(
            {
                "name": "Nobody",
                "login": "nobody-matching",
                "group_ids": [Command.set(self.env.ref("base.group_user").ids)],
            }
        )
        with self.assertRaises(Exception) as caught:
            receipt.proposal_ids[0].with_user(stranger).action_accept()
        self.assertEqual(type(caught.exception).__name__, "AccessError")
