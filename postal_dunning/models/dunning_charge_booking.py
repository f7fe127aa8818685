from odoo import api, fields, models


class DunningCharge(models.Model):
    """How a charge gets into the books: one invoice for what one step asks."""

    _inherit = "dunning.charge"

    def _book(self):
        """Invoice these charges of one case and post the invoice."""
        if not self:
            return
        move = self.env["account.move"].create(self._prepare_move_vals())
        move._post(soft=False)
        self.write({"move_id": move.id})

    def _prepare_move_vals(self):
        case = self.case_id
        policy = case.policy_id
        vals = {
            "move_type": "out_invoice",
            "company_id": case.company_id.id,
            "partner_id": case.partner_id.id,
            "currency_id": case.currency_id.id,
            "invoice_date": self[0].date,
            "invoice_date_due": self[0].date,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                fields.Command.create(charge._prepare_move_line_vals(policy))
                for charge in self
            ],
        }
        if policy.charge_journal_id:
            vals["journal_id"] = policy.charge_journal_id.id
        return vals

    def _prepare_move_line_vals(self, policy):
        """Damages and interest are outside VAT.

        The VAT of a collector that may be added is not ours either: it is a part of
        the damage (art. 2 par. 3 of the Dutch decree).
        """
        self.ensure_one()
        account = policy.cost_account_id
        if self.kind == "interest":
            account = policy.interest_account_id or account
        words = dict(self._fields["kind"]._description_selection(self.env))
        invoices = ", ".join(self.line_ids.move_id.mapped("name"))
        vals = {
            "name": f"{words[self.kind]} ({self.rule_code}): {invoices}",
            "quantity": 1,
            "price_unit": self._get_total(),
            "tax_ids": [fields.Command.clear()],
        }
        if account:
            vals["account_id"] = account.id
        return vals

    @api.model
    def _find_first_paid(self, company):
        """Ids of the invoices that a payment goes to first.

        NL, art. 6:44 BW: what nobody named goes to costs, then interest, then the
        principal. Costs and interest of one step are one open item.

        :rtype: set[int]
        """
        charges = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "booked"),
                ("move_id.payment_state", "in", ("not_paid", "partial")),
            ]
        )
        if not charges:
            return set()
        book = self.env["dunning.law.rule"]._get_book()
        today = self.env["dunning.agreement"]._get_today(company)
        first = charges.filtered(
            lambda one: book.get_value(
                one.country_code, one.debtor_kind, "costs_first", today
            )
        )
        return set(first.move_id.ids)

    def _get_items(self):
        """The open items that these charges made."""
        return self.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
