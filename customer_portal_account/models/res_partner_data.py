from odoo import models

from odoo.addons.customer_portal_otp.engine.retention import keep_until

MAX_DOCUMENTS = 100
INVOICE_FIELDS = (
    "name",
    "move_type",
    "invoice_date",
    "invoice_date_due",
    "amount_untaxed",
    "amount_total",
    "amount_residual",
    "currency_id",
    "payment_state",
)
TRANSACTION_FIELDS = (
    "reference",
    "create_date",
    "amount",
    "currency_id",
    "state",
    "payment_method_id",
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_portal_invoices(self):
        """Return the member's own posted invoices and credit notes (sudo)."""
        return (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", self.id),
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("state", "=", "posted"),
                ]
            )
        )

    def _get_portal_data(self):
        """Override of `_get_portal_data` to add invoices, payments and methods."""
        data = super()._get_portal_data()
        # Sudo: members do not read transactions and methods of the provider; these are
        # their own.
        transactions = self.env["payment.transaction"].sudo()
        tokens = self.env["payment.token"].sudo()
        mine = [("partner_id", "=", self.id)]
        data["invoices"] = [
            self._get_row(invoice, INVOICE_FIELDS)
            for invoice in self._get_portal_invoices()
        ]
        data["payments"] = [
            self._get_row(transaction, TRANSACTION_FIELDS)
            for transaction in transactions.search(mine)
        ]
        data["payment_methods"] = [
            {"name": token.display_name, "since": token.create_date.date().isoformat()}
            for token in tokens.search(mine)
        ]
        return data

    def _get_portal_documents(self):
        """Override of `_get_portal_documents` to add the newest invoices as PDF."""
        documents = super()._get_portal_documents()
        for invoice in self._get_portal_invoices()[:MAX_DOCUMENTS]:
            for found in invoice._get_invoice_legal_documents_all(allow_fallback=True):
                documents.append((found["filename"], found["content"]))
        return documents

    def _get_portal_kept(self):
        """Override of `_get_portal_kept`: invoices stay as long as the law says."""
        kept = super()._get_portal_kept()
        invoices = self._get_portal_invoices()
        days = [day for day in invoices.mapped("invoice_date") if day]
        if days:
            country = self.env.user.company_id.sudo().account_fiscal_country_id.code
            until = keep_until(max(days), country or "")
            kept.append(
                (self.env._("Invoices and payments"), until, self.env._("tax law"))
            )
        return kept
