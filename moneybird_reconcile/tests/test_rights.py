from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import MatchingCommon

MODELS = (
    "matching.receipt",
    "matching.proposal",
    "matching.proposal.line",
    "matching.booking",
    "matching.open.item",
    "matching.ledger.account",
    "matching.clearing",
    "matching.import",
)


@tagged("post_install", "-at_install")
class TestRights(MatchingCommon):
    """Who may see and do what; companies do not see each other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = new_test_user(cls.env, "matching_none", "base.group_user")
        cls.moneybird = cls._create_moneybird()
        cls._create_item(cls.moneybird)
        cls.env["matching.ledger.account"].sudo().create(
            {"connection_id": cls.moneybird.id, "external_id": "1", "name": "Bank"}
        )
        cls.env["matching.import"].sudo().create(
            {"name": "f.xml", "company_id": cls.company.id}
        )
        cls.invoice = cls._create_invoice(15.0)
        cls.receipt = cls._fetch(
            cls._make_facts(amount="14.00", description=cls.invoice.name)
        )
        cls.done = cls._fetch(
            cls._make_facts("tr_2", "16.00", description=cls._create_invoice(16.0).name)
        )

    def test_office_sees_everything_of_its_company(self):
        for model in MODELS:
            with self.subTest(model=model):
                self.assertTrue(self.env[model].with_user(self.office).search_count([]))

    def test_office_no_rights_to_write_what_was_decided(self):
        for record in (self.done.booking_ids, self.receipt.proposal_ids[:1]):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(self.office).write({"score": 100})
        for model in ("matching.receipt", "matching.booking", "matching.clearing"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.office).create({})

    def test_office_no_rights_to_change_what_the_source_told(self):
        receipt = self.receipt.with_user(self.office)
        for values in (
            {"amount": 15.0},
            {"date": "2020-01-01"},
            {"external_id": "tr_3"},
            {"statement_line_id": self.done.statement_line_id.id},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                receipt.write(values)
        receipt.user_id = self.office

    def test_user_no_rights_without_the_group(self):
        for model in MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.stranger).search([])
        for call in ("action_process", "action_ignore", "action_undo"):
            with self.subTest(call=call), self.assertRaises(AccessError):
                getattr(self.receipt.with_user(self.stranger), call)()
        with self.assertRaises(AccessError):
            self.receipt.proposal_ids[:1].with_user(self.stranger).action_accept()
        with self.assertRaises(AccessError):
            self.env["matching.import.wizard"].with_user(self.stranger).create({})

    def test_office_of_another_company_sees_nothing(self):
        other = self._create_company(name="Other club")
        user = new_test_user(
            self.env,
            "matching_other",
            "base.group_user,moneybird_reconcile.group_matching_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in MODELS:
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(user).search_count([]))
        with self.assertRaises(AccessError):
            self.receipt.with_user(user).action_process()
        with self.assertRaises(AccessError):
            self.receipt.proposal_ids[:1].with_user(user).action_accept()

    def test_receipt_of_one_company_never_pays_an_invoice_of_another(self):
        other = self._create_company(name="Other club")
        connection = self._create_source("mollie", company_id=other.id)
        receipt = self._fetch(
            self._make_facts("tr_3", description=self.invoice.name),
            connection=connection,
        )
        self.assertEqual(receipt.company_id, other)
        self.assertEqual(receipt.reason_code, "no_open_item")

    def test_manager_chooses_clearing_accounts(self):
        manager = new_test_user(
            self.env,
            "matching_manager",
            "base.group_user,moneybird_reconcile.group_matching_manager",
            company_id=self.company.id,
        )
        line = (
            self.env["matching.clearing"]
            .with_user(manager)
            .create(
                {
                    "connection_id": self.mollie.id,
                    "method": "ideal",
                    "journal_id": self.mollie._get_clearing("").journal_id.id,
                }
            )
        )
        self.assertEqual(self.mollie._get_clearing("ideal"), line)

    def test_administrator_without_the_group_connects_and_opens_the_card(self):
        admin = new_test_user(
            self.env, "matching_admin", "base.group_user,base.group_system"
        )
        connection = self._create_connection("ccv", name="CCV 3").with_user(admin)
        connection._ensure_clearing()
        self.assertTrue(connection._get_clearing("card").journal_id)
        arch = connection.get_view(
            self.env.ref("connection_base.service_connection_view_form").id, "form"
        )["arch"]
        self.assertNotIn("clearing_ids", arch)
        self.assertIn("matching_ledger", arch)

    def test_left_out_receipt_can_be_taken_back(self):
        receipt = self.receipt.with_user(self.office)
        receipt.action_ignore()
        self.assertEqual(receipt.state, "ignored")
        receipt.action_reopen()
        self.assertEqual(receipt.state, "open")
