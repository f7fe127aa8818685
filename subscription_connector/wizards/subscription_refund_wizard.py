from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SubscriptionRefundWizard(models.TransientModel):
    """Ask how much goes back and why, and say what follows."""

    _name = "subscription.refund.wizard"
    _description = "Pay Back a Payment"

    transaction_id = fields.Many2one(
        "payment.transaction", string="Payment", required=True, readonly=True
    )
    currency_id = fields.Many2one(related="transaction_id.currency_id")
    amount_left = fields.Monetary(
        string="Can Go Back", compute="_compute_amount_left", help="Not refunded yet."
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    reason = fields.Char(required=True)
    is_credited = fields.Boolean(string="Credit the Invoice", default=True)
    effect = fields.Char(compute="_compute_effect")

    @api.depends("transaction_id")
    def _compute_amount_left(self):
        for wizard in self:
            # Sudo: a number for a dialog whose button checks the right.
            wizard.amount_left = wizard.transaction_id.sudo()._get_refundable()

    @api.depends("transaction_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.amount_left

    @api.depends("transaction_id", "amount", "is_credited")
    @api.depends_context("lang")
    def _compute_effect(self):
        for wizard in self:
            wizard.effect = wizard._get_effect()

    def _get_effect(self):
        transaction_sudo = self.transaction_id.sudo()
        method = transaction_sudo.token_id.display_name or (
            transaction_sudo.payment_method_id.name
        )
        text = self.env._(
            "%(amount)s goes back to %(method)s. The customer gets a mail that it is "
            "there within 3 working days.",
            amount=self.currency_id.format(self.amount),
            method=method,
        )
        invoice = transaction_sudo.invoice_ids[:1]
        if self.is_credited and invoice:
            text += " " + self.env._(
                "%(invoice)s gets a credit note.", invoice=invoice.name
            )
        return text

    def action_refund(self):
        """Note the refund; it is sent within a minute."""
        self.ensure_one()
        self.transaction_id.check_access("read")
        if not self.env.user.has_group(
            "subscription_connector.group_subscription_manager"
        ):
            raise AccessError(self.env._("Paying back is for subscription managers."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Give the reason."))
        self.env["subscription.refund"]._request(
            self.transaction_id, self.amount, self.reason.strip(), self.is_credited
        )
        return {"type": "ir.actions.act_window_close"}
