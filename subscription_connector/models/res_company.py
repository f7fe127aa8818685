import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .. import const
from ..engine import retry


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_retry_days = fields.Char(
        string="Days of the Next Tries",
        default=lambda self: ", ".join(map(str, retry.DEFAULT_DAYS)),
        help="Days after the first failure on which a charge is tried again.",
    )
    subscription_catch_up_cap = fields.Integer(
        string="Missed Periods in One Run", default=const.CATCH_UP_CAP
    )

    subscription_brake_percent = fields.Integer(
        string="Brake at a Difference of (%)",
        default=50,
        help="0: no brake.",
    )

    _subscription_brake_percent_positive = models.Constraint(
        "CHECK (subscription_brake_percent >= 0)",
        "The difference at which a run waits cannot be negative.",
    )
    _subscription_catch_up_cap_positive = models.Constraint(
        "CHECK (subscription_catch_up_cap > 0)",
        "At least one period of a subscription is billed in a run.",
    )

    @api.constrains("subscription_retry_days")
    def _check_subscription_retry_days(self):
        for company in self:
            if retry.parse_days(company.subscription_retry_days or "") is None:
                raise ValidationError(
                    self.env._(
                        "Write the days of the next tries as whole numbers that "
                        "rise, such as 3, 5, 7."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_subscription_sequence()
        return companies

    def _get_retry_days(self):
        """Return the days after a first failure on which is tried again."""
        self.ensure_one()
        return retry.parse_days(self.subscription_retry_days or "") or ()

    def _get_billing_day(self):
        """Return the date it is at the company, wherever the scheduler runs.

        The time zone of the company's contact counts, else that of its country.
        """
        self.ensure_one()
        partner = self.sudo().partner_id
        zones = pytz.country_timezones.get(partner.country_id.code or "", ())
        zone = partner.tz or next(iter(zones), "UTC")
        return fields.Date.context_today(self.with_context(tz=zone))

    @api.model
    def _get_billing_day_domain(self, field, operator="<="):
        """Return the domain of records whose ``field`` is today or earlier.

        :param str field: a date of a model that has a company
        :param str operator: ``<`` for earlier only
        """
        companies = self.sudo().search([("active", "in", (True, False))])
        by_day = companies.grouped(lambda company: company._get_billing_day())
        return Domain.OR(
            Domain(field, operator, day)
            & (Domain("company_id", "in", some.ids) if len(by_day) > 1 else Domain.TRUE)
            for day, some in by_day.items()
        )

    def _create_subscription_sequence(self):
        """Give each company its own numbers for subscriptions."""
        sequence_sudo = self.env["ir.sequence"].sudo()
        existing = sequence_sudo.search(
            [
                ("code", "=", "subscription.subscription"),
                ("company_id", "in", self.ids),
            ]
        ).company_id
        sequence_sudo.create(
            [
                {
                    "name": "Subscription",
                    "code": "subscription.subscription",
                    "prefix": "SUB",
                    "padding": 5,
                    "company_id": company.id,
                }
                for company in self - existing
            ]
        )
