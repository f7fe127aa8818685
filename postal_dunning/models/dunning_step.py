from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ..engine import pages
from .communication_type import CHANNELS

#: as long as what a letter says without a text of its own, and as the text of law
STANDARD_TEXT = " " * 150
LAW_TEXT = " " * 300


class DunningStep(models.Model):
    _name = "dunning.step"
    _description = "Collection Step"
    _order = "policy_id, days, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    policy_id = fields.Many2one(
        "dunning.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    days = fields.Integer(
        string="Days After Due", required=True, help="Below 0: before the due date."
    )
    level = fields.Integer(compute="_compute_level")
    wait_days = fields.Integer(
        string="Then Wait (days)",
        default=14,
        help="No next step before this many days; the law may ask for more.",
    )
    type_id = fields.Many2one("communication.type", string="Kind", required=True)
    channel = fields.Selection(
        CHANNELS, help="Empty: the default channel of the kind of message."
    )
    mail_template_id = fields.Many2one(
        "mail.template", domain="[('model', '=', 'dunning.message')]"
    )
    subject = fields.Char(translate=True)
    text = fields.Html(
        string="Letter Text",
        translate=True,
        sanitize_attributes=True,
        help="Printed in the letter above the list of open items.",
    )
    min_amount = fields.Float(
        string="Overdue From",
        digits=(16, 2),
        help="Only debtors who owe at least this get the step.",
    )
    partner_domain = fields.Char(
        string="Only Customers",
        help="Which customers get the step. Empty: all of the policy.",
    )
    cost_kind = fields.Selection(
        [("costs", "Collection costs"), ("reminder", "Costs of this reminder")],
        string="Charges",
        help="As much as the law allows on that day; refused where it forbids.",
    )
    cost_amount = fields.Float(
        string="Own Tariff",
        digits=(16, 2),
        help="0: what the law grants. A tariff above the law is never charged.",
    )
    has_interest = fields.Boolean(
        string="Interest", help="Charges the interest that ran up to that day."
    )
    responsible_id = fields.Many2one(
        "res.users", domain="[('share', '=', False), ('company_ids', 'in', company_id)]"
    )
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="set null")
    activity_note = fields.Char(string="What to Do", translate=True)

    _days_uniq = models.Constraint(
        "UNIQUE (policy_id, days)", "Two steps of a policy cannot fall on one day."
    )
    _tariff_positive = models.Constraint(
        "CHECK (cost_amount >= 0)", "A tariff cannot be negative."
    )
    _wait_positive = models.Constraint(
        "CHECK (wait_days >= 0)", "The waiting time cannot be negative."
    )

    @api.depends("policy_id.step_ids.days")
    def _compute_level(self):
        for step in self:
            others = step.policy_id.step_ids
            step.level = 1 + len(
                others.filtered(lambda other, step=step: other.days < step.days)
            )

    @api.constrains("days", "policy_id")
    def _check_unused(self):
        """The order of steps that were taken is history."""
        for step in self:
            taken = self.env["dunning.message.line"].sudo()
            later = step.policy_id.step_ids.filtered(
                lambda other, step=step: other.days > step.days and other != step
            )
            is_new = not taken.search_count([("step_id", "=", step.id)], limit=1)
            if is_new and taken.search_count([("step_id", "in", later.ids)], limit=1):
                raise ValidationError(
                    self.env._(
                        "A later step was already taken. Make a new policy instead."
                    )
                )

    @api.model
    def _prepare_standard_vals(self):
        """Values of the three standard steps, in the order of their days."""

        def get_id(xmlid):
            return self.env.ref(f"postal_dunning.{xmlid}").id

        return [
            {
                "name": self.env._("Reminder"),
                "days": 14,
                "wait_days": 10,
                "type_id": get_id("communication_type_reminder"),
                "mail_template_id": get_id("mail_template_reminder"),
            },
            {
                "name": self.env._("Formal notice"),
                "days": 30,
                "wait_days": 21,
                "type_id": get_id("communication_type_formal_notice"),
                "channel": "post",
                "mail_template_id": get_id("mail_template_reminder"),
            },
            {
                "name": self.env._("Call"),
                "days": 60,
                "wait_days": 30,
                "type_id": get_id("communication_type_personal"),
                "channel": "manual",
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
            },
        ]

    def _find_partner_ids(self, partner_ids):
        """Which of these customers the step is for, ``None`` for all."""
        if not self.partner_domain:
            return None
        domain = Domain(literal_eval(self.partner_domain))
        found = self.env["res.partner"].search(
            domain & Domain("id", "in", list(partner_ids))
        )
        return set(found.ids)

    @api.constrains("partner_domain")
    def _check_partner_domain(self):
        for step in self.filtered("partner_domain"):
            step._try_partner_domain()

    def _try_partner_domain(self):
        try:
            self._find_partner_ids([])
        except (ValueError, TypeError, SyntaxError) as error:
            raise ValidationError(
                self.env._(
                    "The customers of %(step)s cannot be found: %(error)s",
                    step=self.name,
                    error=error,
                )
            ) from error

    def _estimate_pages(self, rows):
        """Pages of a letter of this step about so many items."""
        self.ensure_one()
        text = html2plaintext(self.text or "") or STANDARD_TEXT
        texts = text.splitlines() + ([LAW_TEXT] if self.type_id.is_formal else [])
        return pages.estimate_reminder(rows, *texts)

    def _get_responsible(self):
        """Who does by hand what belongs to this step."""
        self.ensure_one()
        return self.responsible_id or self.policy_id.responsible_id
