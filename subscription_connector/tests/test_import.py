import base64
import io
from datetime import date

from freezegun import freeze_time
from openpyxl import Workbook

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

HEADER = ("Name", "E-mail", "Plan", "Start", "Next billing", "Price", "Quantity")


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10")
class TestImport(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.office.copy({"login": "import_clerk"})
        cls.clerk.group_ids += cls.env.ref("base.group_partner_manager")

    def _check(self, *rows, filename="members.csv"):
        """Upload rows and have them checked, the way the office does."""
        if filename.endswith("xlsx"):
            book = Workbook()
            for row in (HEADER, *rows):
                book.active.append(row)
            stream = io.BytesIO()
            book.save(stream)
            content = stream.getvalue()
        else:
            lines = (";".join(map(str, row)) for row in (HEADER, *rows))
            content = "\n".join(lines).encode()
        wizard = (
            self.env["subscription.import"]
            .with_user(self.clerk)
            .create({"file": base64.b64encode(content), "filename": filename})
        )
        wizard.action_check()
        return wizard

    def _import(self, wizard):
        action = wizard.action_import()
        return self.env["subscription.subscription"].search(action["domain"])

    def test_a_list_is_shown_and_then_imported(self):
        """L6 by file: known customers are found, new ones made, no mail is sent."""
        wizard = self._check(
            (
                "Mieke Jansen",
                self.customer.email,
                "member per month",
                "1-3-2026",
                "1-5-2026",
                "",
                "",
            ),
            (
                "Piet Smit",
                "piet@example.com",
                "Member per month",
                "2026-04-01",
                "",
                "12,50",
                "2",
            ),
        )
        self.assertEqual((wizard.row_count, wizard.error_count), (2, 0))
        self.assertEqual(wizard.line_ids[0].partner_id, self.customer)
        self.assertFalse(wizard.line_ids[1].partner_id)
        made = self._import(wizard).sorted("id")
        self.assertEqual(made.mapped("state"), ["active", "active"])
        self.assertEqual(made[0].payment_token_id, self.token)
        self.assertEqual(made[0].date_next, date(2026, 5, 1))
        self.assertEqual(made[1].amount_total, 25.0)
        self.assertEqual(made[1].collection, "invoice")
        self.assertFalse(
            self.env["mail.mail"].search([("model", "=", made._name)]),
            "L8: switched off",
        )
        self._run_billing()
        self.assertFalse(made[0].period_ids, "billed elsewhere until May")
        self.assertEqual(made[1].period_ids.date_from, date(2026, 4, 1))

    def test_a_spreadsheet_is_read_too(self):
        wizard = self._check(
            (
                "Piet Smit",
                "piet@example.com",
                "Member per month",
                date(2026, 4, 1),
                None,
                12.5,
                1,
            ),
            filename="members.xlsx",
        )
        self.assertFalse(wizard.error_count)
        self.assertEqual(self._import(wizard).amount_total, 12.5)

    def test_a_plan_is_found_by_its_name_in_another_language(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        self.plan.with_context(lang="nl_NL").name = "Lid per maand"
        wizard = self._check(
            ("Piet Smit", "piet@example.com", "Lid per maand", "", "", "", ""),
            ("Jan Smit", "jan@example.com", "Member per month", "", "", "", ""),
        )
        self.assertFalse(wizard.error_count)
        self.assertEqual(wizard.line_ids.plan_id, self.plan)

    def test_one_bad_line_keeps_the_whole_file_back(self):
        """The line's number and the reason; nothing is made."""
        count = self.env["subscription.subscription"].search_count([])
        good = ("Piet Smit", "piet@example.com", "Member per month", "", "", "", "")
        wizard = self._check(
            good,
            good,
            ("Anna", "anna@example.com", "No such plan", "", "", "", ""),
            ("Bert", "bert@example.com", "Member per month", "31-2-2026", "", "", ""),
            ("Chris", "chris@example.com", "Member", "1-1-1", "", "free", ""),
            ("Dirk", "no address", "Member per month", "", "", "", ""),
            ("", "eva@example.com", "Member per month", "", "", "", ""),
        )
        errors = {line.number: line.error for line in wizard.line_ids}
        self.assertFalse(errors[2])
        for number, words in (
            (3, "twice"),
            (4, "No such plan"),
            (5, "31-2-2026"),
            (6, "free"),
            (6, "1-1-1"),
            (6, "no plan “Member”"),
            (7, "no address"),
            (8, "name"),
        ):
            self.assertIn(words, errors[number])
        self.assertFalse(wizard.line_ids[-1].error)
        with self.assertRaises(UserError):
            wizard.action_import()
        self.assertEqual(self.env["subscription.subscription"].search_count([]), count)

    def test_a_failure_while_importing_undoes_everything(self):
        """A customer who cannot be reached is found at the start; the line is named."""
        wizard = self._check(
            ("Piet Smit", "piet@example.com", "Member per month", "", "", "", ""),
            ("Nobody", "", "Member per month", "", "", "", ""),
        )
        with self.assertRaisesRegex(UserError, "Line 3"), self.env.cr.savepoint():
            wizard.action_import()
        self.assertFalse(
            self.env["res.partner"].search([("email", "=", "piet@example.com")])
        )

    def test_who_may_not_create_customers_is_told_before_no_rights(self):
        wizard = self._check(
            ("Piet Smit", "piet@example.com", "Member per month", "", "", "", "")
        )
        office = self.env["subscription.import"].with_user(self.office)
        other = office.create({"file": wizard.file, "filename": wizard.filename})
        other.action_check()
        self.assertIn("may not create contacts", other.line_ids.error)

    def test_who_has_the_plan_already_is_named(self):
        self._create_subscription("2026-04-01")
        wizard = self._check(
            ("Mieke Jansen", self.customer.email, "Member per month", "", "", "", "")
        )
        self.assertIn("already", wizard.line_ids.error)

    def test_a_file_that_is_none_is_refused_with_words(self):
        wizard = self.env["subscription.import"].with_user(self.office).create({})
        for name, content, words in (
            ("a.csv", b"", "nothing in this file"),
            ("a.csv", b"One;Two\n1;2", "name the columns"),
            ("a.xlsx", b"no spreadsheet", "XLSX"),
        ):
            wizard.write({"file": base64.b64encode(content or b" "), "filename": name})
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                wizard.action_check()
