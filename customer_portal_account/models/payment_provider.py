from odoo import models
from odoo.tools import html2plaintext


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _get_status_message(self, status):
        """Override of `_get_status_message` to speak the language of the page.

        Odoo writes its own words once, in the language of the installation. What an
        organisation wrote itself stays as it is.
        """
        message = super()._get_status_message(status)
        words = {
            "Your payment has been processed.": self.env._(
                "Your payment has been processed."
            ),
            "Your payment has been processed but is waiting for approval.": self.env._(
                "Your payment has been processed but is waiting for approval."
            ),
            "Your payment has been authorized.": self.env._(
                "Your payment has been authorized."
            ),
            "Your payment has been cancelled.": self.env._(
                "Your payment has been cancelled."
            ),
        }
        return words.get(html2plaintext(message or "").strip(), message)
