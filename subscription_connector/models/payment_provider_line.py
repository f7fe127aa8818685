from odoo import models
from odoo.tools import SQL


class PaymentProvider(models.Model):
    """The line through which a provider's payments are booked exists once."""

    _inherit = "payment.provider"

    def _ensure_payment_method_line(self, allow_create=True):
        """Override of `account_payment`: two workers do not both make the line.

        Core makes it when the first payment is booked. Seen with two workers at once:
        each made one, and core books nothing through a provider that has two.
        """
        lines = self.env["account.payment.method.line"]
        domain = [("payment_provider_id", "=", self.id), ("journal_id", "!=", False)]
        if self.id and allow_create and not lines.search_count(domain, limit=1):
            # A worker that comes second cannot see the line of the first; touching
            # the provider's row makes the database refuse it, and Odoo tries again.
            self.env.cr.execute(
                SQL("UPDATE payment_provider SET code = code WHERE id = %s", self.id),
                log_exceptions=False,
            )
        return super()._ensure_payment_method_line(allow_create=allow_create)
