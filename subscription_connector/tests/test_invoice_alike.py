from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.subscription_connector.models import account_move_alike
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

#: What two invoices never share: their identity, and what follows from their number.
OWN = {
    "create_date",
    "create_uid",
    "id",
    "move_id",
    "move_name",
    "name",
    "payment_reference",
    "sequence_number",
    "sequence_prefix",
    "subscription_line_id",
    "subscription_period_id",
    "write_date",
    "write_uid",
}


@tagged("post_install", "-at_install")
class TestInvoiceAlike(SubscriptionCommon):
    """An invoice is field by field what Odoo would have made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.high = cls._create_tax("21 %", 21.0)
        cls.low = cls._create_tax("9 %", 9.0)
        cls.zero = cls._create_tax("0 %", 0.0)
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Member {number}",
                    "email": f"member{number}@example.com",
                    "street": f"Kade {number}",
                    "zip": "1011 AA",
                    "city": "Amsterdam",
                    "country_id": cls.env.ref("base.nl").id,
                }
                for number in range(4)
            ]
        )
        cls.net = cls._create_product_for_plan(
            "Net", 12.35, taxes_id=[Command.set(cls.high.ids)]
        )

    @classmethod
    def _create_tax(cls, name, amount, **values):
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": amount,
                "country_id": cls.company.account_fiscal_country_id.id,
                **values,
            }
        )

    # === COMPARING === #

    def _read(self, record):
        """Return the stored values of a record that two invoices can share."""
        names = [
            name
            for name, field in record._fields.items()
            if field.store and field.type != "one2many" and name not in OWN
        ]
        values = record.read(names, load=None)[0]
        return {name: values[name] for name in names}

    def _assert_like_odoo(self, ours, theirs):
        """Compare invoices in all stored fields, and in those of their lines."""
        self.assertTrue(ours)
        for own, other in zip(ours, theirs, strict=True):
            self.assertEqual(self._read(own), self._read(other))
            own_lines, other_lines = own.line_ids.sorted(), other.line_ids.sorted()
            self.assertEqual(len(own_lines), len(other_lines))
            for line, other_line in zip(own_lines, other_lines, strict=True):
                self.assertEqual(self._read(line), self._read(other_line))
                name = own.name if own.name and line.name == own.name else False
                if line.display_type != "payment_term":
                    self.assertEqual(line.name, other_line.name)
                elif name:
                    self.assertEqual(other_line.name, other.name)

    def _compare(self, is_copied=True, customers=None, **values):
        """Make the same invoices both ways; compare drafts and posted ones."""
        lines = values.pop("lines", [{"product_id": self.net.id}])
        vals_list = [
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": fields.Date.today(),
                "fiscal_position_id": self.env["account.fiscal.position"]
                ._get_fiscal_position(customer, delivery=customer)
                .id,
                **values,
                "invoice_line_ids": [Command.create(dict(line)) for line in lines],
            }
            for customer in customers or self.customers
        ]
        quiet = self.env["account.move"].with_context(tracking_disable=True)
        filled = []
        original = account_move_alike.AccountMove._fill_copy

        def fill(*args):
            filled.append(args)
            return original(*args)

        with patch.object(account_move_alike.AccountMove, "_fill_copy", fill):
            ours = quiet._create_alike([quiet._copy_vals(vals) for vals in vals_list])
        self.assertEqual(bool(filled), is_copied)
        for vals in vals_list:
            vals.pop("fiscal_position_id")
        theirs = quiet.create(vals_list)
        self._assert_like_odoo(ours, theirs)
        ours._post_in_bulk()
        theirs._post()
        self.assertEqual(set(ours.mapped("state")), {"posted"})
        self._assert_like_odoo(ours, theirs)
        numbers = sorted((ours + theirs).mapped("sequence_number"))
        first = numbers[0]
        self.assertEqual(numbers, list(range(first, first + len(numbers))))
        return ours

    # === CASES === #

    def test_one_tax(self):
        moves = self._compare()
        self.assertEqual(set(moves.mapped("amount_total")), {14.94})

    def test_tax_included_and_discount(self):
        self._compare(
            lines=[
                {
                    "product_id": self.product.id,
                    "price_unit": 15.0,
                    "quantity": 3.0,
                    "discount": 12.5,
                }
            ]
        )

    def test_mixed_taxes(self):
        self._compare(
            lines=[
                {"product_id": self.net.id, "price_unit": 10.05, "quantity": 3.0},
                {
                    "product_id": self.net.id,
                    "price_unit": 4.99,
                    "tax_ids": [Command.set(self.low.ids)],
                },
                {
                    "product_id": self.net.id,
                    "price_unit": -1.0,
                    "tax_ids": [Command.set((self.low + self.zero).ids)],
                },
                {"product_id": self.product.id, "price_unit": 7.77},
            ]
        )

    def test_rounding_per_line(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        self._compare(lines=[{"product_id": self.net.id, "price_unit": 0.33}] * 3)

    def test_no_tax(self):
        self._compare(lines=[{"product_id": self.net.id, "tax_ids": [Command.clear()]}])

    def test_zero_amount(self):
        self._compare(lines=[{"product_id": self.net.id, "price_unit": 0.0}])

    def test_credit_note(self):
        self._compare(move_type="out_refund")

    def test_sections_and_notes_are_made_by_odoo(self):
        self._compare(
            is_copied=False,
            lines=[
                {"display_type": "line_section", "name": "Membership"},
                {"product_id": self.net.id},
            ],
        )

    def test_two_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now, half later",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50.0}),
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 50.0,
                            "nb_days": 31,
                            "delay_type": "days_after_end_of_month",
                        }
                    ),
                ],
            }
        )
        self.customers.property_payment_term_id = term
        moves = self._compare()
        self.assertEqual(len(moves[-1].line_ids), 4)

    def test_early_payment_discount(self):
        for computation in ("included", "excluded", "mixed"):
            term = self.env["account.payment.term"].create(
                {
                    "name": f"2 % within ten days, {computation}",
                    "early_discount": True,
                    "discount_percentage": 2.0,
                    "discount_days": 10,
                    "early_pay_discount_computation": computation,
                    "line_ids": [
                        Command.create(
                            {"value": "percent", "value_amount": 100.0, "nb_days": 30}
                        )
                    ],
                }
            )
            self.customers.property_payment_term_id = term
            with self.subTest(computation=computation):
                self._compare(is_copied=computation != "mixed")

    def test_fiscal_position_and_own_accounts(self):
        account = self.company_data["default_account_revenue"]
        other = account.copy({"code": "899001", "name": "Sales abroad"})
        receivable = self.company_data["default_account_receivable"]
        own = receivable.copy({"code": "119001", "name": "Members"})
        abroad = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "auto_apply": True,
                "country_id": self.env.ref("base.be").id,
                "account_ids": [
                    Command.create(
                        {"account_src_id": account.id, "account_dest_id": other.id}
                    )
                ],
            }
        )
        self._create_tax(
            "0 % abroad",
            0.0,
            fiscal_position_ids=[Command.set(abroad.ids)],
            original_tax_ids=[Command.set(self.high.ids)],
        )
        self.customers[2:].country_id = self.env.ref("base.be")
        self.customers[1].property_account_receivable_id = own
        moves = self._compare()
        self.assertEqual(set(moves[2:].fiscal_position_id.ids), set(abroad.ids))
        self.assertEqual(set(moves[2:].mapped("amount_tax")), {0.0})
        self.assertEqual(moves[2:].invoice_line_ids.account_id, other)
        terms = moves[1].line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        self.assertEqual(terms.account_id, own)

    def test_foreign_currency(self):
        currency = self.setup_other_currency("USD", rates=[("2016-01-01", 1.237)])
        moves = self._compare(
            currency_id=currency.id,
            lines=[{"product_id": self.net.id, "price_unit": 10.0 / 3}] * 2,
        )
        self.assertNotEqual(moves[-1].amount_total_signed, moves[-1].amount_total)

    def test_analytic_rules_of_a_customer(self):
        plan = self.env["account.analytic.plan"].create({"name": "Projects"})
        accounts = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("Club", "Youth")]
        )
        self.high.analytic = True
        rules = self.env["account.analytic.distribution.model"].create(
            [
                {
                    "product_id": self.net.id,
                    "analytic_distribution": {accounts[0].id: 100},
                },
                {
                    "partner_id": self.customers[1].id,
                    "analytic_distribution": {accounts[1].id: 100},
                },
            ]
        )
        self._compare(is_copied=False)
        rules[1].unlink()
        moves = self._compare()
        self.assertTrue(moves.invoice_line_ids.analytic_line_ids)

    def test_languages_of_customers(self):
        self.env["res.lang"]._activate_lang("nl_NL")
        self.customers[2:].lang = "nl_NL"
        self._compare()

    def test_unknown_module_is_met_by_odoo_itself(self):
        with patch.object(
            account_move_alike, "READ_MODULES", frozenset(("subscription_connector",))
        ):
            self._compare(is_copied=False)

    def test_a_copy_that_differs_is_made_anew(self):
        seen = []

        def differ(move):
            seen.append(move)
            return len(seen)

        model = account_move_alike.AccountMove
        with patch.object(model, "_get_amounts", differ):
            self._compare()

    # === THE BILLING RUN === #

    @freeze_time("2026-04-10")
    def test_the_run_makes_what_odoo_makes_of_the_same_lines(self):
        """Taxes, fiscal position and terms of a run are those that Odoo chooses."""
        abroad = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "auto_apply": True,
                "country_id": self.env.ref("base.be").id,
            }
        )
        self._create_tax(
            "0 % abroad",
            0.0,
            fiscal_position_ids=[Command.set(abroad.ids)],
            original_tax_ids=[Command.set(self.tax.ids)],
        )
        plan = self._create_plan(alignment="calendar")
        self.customers[3].country_id = self.env.ref("base.be")
        parent = self.customers[2].copy({"name": "Pays", "email": "pays@example.com"})
        found = self.env["subscription.subscription"]
        for customer in self.customers:
            for chosen in (self.plan, plan):
                found |= self._create_subscription(
                    "2026-03-15",
                    partner_id=customer.id,
                    plan_id=chosen.id,
                    collection="invoice",
                )
        found[5].partner_invoice_id = parent
        found[6].partner_invoice_id = parent  # delivered abroad, paid at home
        vals_list = []
        for subscription in found:
            spans = []
            for span in subscription._get_due_spans():
                vals = subscription._prepare_invoice_vals(span, tuple(spans))
                spans.append(span)
                vals.pop("fiscal_position_id")
                for _command, _id, line in vals["invoice_line_ids"]:
                    line.pop("tax_ids")
                vals_list.append(vals)
        theirs = self.env["account.move"].create(vals_list)
        self._run_cron("ir_cron_draft")
        ours = found.period_ids.sorted("id").move_id
        self.assertEqual(len(ours), len(vals_list))
        self._assert_like_odoo(ours, theirs)
        self._run_cron("ir_cron_post")
        theirs._post()
        self._assert_like_odoo(ours, theirs)
        self.assertEqual(set(ours.mapped("state")), {"posted"})
