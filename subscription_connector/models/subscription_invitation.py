import base64
import secrets
from datetime import timedelta
from io import BytesIO

import qrcode

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq

DAYS = 7


class SubscriptionInvitation(models.Model):
    """An invitation to save a payment method, as a QR code or a link (L9).

    The page behind it needs no sign-in: who has the address may add a method for this
    one subscription, once, and sees nothing but its plan. No card number is ever typed
    into Odoo; the provider's own form takes it.
    """

    _name = "subscription.invitation"
    _description = "Invitation to Add a Payment Method"
    _order = "id desc"
    _rec_name = "subscription_id"

    subscription_id = fields.Many2one(
        "subscription.subscription",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    plan_id = fields.Many2one(related="subscription_id.plan_id")
    access_token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        groups="base.group_system",
        default=lambda self: secrets.token_urlsafe(32),
    )
    date_end = fields.Datetime(
        string="Valid until",
        required=True,
        readonly=True,
        default=lambda self: fields.Datetime.now() + timedelta(days=DAYS),
    )
    payment_token_id = fields.Many2one(
        "payment.token",
        string="Saved Method",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    payment_method_label = fields.Char(related="subscription_id.payment_method_label")
    date_done = fields.Datetime(readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Saved"), ("expired", "No longer valid")],
        compute="_compute_state",
    )
    url = fields.Char(string="Link", compute="_compute_url")
    qr_code = fields.Binary(string="QR Code", compute="_compute_url")

    @api.depends("date_done", "date_end")
    def _compute_state(self):
        now = fields.Datetime.now()
        for invitation in self:
            if invitation.date_done:
                invitation.state = "done"
            elif invitation.date_end < now:
                invitation.state = "expired"
            else:
                invitation.state = "waiting"

    def _compute_url(self):
        for invitation in self:
            # Sudo: the office shows the address to the customer it belongs to.
            invitation.url = invitation.sudo()._get_url()
            picture = BytesIO()
            qrcode.make(invitation.url, border=2).save(picture, format="PNG")
            invitation.qr_code = base64.b64encode(picture.getvalue())

    def _get_url(self):
        self.ensure_one()
        base = self.subscription_id.get_base_url()
        return f"{base}/subscription/method/{self.id}/{self.access_token}"

    @api.model
    def _find(self, invitation_id, access_token):
        """Return the invitation that an address belongs to, or nothing.

        :return: the invitation in sudo, whatever its state
        """
        # Sudo: the visitor proves his right by the secret in the address.
        invitation_sudo = self.sudo().browse(invitation_id).exists()
        if invitation_sudo and consteq(
            invitation_sudo.access_token, access_token or ""
        ):
            return invitation_sudo
        return self.sudo()

    def _accept(self, token):
        """Take the method that was saved: the subscription is paid with it."""
        self.ensure_one()
        if self.date_done:
            return
        self.write({"payment_token_id": token.id, "date_done": fields.Datetime.now()})
        self.subscription_id._choose_method(token)

    def action_mail(self):
        """Button: mail the link to the customer."""
        self.ensure_one()
        if not self.partner_id.email:
            raise UserError(
                self.env._(
                    "%(partner)s has no e-mail address.",
                    partner=self.partner_id.display_name,
                )
            )
        self.check_access("read")
        self._send()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The link is on its way."),
            },
        }

    def _send(self):
        template = self.env.ref(
            "subscription_connector.mail_template_invitation", raise_if_not_found=False
        )
        if template and self.partner_id.email:
            # Sudo: the mail carries the address with its secret.
            template.sudo().send_mail(self.id)
