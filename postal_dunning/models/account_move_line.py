from datetime import date

from odoo import api, models


class AccountMoveLine(models.Model):
    """Money for several items that is less than all of them."""

    _inherit = "account.move.line"

    @api.model
    def _optimize_reconciliation_plan(
        self, reconciliation_plan, shadowed_aml_values=None
    ):
        """Override of `account`: where the law says so, costs and interest go first.

        Core takes the earliest due date first, which is the invoice; it sorts by the
        due date of these values, so what goes first is given an early one.
        """
        first = self._find_first_paid(reconciliation_plan)
        shadowed = dict(shadowed_aml_values or {})
        for line in first:
            shadowed[line] = {**shadowed.get(line, {}), "date_maturity": date.min}
        return super()._optimize_reconciliation_plan(
            reconciliation_plan, shadowed_aml_values=shadowed or shadowed_aml_values
        )

    @api.model
    def _find_first_paid(self, plan):
        """Costs and interest that are to be reconciled together with other items."""
        found = self.browse()
        for part in plan:
            if isinstance(part, (list, tuple)):
                found |= self._find_first_paid(part)
                continue
            owed = part.filtered(
                lambda line: (
                    line.account_type == "asset_receivable" and line.amount_residual > 0
                )
            )
            if len(owed.move_id) > 1:
                found |= owed._filter_first_paid()
        return found

    def _filter_first_paid(self):
        # Whoever books a payment has no rights on collections.
        charges_sudo = self.env["dunning.charge"].sudo()
        ids = set()
        for company in self.company_id:
            ids |= charges_sudo._find_first_paid(company)
        return self.filtered(lambda line: line.move_id.id in ids)
