"""Whoever configures a policy is told what the law will not grant."""

from decimal import Decimal

from odoo.tests import new_test_user, tagged

from ..engine import tariffs
from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestPolicyWarning(DunningCommon):
    def _charge(self, amount, kind="costs", **values):
        self.steps[2].write({"cost_kind": kind, "cost_amount": amount, **values})
        return self.policy.tariff_warning

    def _move_to(self, country):
        self.company.country_id = self.env.ref(f"base.{country}")

    def test_engine_knows_the_limits(self):
        """Scale of BWBR0031432; BGH 26 June 2019, VIII ZR 95/18 (legal.md 1.1, 3.2)."""
        book = self.env["dunning.law.rule"]._get_book()
        for country, kind, tariff, least, wanted in (
            ("NL", "costs", "40", "0", ("", None)),
            ("NL", "costs", "40.01", "0", ("NL-ABOVE-SCALE", Decimal("40.00"))),
            ("NL", "costs", "45", "300", ("", None)),
            ("NL", "costs", "45.01", "300", ("NL-ABOVE-SCALE", Decimal("45.00"))),
            ("NL", "costs", "0", "0", ("", None)),
            ("NL", "reminder", "5", "0", ("NL-COSTS-ONLY", None)),
            ("DE", "reminder", "2.50", "0", ("DE-FLAT-FEE-RISK", Decimal("2.5"))),
            ("DE", "costs", "2.51", "0", ("DE-CONSUMER-FLAT-FEE", Decimal("2.5"))),
            ("BE", "reminder", "5", "0", ("", None)),
        ):
            with self.subTest(country=country, kind=kind, tariff=tariff):
                found = tariffs.find_tariff_problem(
                    book, country, kind, Decimal(tariff), Decimal(least), self.today
                )
                self.assertEqual(found, wanted)

    def test_tariff_above_the_dutch_scale_is_said(self):
        self.assertFalse(self._charge(0))
        self.assertFalse(self._charge(40))
        self.assertIn("above the scale", self._charge(45))
        self.assertFalse(self._charge(45, min_amount=300))
        self.assertIn("pay nothing for a reminder", self._charge(5, "reminder"))

    def test_german_flat_fee_is_said(self):
        self._move_to("de")
        self.assertFalse(self._charge(0))
        self.assertIn("not accepted by every court", self._charge(2.5))
        self.assertIn("above what courts in Germany accept", self._charge(5))

    def test_law_of_debtors_abroad_counts_too(self):
        self.assertNotIn("Germany", self._charge(40) or "")
        partner = self._create_partner(country_id=self.env.ref("base.de").id)
        self._create_case(partner)
        self.policy.invalidate_recordset(["tariff_warning"])
        self.assertIn("Germany", self.policy.tariff_warning)

    def test_company_that_collects_for_another_is_warned(self):
        """Wet kwaliteit incassodienstverlening (legal.md 1.2)."""
        self.assertFalse(self.policy.collector_warning)
        union = self.env["res.company"].create({"name": "National Union"})
        person = new_test_user(
            self.env,
            "union",
            company_id=union.id,
            company_ids=[(6, 0, [union.id, self.company.id])],
        )
        self.policy.responsible_id = person
        policy = self.policy.with_user(self.user)
        self.assertIn("People of National Union", policy.collector_warning)
        preview = self.env["dunning.preview"].create({"company_id": self.company.id})
        self.assertIn("National Union", preview.collector_warning)
        self._move_to("be")
        self.policy.invalidate_recordset(["collector_warning"])
        self.assertFalse(self.policy.collector_warning)

    def test_branch_is_no_third_party(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        person = new_test_user(
            self.env,
            "branch",
            company_id=branch.id,
            company_ids=[(6, 0, [branch.id, self.company.id])],
        )
        self.steps[0].responsible_id = person
        self.assertFalse(self.policy.collector_warning)
