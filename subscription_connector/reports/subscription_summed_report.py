from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

#: What may be asked of rows that stand for several records.
FUNCTIONS = ("sum", "sum_currency", "array_agg", "array_agg_distinct")


class SubscriptionSummedReport(models.AbstractModel):
    """A report of single records that answers questions about sums from sums.

    A graph or a pivot asks for few columns. Where neither the groups, nor the
    condition, nor a record rule of the user needs a single record, the report may
    read fewer rows, each of which stands for ``number`` records: it is asked for them
    by ``_is_summed``.
    """

    _name = "subscription.summed.report"
    _description = "Report of Records or of Their Sums"

    #: Names of the fields that a row of sums has as well.
    _summed_fields = frozenset()

    def _is_summed(self):
        """Whether the table is to be one of sums."""
        return bool(self.env.context.get("subscription_summed"))

    def _with_sums(self, domain, groupby, aggregates):
        """Return the report itself, or that of the sums where they are enough."""
        rules = Domain.TRUE
        if not self.env.su:
            rules = self.env["ir.rule"]._compute_domain(self._name, "read")
        conditions = (Domain(domain) & rules).iter_conditions()
        enough = (
            all(self._is_condition_summed(condition) for condition in conditions)
            and all(self._is_group_summed(*spec.partition(":")) for spec in groupby)
            and all(
                spec == "__count" or self._is_aggregate_summed(*spec.partition(":"))
                for spec in aggregates
            )
        )
        return self.with_context(subscription_summed=True) if enough else self

    def _is_condition_summed(self, condition):
        return condition.field_expr.partition(".")[0] in self._summed_fields

    def _is_group_summed(self, name, _colon, _granularity):
        return name in self._summed_fields

    def _is_aggregate_summed(self, name, _colon, function):
        return name in self._summed_fields and function in FUNCTIONS

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        """Override of `base` to read sums where they are enough."""
        return super(
            SubscriptionSummedReport, self._with_sums(domain, groupby, aggregates)
        )._read_group(domain, groupby, aggregates, *args, **kwargs)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        """Override of `base` to read sums where they are enough."""
        specs = [spec for groupby in grouping_sets for spec in groupby]
        return super(
            SubscriptionSummedReport, self._with_sums(domain, specs, aggregates)
        )._read_grouping_sets(domain, grouping_sets, aggregates, order)

    def _read_group_select(self, aggregate_spec, query):
        """Override of `base` to count records, not rows."""
        if aggregate_spec == "__count" and self._is_summed():
            return SQL(
                "COALESCE(SUM(%s), 0)::bigint", SQL.identifier(self._table, "number")
            )
        return super()._read_group_select(aggregate_spec, query)
