from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..engine import law


class DunningLawRule(models.Model):
    """One dated value of law with its source; the engine refuses without one.

    Rules are shared by all companies: law does not differ between them. A rule is
    never changed to a new value, it ends and the next one begins.
    """

    _name = "dunning.law.rule"
    _description = "Rule of Law"
    _order = "country_id, debtor_kind, code, date_from desc"

    name = fields.Char(required=True, translate=True)
    country_id = fields.Many2one("res.country", required=True, index=True)
    debtor_kind = fields.Selection(
        [("consumer", "Consumer"), ("business", "Business")], required=True
    )
    code = fields.Selection(
        [
            ("notice_days", "Days a notice leaves"),
            ("delivery_days", "Days a letter needs"),
            ("proof_days", "Days to prove that an e-mail arrived"),
            ("safety_days", "Days of safety"),
            ("cost_rate", "Costs: percent of the part"),
            ("cost_base", "Costs: amount at the beginning of the part"),
            ("cost_min", "Costs: least"),
            ("cost_max", "Costs: most"),
            ("cost_item", "Costs: for each item"),
            ("cost_vat", "Costs: percent of VAT of a collector"),
            ("reminder_max", "Reminder: most, without postage"),
            ("free_reminders", "Reminder: free due dates a year"),
            ("costs_first", "Payments go to costs and interest first"),
            ("return_fee", "Bank fee of a returned debit: may be passed on"),
            ("interest_rate", "Interest: percent a year"),
            ("interest_cap", "Interest: most that may be agreed"),
            ("interest_compounds", "Interest: added after a year"),
            ("interest_360", "Interest: months of 30 days may be counted"),
        ],
        required=True,
    )
    value = fields.Float(required=True, digits=(16, 4), aggregator=None)
    amount_from = fields.Float(
        string="Principal Above",
        digits=(16, 2),
        aggregator=None,
        help="Where a part of a scale begins; 0 for values that are no scale.",
    )
    date_from = fields.Date(required=True)
    date_to = fields.Date()
    source = fields.Char(required=True)
    date_reviewed = fields.Date(required=True)

    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A rule cannot end before it begins.",
    )

    @api.constrains(
        "country_id", "debtor_kind", "code", "amount_from", "date_from", "date_to"
    )
    def _check_overlap(self):
        for rule in self:
            domain = [
                ("id", "!=", rule.id),
                ("country_id", "=", rule.country_id.id),
                ("debtor_kind", "=", rule.debtor_kind),
                ("code", "=", rule.code),
                ("amount_from", "=", rule.amount_from),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", rule.date_from),
            ]
            if rule.date_to:
                domain.append(("date_from", "<=", rule.date_to))
            if self.search_count(domain, limit=1):
                raise ValidationError(
                    self.env._(
                        "Two values of %(rule)s hold on one day.", rule=rule.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @ormcache()
    def _get_book(self):
        """All rules as the engine wants them; read once until one changes.

        :rtype: engine.law.RuleBook
        """
        # Law is public knowledge: whoever plans a reminder needs all of it.
        rules_sudo = self.sudo().search([("country_id", "!=", False)])
        return law.RuleBook(
            law.Rule(
                country=rule.country_id.code,
                debtor=rule.debtor_kind,
                code=rule.code,
                value=Decimal(str(rule.value)),
                valid_from=rule.date_from,
                valid_to=rule.date_to or None,
                source=rule.source,
                amount_from=Decimal(str(rule.amount_from)),
            )
            for rule in rules_sudo
        )
