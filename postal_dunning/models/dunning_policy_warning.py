from decimal import Decimal

from odoo import api, fields, models

from ..engine import fees, tariffs


class DunningPolicy(models.Model):
    """What the person who configures a policy has to know before a debtor does."""

    _inherit = "dunning.policy"

    tariff_warning = fields.Text(compute="_compute_tariff_warning")
    collector_warning = fields.Text(compute="_compute_collector_warning")

    # === TARIFFS === #

    @api.depends(
        "company_id",
        "min_amount",
        "step_ids.name",
        "step_ids.cost_kind",
        "step_ids.cost_amount",
        "step_ids.min_amount",
    )
    @api.depends_context("lang")
    def _compute_tariff_warning(self):
        book = self.env["dunning.law.rule"]._get_book()
        today = fields.Date.context_today(self)
        for policy in self:
            steps = policy.step_ids.filtered(lambda one: one.cost_kind)
            words = [
                policy._get_tariff_words(step, code, most)
                for country in (policy._get_countries() if steps else [])
                for step in steps
                for code, most in [
                    tariffs.find_tariff_problem(
                        book,
                        country,
                        step.cost_kind,
                        Decimal(str(step.cost_amount)),
                        Decimal(str(max(step.min_amount, policy.min_amount))),
                        today,
                    )
                ]
                if code
            ]
            policy.tariff_warning = "\n".join(words)

    def _get_countries(self):
        """Countries whose law its consumers have: ours, and where debtors live."""
        company = self.company_id
        cases = self.env["dunning.case"].sudo()
        return [
            code
            for code in ("NL", "DE")
            if company.country_id.code == code
            or cases.search_count(
                [
                    ("company_id", "=", company.id),
                    ("partner_id.country_id.code", "=", code),
                ],
                limit=1,
            )
        ]

    def _get_tariff_words(self, step, code, most):
        values = {
            "step": step.name,
            "amount": self.currency_id.format(step.cost_amount),
            "most": self.currency_id.format(float(most or 0)),
        }
        words = {
            fees.NL_COSTS_ONLY: self.env._(
                "%(step)s: consumers in the Netherlands pay nothing for a reminder. "
                "They are charged nothing.",
                **values,
            ),
            tariffs.NL_ABOVE: self.env._(
                "%(step)s: %(amount)s is above the scale of the Netherlands for the "
                "smallest debt of this step (%(most)s). Consumers are never charged "
                "more than the scale, but a court may take all costs away for a "
                "tariff above it.",
                **values,
            ),
            fees.DE_FLAT: self.env._(
                "%(step)s: %(amount)s is a flat fee above what courts in Germany "
                "accept (%(most)s). Consumers there are charged nothing.",
                **values,
            ),
            tariffs.DE_RISK: self.env._(
                "%(step)s: a flat fee is not accepted by every court in Germany. "
                "Without a tariff the real price of the letters is charged.",
                **values,
            ),
        }
        return words[code]

    # === COLLECTING FOR OTHERS === #

    @api.depends("company_id", "responsible_id", "step_ids.responsible_id")
    @api.depends_context("lang")
    def _compute_collector_warning(self):
        for policy in self:
            policy.collector_warning = policy._get_collector_words()

    def _get_collector_words(self):
        """Whether people of one company collect for another one.

        Wet kwaliteit incassodienstverlening, since 1 April 2024: who collects debts of
        people in the Netherlands for a third party has to be registered. Branches are
        no third party to their company.
        """
        company = self.company_id
        # The main company of a colleague may be one that the reader is not in.
        people = (self.responsible_id | self.step_ids.responsible_id).sudo()
        owners = people.company_id.filtered(
            lambda one: one.root_id != company.sudo().root_id
        )
        if not owners or "NL" not in self._get_countries():
            return ""
        return self.env._(
            "People of %(owners)s collect for %(company)s. Whoever collects debts of "
            "people in the Netherlands for a third party has to be registered (Wet "
            "kwaliteit incassodienstverlening). Have it looked at first.",
            owners=", ".join(owners.mapped("name")),
            company=company.name,
        )
