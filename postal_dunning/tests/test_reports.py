from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestReports(DunningCommon):
    """What steps brought in, and how long customers take to pay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partner()
        cls.invoice = cls._create_invoice(cls.partner, 20)

    def test_payment_counts_for_the_last_message_before_it(self):
        self._run_dunning()
        case = self.partner.dunning_case_ids
        first = case.sent_message_ids
        self._pay(self.invoice, 30)
        with freeze_time(fields.Datetime.now() + timedelta(days=12)):
            self._run_dunning()
            second = case.sent_message_ids - first
            self._pay_later(70)
        env = self.env(user=self.user)
        rows = env["dunning.recovery.report"].search(
            [("message_id", "in", case.sent_message_ids.ids)]
        )
        self.assertEqual(
            {row.message_id: row.amount_recovered for row in rows},
            {first.with_env(env): 30, second.with_env(env): 70},
        )
        self.assertIn("30.00", first.with_user(self.user).outcome)

    def _pay_later(self, amount):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        )
        wizard.create(
            {"payment_date": fields.Date.today(), "amount": amount}
        )._create_payments()

    def test_channels_of_the_graph_are_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        module = self.env["ir.module.module"].search([("name", "=", "postal_dunning")])
        module._update_translations(["nl_NL"], overwrite=True)
        report = self.env["dunning.recovery.report"].with_context(lang="nl_NL")
        [field] = report.fields_get(["channel"], ["selection"]).values()
        self.assertIn(("manual", "Met de hand"), field["selection"])

    def test_price_of_a_letter_is_spread_over_its_items(self):
        self._connect_pingen()
        self.steps[0].channel = "post"
        self._create_invoice(self.partner, 16)
        self._run_dunning()
        message = self.partner.dunning_case_ids.sent_message_ids
        message.letter_id.write({"price": 1.5})
        message._update_state("sent", date_sent=fields.Datetime.now())
        self.env.flush_all()
        rows = self.env["dunning.recovery.report"].search(
            [("message_id", "=", message.id)]
        )
        self.assertEqual(rows.mapped("amount_cost"), [0.75, 0.75])
        self.assertEqual(rows.mapped("amount_net"), [-0.75, -0.75])

    def test_message_says_what_the_debtor_answered(self):
        self._run_dunning()
        case = self.partner.dunning_case_ids
        case.sent_message_ids.date_sent = fields.Datetime.now() - timedelta(days=1)
        self.env["dunning.promise"].create(
            [{"case_id": case.id, "amount": 50, "date": self.today}] * 2
        )
        case.sent_message_ids.invalidate_recordset()
        self.assertEqual(case.sent_message_ids.outcome, "Promise to pay")

    def test_days_outstanding_follow_the_books(self):
        company = self.env["res.company"].create({"name": "Second club"})
        report = self.env["dunning.dso.report"]
        before = report.search(
            [("company_id", "=", self.company.id)], limit=1
        ).amount_open
        self._create_invoice(self.partner, 0, amount=900)
        self.env.flush_all()
        report.invalidate_model()
        after = report.search([("company_id", "=", self.company.id)], limit=1)
        self.assertEqual(after.date, self.today.replace(day=1))
        self.assertAlmostEqual(after.amount_open, before + 900)
        self.assertAlmostEqual(
            after.days, after.amount_open / after.amount_invoiced * self._get_days(), 2
        )
        # Nothing was invoiced there: no days, instead of a line at 0.
        self.assertFalse(report.search([("company_id", "=", company.id)]))
        self.assertFalse(
            report.with_user(self.user).search([("company_id", "=", company.id)])
        )

    def _get_days(self):
        first = self.today.replace(day=1)
        start = fields.Date.subtract(first, months=2)
        return (self.today - start).days + 1

    def test_customer_shows_everything_that_was_said(self):
        self._run_dunning()
        action = self.partner.with_user(self.user).action_view_dunning_messages()
        found = self.env["dunning.message"].search(action["domain"])
        self.assertEqual(found, self.partner.dunning_case_ids.sent_message_ids)
