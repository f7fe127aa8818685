from odoo import api, fields, models
from odoo.fields import Domain
from odoo.http import request


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    date_start_requested = fields.Datetime(
        string="Early Start Requested",
        copy=False,
        tracking=True,
        help="When the consumer asked expressly to begin within the 14 days in which "
        "he may withdraw. Who then withdraws pays for the days until then; without a "
        "request on record nothing is owed (Directive 2011/83/EU article 14).",
    )

    start_request_text = fields.Text(
        string="Early Start: What Was Asked",
        readonly=True,
        copy=False,
        help="The text that the consumer ticked in the shop.",
    )
    is_digital_content = fields.Boolean(related="plan_id.is_digital_content")
    date_content_agreed = fields.Datetime(
        string="Digital Content Agreed",
        copy=False,
        tracking=True,
        help="When the consumer agreed expressly that digital content is delivered "
        "within the 14 days, and that the right to withdraw is lost by it. It counts "
        "once it was confirmed in writing (Directive 2011/83/EU article 16 m).",
    )
    content_agreed_text = fields.Text(
        string="Digital Content: What Was Agreed",
        readonly=True,
        copy=False,
        help="The text that the consumer ticked in the shop.",
    )
    content_mail_id = fields.Many2one(
        "mail.mail",
        string="Confirmation of Digital Content",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_system",
    )
    date_withdrawn = fields.Datetime(
        string="Withdrawn On",
        readonly=True,
        copy=False,
        tracking=True,
        help="When the customer withdrew from the contract: nothing is billed or "
        "charged from then on.",
    )

    @api.model
    def _get_due_domain(self):
        """Override of `_get_due_domain`: who withdrew is billed nothing more."""
        return super()._get_due_domain() & Domain("date_withdrawn", "=", False)

    def _remind(self, domain):
        """Override of `_remind`: nothing comes next after a withdrawal."""
        return super()._remind(domain & Domain("date_withdrawn", "=", False))

    def _send_template(self, xmlid, **kwargs):
        """Override of `_send_template`: whoever did it here reads it at once."""
        res = super()._send_template(xmlid, **kwargs)
        if request and self.env.user.share:
            self.company_id._wake_mail_queue()
        return res

    def _is_of_visitor(self):
        """Whether the one who asks may change it: it is his, or of a contact below his.

        Nobody changes what was withdrawn from. A payer, or a colleague where contacts
        see each other's, only looks. Staff is judged by its rights.
        """
        self.ensure_one()
        user = self.env.user
        if not user._is_portal():
            return True
        if self.date_withdrawn:
            return False
        # Sudo: members read no parents of other contacts.
        partner_sudo = self.sudo().partner_id
        while partner_sudo and partner_sudo != user.partner_id:
            partner_sudo = partner_sudo.parent_id
        return bool(partner_sudo)

    def _may_pause_self(self):
        """Override of `_may_pause_self`: not what is only seen."""
        return super()._may_pause_self() and self._is_of_visitor()

    def _may_resume_self(self):
        """Override of `_may_resume_self`: not what is only seen."""
        return super()._may_resume_self() and self._is_of_visitor()

    def _may_change_self(self):
        """Override of `_may_change_self`: not what is only seen."""
        return super()._may_change_self() and self._is_of_visitor()

    def _may_undo_cancel_self(self):
        """Override of `_may_undo_cancel_self`: not what is only seen."""
        return super()._may_undo_cancel_self() and self._is_of_visitor()

    def _may_choose_method(self):
        """Override of `_may_choose_method`: not what is only seen."""
        return super()._may_choose_method() and self._is_of_visitor()

    def _is_content_right_lost(self, day):
        """Whether nobody withdraws from its digital content any more.

        The right is lost by consent, once the delivery began and the confirmation has
        left: a mail that did not go out leaves the right as it was.

        :param day: when it was declared, as a date of the organisation
        :rtype: bool
        """
        self.ensure_one()
        # Sudo: the mail is for administrators; only whether it left is asked.
        mail_sudo = self.sudo().content_mail_id
        is_unconfirmed = mail_sudo and mail_sudo.state != "sent"
        return (
            bool(self.date_content_agreed)
            and day >= self.date_start
            and not is_unconfirmed
        )

    def _withdraw(self, note, day):
        """End it: nothing is billed or charged any more, and give back.

        With an early start requested, what falls on the days before ``day`` stays: the
        price of the term by days. Otherwise everything that was billed is given back.

        :param str note: what staff finds with the end
        :param day: when it was declared, as a date of the organisation
        :return: the amount of the credit note, with tax
        :rtype: float
        """
        self.ensure_one()
        first = self.date_start
        if self.date_start_requested:
            first = max(day, self.date_start)
            self._bill_used_days(day)
        credit = self._get_credit_amount(self._get_first_unused_day(first))
        self._end(
            "cancelled", date_cancel=first, is_cancel_credit=True, close_note=note
        )
        return credit

    def _get_paid_amount(self):
        """Return what was paid on the invoices of this subscription."""
        # Sudo: a sum about one subscription, for whoever deals with its withdrawal.
        moves_sudo = self.sudo().period_ids.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        return sum(move.amount_total - move.amount_residual for move in moves_sudo)
