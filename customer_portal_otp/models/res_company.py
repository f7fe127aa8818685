from odoo import api, fields, models

from ..engine.colour import accent


class ResCompany(models.Model):
    _inherit = "res.company"

    is_portal_access_by_code = fields.Boolean(
        string="Portal Access by Code",
        default=True,
        help="A customer without a portal user gets one with the first code that "
        "proves the mailbox.",
    )
    portal_sign_in_unknown = fields.Selection(
        [
            ("mail", "Answer in the mailbox"),
            ("silent", "Send nothing"),
            ("page", "Say so on the page (closed networks only)"),
        ],
        string="Unknown Addresses",
        default="mail",
        required=True,
        help="The page says the same for known and unknown addresses, so that nobody "
        "can find out who is a customer. With the last choice it does not.",
    )

    is_portal_cancel_page = fields.Boolean(
        string="Page to Cancel Contracts",
        help="A public page without sign-in and a link in the footer of the website, "
        "as German law asks of who sells subscriptions online.",
    )
    is_portal_withdraw_page = fields.Boolean(
        string="Page to Withdraw from Contracts",
        help="A public page without sign-in and a link in the footer of the website, "
        "as European law asks of who sells to consumers online.",
    )
    portal_declaration_user_id = fields.Many2one(
        "res.users",
        string="Cancellations Go To",
        help="Gets a task for each declaration whose contract is not found.",
    )

    is_portal_all_cards = fields.Boolean(
        string="Odoo's Cards on the Home Page",
        help="The first page of the member's area shows a card of each installed "
        "module (orders, quotations, addresses, …) instead of the four places.",
    )
    portal_is_read_only = fields.Boolean(
        string="Read-only Member's Area",
        help="Members see everything and change nothing: while moving to this system, "
        "or during maintenance of the books.",
    )
    portal_function_details = fields.Boolean(
        string="Change details and e-mail address", default=True
    )
    portal_function_data = fields.Boolean(
        string="Download own data, ask for erasure", default=True
    )

    def _get_closed_portal_functions(self):
        """Return the names of the functions that members cannot use now."""
        self.ensure_one()
        return [
            name
            for name in self.env["ir.http"]._get_portal_functions()
            if self.portal_is_read_only or not self[f"portal_function_{name}"]
        ]

    def _is_declaration_offered(self, kind):
        """Whether the public page is switched on (``cancel`` or ``withdraw``)."""
        self.ensure_one()
        return (
            self.is_portal_cancel_page
            if kind == "cancel"
            else self.is_portal_withdraw_page
        )

    def _get_portal_accent(self):
        """Return (colour, readable text colour) or None: see the engine."""
        self.ensure_one()
        return accent(self.primary_color)

    def _send_portal_mail(self, address, subject, body, **values):
        """Mail to a member at once: the queue is woken after this transaction.

        Odoo empties it once an hour by itself, and the law wants receipts at once
        (§ 312k IV BGB, Directive 2011/83/EU article 11a).

        :param values: further values of the mail
        :return: the mail (sudo), waiting to be sent
        """
        self.ensure_one()
        sender = self.email_formatted or self.env.user.email_formatted
        # Sudo: visitors and members write no mails of their own.
        mail_sudo = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": subject,
                    "body_html": body,
                    "email_to": address,
                    "email_from": sender,
                    "reply_to": sender,
                    **values,
                }
            )
        )
        self._wake_mail_queue()
        return mail_sudo

    @api.model
    def _wake_mail_queue(self):
        """Let waiting mails leave after this transaction, not within the hour."""
        # Sudo: visitors and members wake no jobs of their own.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
