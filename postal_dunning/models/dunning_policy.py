from odoo import api, fields, models

from ..engine import steps as engine_steps


class DunningPolicy(models.Model):
    """The steps an organisation takes with (a group of) its customers.

    A new policy is not automatic: somebody looks at the preview first and then
    switches it on.
    """

    _name = "dunning.policy"
    _description = "Collection Policy"
    _inherit = ["mail.thread", "mail.activity.mixin"]  # noqa: RUF012
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_automatic = fields.Boolean(
        string="Runs by Itself",
        tracking=True,
        help="Off: steps are only taken when somebody starts them.",
    )
    category_ids = fields.Many2many(
        "res.partner.category",
        string="Customer Groups",
        help="Empty: all customers for whom no other policy holds.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Gets what has to be done by hand.",
    )
    min_amount = fields.Monetary(
        string="From", help="Debtors who owe less than this are left alone."
    )
    max_data_hours = fields.Integer(
        string="Bank Data Not Older Than (hours)",
        default=72,
        help="No step while the newest bank line or payment is older. 0: no check.",
    )
    has_clause = fields.Boolean(
        string="Costs Are Agreed",
        help="The contract names costs and interest. Without it a consumer in Belgium "
        "owes none.",
    )
    clause_rate = fields.Float(
        string="Agreed Interest (%)",
        help="Percent a year. 0: the rate of law. Never more than the law allows.",
    )
    is_special_sector = fields.Boolean(
        string="Energy or Telecom",
        help="These have rules of their own in Belgium: nothing is charged.",
    )
    uses_collector = fields.Boolean(
        string="Collector Charges VAT",
        help="Collecting is left to a service that charges VAT. Letters of your own "
        "carry none.",
    )
    cannot_deduct_vat = fields.Boolean(
        string="VAT Cannot Be Deducted",
        help="The organisation is exempt, so that the VAT of a collector is a cost to "
        "it.",
    )
    has_return_fees = fields.Boolean(
        string="Pass On Bank Fees",
        tracking=True,
        help="What the bank really charged for a returned direct debit is asked for "
        "with the next step, where the law lets it (Germany). Never a flat sum.",
    )
    default_rule = fields.Selection(
        [
            ("reminder", "With the first reminder"),
            ("date", "On the due date, agreed as a day of the calendar"),
            ("text", "After 30 days, as the invoice says"),
        ],
        string="Default Begins",
        default="reminder",
        required=True,
        help="For consumers in Germany. Elsewhere it begins on the due date.",
    )
    day_count = fields.Selection(
        [
            ("actual", "Days as they are, years of 365 or 366"),
            ("30/360", "Months of 30 days, years of 360"),
        ],
        string="Days of Interest",
        default="actual",
        required=True,
        help="How days of interest are counted. Months of 30 days, as the German order "
        "for payment counts, hold under German law only.",
    )
    charge_journal_id = fields.Many2one(
        "account.journal",
        string="Journal for Costs",
        domain="[('type', '=', 'sale')]",
        check_company=True,
    )
    cost_account_id = fields.Many2one(
        "account.account",
        string="Account for Costs",
        check_company=True,
        domain="[('internal_group', '=', 'income')]",
        help="Empty: the default account of the journal.",
    )
    interest_account_id = fields.Many2one(
        "account.account",
        string="Account for Interest",
        check_company=True,
        domain="[('internal_group', '=', 'income')]",
        help="Empty: the account for costs.",
    )
    needs_approval = fields.Boolean(
        tracking=True,
        help="The daily run prepares the steps; each is taken once somebody said yes.",
    )
    promise_days = fields.Integer(
        string="Days After a Promise",
        default=3,
        help="A promise or an instalment counts as broken so many days after its date, "
        "because money needs time to arrive.",
    )
    step_ids = fields.One2many("dunning.step", "policy_id", copy=True)

    def write(self, vals):
        """Override: whoever switches a policy on answers for it, unless named."""
        result = super().write(vals)
        if vals.get("is_automatic"):
            alone = self.filtered(lambda policy: not policy.responsible_id)
            alone.responsible_id = self.env.user
        return result

    @api.model
    def _prepare_standard_vals(self, company):
        """Three steps that suit most: mail, letter, a person."""
        return {
            "name": self.env._("Standard"),
            "company_id": company.id,
            "responsible_id": False,
            "step_ids": [
                fields.Command.create(vals)
                for vals in self.env["dunning.step"]._prepare_standard_vals()
            ],
        }

    @api.model
    def _create_standard(self, company):
        """Make the standard policy, its names in every language in use."""
        english = self.with_context(lang="en_US").with_company(company)
        policy = english.create(english._prepare_standard_vals(company))
        for code, _name in self.env["res.lang"].get_installed():
            texts = policy.with_context(lang=code)
            vals = texts._prepare_standard_vals(company)
            texts.name = vals["name"]
            for step, command in zip(texts.step_ids, vals["step_ids"], strict=True):
                step.name = command[2]["name"]
        return policy

    @api.model
    def _get_policies(self, company):
        """Policies of a company, those for a group of customers first."""
        policies = self.search([("company_id", "=", company.id)])
        return policies.sorted(
            lambda policy: (not policy.category_ids, policy.sequence)
        )

    def _find_for(self, partner):
        """The first policy of ``self`` that holds for a customer."""
        for policy in self:
            if not policy.category_ids or policy.category_ids & partner.category_id:
                return policy
        return self.browse()

    def _get_step_conditions(self, facts):
        """Engine steps with what must be true for a debtor.

        :return: (step, least overdue amount, ids of the partners or ``None`` for all)
        """
        self.ensure_one()
        return [
            (
                engine_steps.Step(step.level, step.days, step.wait_days),
                step.min_amount,
                step._find_partner_ids(facts.debtors),
            )
            for step in self.step_ids.sorted("days")
        ]

    def action_preview(self):
        """Open what a run would do today, to be looked at and started."""
        company = self.company_id[:1] or self.env.company
        wizard = self.env["dunning.preview"].create({"company_id": company.id})
        wizard._load()
        return wizard._get_action()
