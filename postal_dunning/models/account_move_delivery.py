from odoo import fields, models

from ..const import ADDRESS_FAILURES, DEAD_LETTERS
from ..engine import channels


class AccountMove(models.Model):
    """Whether an invoice reached its customer."""

    _inherit = "account.move"

    delivery_mail_id = fields.Many2one(
        "mail.message",
        string="Mail of the Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The newest mail by which this invoice was sent.",
    )

    # === MAILS === #

    def _message_receive_bounce(self, email, partner):
        """Override of `mail`: a mail that brought an invoice came back."""
        result = super()._message_receive_bounce(email, partner)
        for move in self:
            move._note_mail_failure("mail_bounce", "", email=email, partner=partner)
        return result

    def _note_mail_failure(self, failure_type, reason, email="", partner=None):
        """Another channel is found once none of those it was mailed to got it.

        Colleagues who follow the invoice are no recipients of it. A mail server of
        ours that does not work is a person's task.

        :param email: address whose mail came back just now, not noted by core yet
        :param partner: the contact of it, possibly none
        """
        self.ensure_one()
        if failure_type not in ADDRESS_FAILURES:
            return
        mail = self.sudo().delivery_mail_id
        if not mail or not mail._is_lost(email, partner):
            return
        codes = {"mail_email_missing": channels.NO_EMAIL}
        self.env["invoice.delivery.failure"].sudo()._note(
            self.sudo(),
            channels.EMAIL,
            codes.get(failure_type, channels.EMAIL_BOUNCED),
            self.env["dunning.message"]._get_mail_words(failure_type, reason),
            mail_message_id=mail.id,
        )

    # === ANY CHANNEL === #

    def _get_invoice_letters(self):
        domain = [("model", "=", self._name), ("res_id", "in", self.ids)]
        return self.env["snailmail.letter"].search(domain)

    def _has_live_delivery(self):
        """Whether a mail or letter brings, or brought, this invoice."""
        self.ensure_one()
        failures = self.env["invoice.delivery.failure"].search(
            [("move_id", "=", self.id)]
        )
        mail = self.delivery_mail_id
        if mail and mail not in failures.mail_message_id:
            return True
        letters = self._get_invoice_letters() - failures.letter_id
        return bool(letters.filtered(lambda one: one.state not in DEAD_LETTERS))

    def _get_alerts(self):
        """Override of `account` to say that the invoice did not arrive, and why."""
        alerts = super()._get_alerts()
        if not self.id or not self.is_sale_document():
            return alerts
        # Whoever sees the invoice may know whether it arrived.
        failures_sudo = self.env["invoice.delivery.failure"].sudo()
        newest = failures_sudo.search([("move_id", "=", self.id)], limit=1)
        if newest and newest.state != "done":
            is_stuck = newest.state == "person"
            alerts["postal_dunning_delivery"] = {
                "level": "warning" if is_stuck else "info",
                "message": newest._get_words(),
            }
        return alerts
