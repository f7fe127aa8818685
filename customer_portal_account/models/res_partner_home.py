from odoo import fields, models
from odoo.tools import format_amount

PAYABLE = [
    ("move_type", "=", "out_invoice"),
    ("state", "=", "posted"),
    ("payment_state", "in", ("not_paid", "partial")),
]
SHOWN = 2


class ResPartner(models.Model):
    """Payment methods and invoices on the first page of the member's area."""

    _inherit = "res.partner"

    def _get_portal_places(self):
        """Override of `_get_portal_places` to add payment methods and invoices."""
        places = super()._get_portal_places()
        tokens = self._get_portal_tokens()
        if tokens or self._may_save_method():
            places.append(
                {
                    "sequence": 30,
                    "url": "/my/payment_method",
                    "icon": "/payment/static/img/payment-methods.svg",
                    "title": self.env._("Your payment methods"),
                    "text": ", ".join(map(self._get_token_text, tokens[:SHOWN]))
                    or self.env._("None saved yet"),
                    "hint": self.env._("Add or remove"),
                    "function": "methods",
                }
            )
        places.append(
            {
                "sequence": 40,
                "url": "/my/invoices?filterby=invoices",
                "icon": "/account/static/src/img/bill.svg",
                "title": self.env._("Your invoices"),
                "text": self._get_portal_open_text(),
                "hint": self.env._("Pay or download"),
                "function": "pay",
            }
        )
        return places

    def _get_portal_tokens(self):
        """Return the saved methods that the page of methods lists (sudo)."""
        # Sudo: as Odoo's page, which reads those of the customer company too.
        tokens_sudo = self.env["payment.token"].sudo()
        return tokens_sudo._get_available_tokens(None, self.id, is_validation=True)

    def _get_token_text(self, token):
        """Name a method as people do: what it is, and its last digits."""
        return f"{token.payment_method_id.name} {token.display_name}"

    def _may_save_method(self):
        """Whether some provider can keep a method for later."""
        # Sudo: members read no providers.
        domain = [
            ("state", "in", ("enabled", "test")),
            ("allow_tokenization", "=", True),
            ("company_id", "parent_of", self.env.company.ids),
        ]
        return bool(self.env["payment.provider"].sudo().search_count(domain, limit=1))

    def _get_portal_open_text(self):
        """Say how many invoices are open, how much that is and when it is due.

        Members see theirs (record rules); staff on their own first page only what is
        addressed to them, not the whole company's.
        """
        domain = [*PAYABLE, ("partner_id", "child_of", self.commercial_partner_id.ids)]
        if self.env.user._is_portal():
            domain = PAYABLE
        moves = self.env["account.move"]
        rows = moves.has_access("read") and moves._read_group(
            domain,
            ["currency_id"],
            ["__count", "amount_residual:sum", "invoice_date_due:min"],
        )
        if not rows:
            return self.env._("Nothing is open")
        parts = [
            self.env._(
                "%(count)s open: %(amount)s, due %(day)s",
                count=count,
                amount=format_amount(self.env, amount, currency),
                day=self._format_portal_day(due or fields.Date.today()),
            )
            for currency, count, amount, due in rows
        ]
        return "; ".join(parts)
