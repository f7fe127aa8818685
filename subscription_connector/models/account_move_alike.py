import logging
from collections import defaultdict

from odoo import api, models
from odoo.fields import Command, Domain

_logger = logging.getLogger(__name__)

#: Modules whose overrides of :data:`DECIDING` were read: what they change depends on
#: nothing that may differ between two invoices of one key.
READ_MODULES = frozenset(
    (
        "account",
        "account_payment",
        "analytic",
        "hr_expense",  # of what belongs to an expense alone
        "sale",
        "sale_management",
        "sale_project",
        "sale_stock",
        "stock_account",
        "subscription_connector",
        "website_sale",
    )
)
#: The methods that decide on the lines of an invoice, by model. Where another module
#: overrides one of them, every invoice is made by Odoo itself.
DECIDING = {
    "account.move": (
        "_compute_currency_id",
        "_compute_date",
        "_compute_expected_currency_rate",
        "_compute_fiscal_position_id",
        "_compute_invoice_currency_rate",
        "_compute_invoice_date_due",
        "_compute_invoice_payment_term_id",
        "_compute_journal_id",
        "_compute_needed_terms",
        "_get_invoice_currency_rate_date",
        "_get_rounded_base_and_tax_lines",
        "_get_sync_stack",
        "_prepare_product_base_line_for_taxes_computation",
        "_search_default_journal",
        "_sync_dynamic_line",
        "_sync_dynamic_lines",
        "_sync_invoice",
        "_sync_tax_lines",
    ),
    "account.move.line": (
        "_compute_account_id",
        "_compute_analytic_distribution",
        "_compute_currency_id",
        "_compute_currency_rate",
        "_compute_price_unit",
        "_compute_quantity",
        "_compute_tax_ids",
        "_compute_term_key",
        "_get_analytic_distribution_arguments",
        "_sync_invoice",
    ),
    "account.analytic.distribution.model": (
        "_get_applicable_models",
        "_get_default_search_domain_vals",
        "_get_distribution",
    ),
    "account.payment.term": ("_compute_terms",),
    "account.tax": (
        "_add_tax_details_in_base_lines",
        "_prepare_base_line_grouping_key",
        "_prepare_tax_lines",
        "_round_base_lines_tax_details",
    ),
}
#: Kinds of lines that are the same on every invoice of one key.
COPIED_KINDS = frozenset(("product", "tax", "payment_term"))
#: What Odoo decides on an invoice and a copy takes over.
HEADER = (
    "currency_id",
    "date",
    "invoice_currency_rate",
    "invoice_date_due",
    "invoice_payment_term_id",
    "journal_id",
)
#: What is each invoice's own, and changes nothing in its amounts.
OWN_HEADER = frozenset(("invoice_origin", "partner_id", "partner_shipping_id"))
OWN_LINE = frozenset(
    ("name", "sale_line_ids", "subscription_line_id", "subscription_period_id")
)
#: Marks in a context that copies are made; no remote call can put it there.
COPIES = object()
#: Fields of a line that a copy never takes over.
NEVER_COPIED = frozenset(
    (
        "company_id",
        "create_date",
        "create_uid",
        "full_reconcile_id",
        "id",
        "matching_number",
        "move_id",
        "partner_id",
        "reconcile_model_id",
        "sale_line_ids",
        "subscription_line_id",
        "subscription_period_id",
        "write_date",
        "write_uid",
    )
)
#: Fields with an inverse are left to Odoo, but for these.
COPIED_INVERSE = frozenset(("account_id", "amount_currency", "analytic_distribution"))


class UnlikeError(Exception):
    """A copy is not what it was copied from."""


def _get_module(parent):
    """Return the addon that a class comes from, nothing for Odoo's own base."""
    before, _mark, rest = parent.__module__.partition("odoo.addons.")
    return "" if before else rest.partition(".")[0]


class AccountMove(models.Model):
    """Invoices that are alike are computed once.

    Members of one plan get the same invoice, but for name, number and texts. Odoo
    makes the first of each kind; the others are handed over to ``create`` with all
    their lines complete, under its own ``skip_invoice_sync``, as its point of sale
    does. Whatever could make two invoices differ is part of the key; where that is
    not certain, Odoo makes each one.
    """

    _inherit = "account.move"

    @api.model
    def _create_alike(self, vals_list):
        """Create invoices as ``create`` does, those that are alike in one go.

        :param list vals_list: values with ``invoice_line_ids`` as create commands and
            a ``fiscal_position_id``
        :return: the invoices, in the order of their values
        """
        if len(vals_list) < 2 or not self._is_made_by(READ_MODULES, DECIDING):
            return self.create(vals_list)
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                moves = self._create_by_kind(vals_list)
                self.env.flush_all()  # as this user, not as the one of the savepoint
                return moves
        except UnlikeError:
            _logger.info("Copies of invoices differ: %s are made anew", len(vals_list))
            return self.create([self._copy_vals(vals) for vals in vals_list])

    @api.model
    def _without_tracking(self, company):
        """Return this model for the bills of a company, which tell themselves enough.

        The period says which run made an invoice; where the law asks for an audit
        trail (``restrictive_audit_trail``), Odoo's own notes are made as well.
        """
        return self.with_context(tracking_disable=not company.restrictive_audit_trail)

    @api.model
    def _is_made_by(self, modules, methods):
        """Whether methods are defined by no other modules than these.

        :param modules: names of addons
        :param dict methods: names of methods by model
        """
        return all(
            _get_module(parent) in modules
            for model, names in methods.items()
            for parent in type(self.env[model]).__mro__
            if _get_module(parent)
            for name in names
            if name in vars(parent)
        )

    @api.model
    def _copy_vals(self, vals):
        """Return values of an invoice that ``create`` may change."""
        lines = vals["invoice_line_ids"]
        return vals | {
            "invoice_line_ids": [
                Command.create(dict(line)) for _command, _id, line in lines
            ]
        }

    @api.model
    def _create_by_kind(self, vals_list):
        """Let Odoo make the first of each kind, and copy the others of it.

        :raises UnlikeError: when a copy differs from the first
        """
        kinds = defaultdict(list)
        for index, key in enumerate(self._get_alike_keys(vals_list)):
            kinds[key].append(index)
        firsts = self.create(
            [self._copy_vals(vals_list[indexes[0]]) for indexes in kinds.values()]
        )
        found = {}
        plain, copies = [], []
        for first, (index, *others) in zip(firsts, kinds.values(), strict=True):
            found[index] = first
            if not others:
                continue
            if first._is_copied():
                header, lines = first._prepare_copied_vals()
                copies += [
                    (other, first, self._fill_copy(vals_list[other], header, lines))
                    for other in others
                ]
            else:
                plain += others
        made = self.create([self._copy_vals(vals_list[index]) for index in plain])
        found |= zip(plain, made, strict=True)
        copied = (
            self.with_context(skip_invoice_sync=True, subscription_copies=COPIES)
            .create([vals for _index, _first, vals in copies])
            .with_env(self.env)
        )
        models = self.union(*(first for _index, first, _vals in copies))
        amounts = {first: first._get_amounts() for first in models}
        for move, (index, first, _vals) in zip(copied, copies, strict=True):
            if move._get_amounts() != amounts[first]:
                raise UnlikeError
            found[index] = move
        return self.browse(found[index].id for index in range(len(vals_list)))

    def _check_company(self, fnames=None):
        """Override of `base`: what a copy takes over was checked with its first."""
        if fnames is None and self.env.context.get("subscription_copies") is COPIES:
            fnames = OWN_HEADER
        return super()._check_company(fnames)

    @api.model
    def _get_alike_keys(self, vals_list):
        """Return for each invoice what decides on its lines and their amounts."""
        company = self.env.company
        partners = (
            self.env["res.partner"]
            .with_company(company)
            .browse(tuple(vals["partner_id"] for vals in vals_list))
        )
        has_own_analytics = bool(
            self.env["account.analytic.distribution.model"]
            .sudo()
            .search_count(
                Domain("partner_id", "!=", False)
                | Domain("partner_category_id", "!=", False),
                limit=1,
            )
        )
        return [
            repr(
                (
                    self._get_alike_values(vals),
                    partner.lang,
                    partner.property_payment_term_id.id,
                    partner.commercial_partner_id.property_account_receivable_id.id,
                    partner.id if has_own_analytics else None,
                )
            )
            for vals, partner in zip(vals_list, partners, strict=True)
        ]

    @api.model
    def _get_alike_values(self, vals):
        """Return the part of an invoice's values that decides on its amounts."""
        header = sorted(
            (name, value)
            for name, value in vals.items()
            if name not in OWN_HEADER and name != "invoice_line_ids"
        )
        lines = [
            (
                sorted(
                    (name, value)
                    for name, value in line.items()
                    if name not in OWN_LINE
                ),
                # The order's analytic accounts go with its lines.
                self._get_order_lines(line).mapped("analytic_distribution"),
            )
            for _command, _id, line in vals["invoice_line_ids"]
        ]
        return header, lines

    @api.model
    def _get_order_lines(self, line):
        """Return the lines of sales orders that an invoice line is linked to."""
        linked = [row_id for _command, row_id, *_rest in line.get("sale_line_ids", ())]
        return self.env["sale.order.line"].browse(linked)

    def _is_copied(self):
        """Whether an invoice has only lines that a copy would have as well."""
        self.ensure_one()
        return set(self.line_ids.mapped("display_type")) <= COPIED_KINDS

    def _prepare_copied_vals(self):
        """Return what the invoices that are like this one take over from it.

        :return: tuple(values of the invoice, list of the values of its lines)
        """
        self.ensure_one()
        values = self.read(HEADER, load=None)[0]
        values.pop("id")
        lines = self.line_ids.sorted("id")
        names = [
            name
            for name, field in lines._fields.items()
            if field.store
            and field.type != "one2many"
            and not field.related
            and not (field.compute and field.readonly)
            and (not field.inverse or name in COPIED_INVERSE)
            and name not in NEVER_COPIED
        ]
        return values, [
            {
                name: [Command.set(row[name])]
                if lines._fields[name].type == "many2many"
                else row[name]
                for name in names
                if row[name] or name != "account_id"
            }
            for row in lines.read(names, load=None)
        ]

    @api.model
    def _fill_copy(self, vals, header, lines):
        """Return the values of a whole invoice: its own, and what it takes over."""
        own = iter(line for _command, _id, line in vals["invoice_line_ids"])
        commands = [
            Command.create(
                row | next(own) if row["display_type"] == "product" else dict(row)
            )
            for row in lines
        ]
        rest = {name: vals[name] for name in vals if name != "invoice_line_ids"}
        return header | rest | {"line_ids": commands}

    def _get_amounts(self):
        """Return what Odoo computed of an invoice and its lines."""
        self.ensure_one()
        return (
            self.currency_id,
            self.amount_total,
            self.amount_tax,
            self.amount_residual_signed,
            [
                (line.display_type, line.account_id, line.balance, line.price_total)
                for line in self.line_ids
            ],
        )
