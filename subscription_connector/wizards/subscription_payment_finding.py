from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SubscriptionPaymentFinding(models.TransientModel):
    """What a person saw at the provider: how a lost charge ended, or money taken back.

    The number that the provider gave it is the proof: it is kept with the payment, so
    that the same payment is never taken for two, and a receipt or a refund finds it.
    """

    _name = "subscription.payment.finding"
    _description = "What Was Seen at the Payment Provider"

    transaction_id = fields.Many2one(
        "payment.transaction", string="Payment", required=True, readonly=True
    )
    provider_id = fields.Many2one(related="transaction_id.provider_id")
    currency_id = fields.Many2one(related="transaction_id.currency_id")
    amount_paid = fields.Monetary(
        related="transaction_id.amount", string="Amount of the Payment"
    )
    kind = fields.Selection(
        [
            ("charged", "The payment is there and was paid"),
            ("absent", "There is no such payment, or it was not paid"),
            ("taken_back", "The bank took the money back"),
        ],
        string="What Was Seen",
        required=True,
    )
    number = fields.Char(
        string="Number at the Provider",
        help="What the provider calls it, e.g. tr_7UhSN1zuXS.",
    )
    amount = fields.Monetary(
        string="Amount Taken Back",
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
    )
    reason = fields.Char(string="Reason the Bank Gave")
    effect = fields.Char(compute="_compute_effect")

    @api.depends("transaction_id")
    def _compute_amount(self):
        for finding in self:
            # Sudo: an amount for a dialog that was opened from the payment.
            finding.amount = finding.transaction_id.sudo().amount

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_effect(self):
        words = {
            "charged": self.env._(
                "The invoice is paid with this payment. It is not charged again."
            ),
            "absent": self.env._(
                "The charge is stopped. Charge Now takes the money: if the payment is "
                "there all the same, the customer pays twice."
            ),
            "taken_back": self.env._(
                "The payment is booked back, the invoice is open again, and nothing is "
                "collected until somebody says so. The customer gets a mail."
            ),
        }
        for finding in self:
            finding.effect = words.get(finding.kind, "")

    def action_confirm(self):
        """Note what was seen and let the charge follow it.

        :raises UserError: when the number is missing or belongs to another payment
        """
        self.ensure_one()
        self.transaction_id.check_access("read")
        # Sudo: staff read payments, these buttons are the only way to change one.
        transaction_sudo = self.transaction_id.sudo()
        transaction_sudo.lock_for_update()
        number = (self.number or "").strip()
        if self.kind != "absent":
            self._check_number(transaction_sudo, number)
        if self.kind == "taken_back":
            self._take_back(transaction_sudo, number)
        else:
            charge_sudo = transaction_sudo.subscription_charge_id
            charge_sudo._end_unknown(transaction_sudo, self.kind == "charged", number)
        return {"type": "ir.actions.act_window_close"}

    def _check_number(self, transaction_sudo, number):
        if not number:
            raise UserError(self.env._("Give the number that the provider shows."))
        other_sudo = transaction_sudo.search(
            [
                ("provider_id", "=", transaction_sudo.provider_id.id),
                ("provider_reference", "=", number),
                ("id", "!=", transaction_sudo.id),
            ],
            limit=1,
        )
        if other_sudo or (
            self.kind == "taken_back" and number == transaction_sudo.provider_reference
        ):
            raise UserError(
                self.env._(
                    "%(number)s is the number of %(reference)s already.",
                    number=number,
                    reference=(other_sudo or transaction_sudo).reference,
                )
            )

    def _take_back(self, transaction_sudo, number):
        if not self.env.user.has_group(
            "subscription_connector.group_subscription_manager"
        ):
            raise AccessError(
                self.env._("Booking a payment back is for subscription managers.")
            )
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Give the reason that the bank gave."))
        if transaction_sudo.state != "done" or transaction_sudo.operation == "refund":
            raise UserError(
                self.env._("Only a payment that arrived can be taken back.")
            )
        left = transaction_sudo._get_refundable()
        currency = transaction_sudo.currency_id
        if self.amount <= 0 or currency.compare_amounts(self.amount, left) > 0:
            raise UserError(
                self.env._(
                    "Of %(reference)s no more than %(left)s can have been taken back.",
                    reference=transaction_sudo.reference,
                    left=currency.format(left),
                )
            )
        transaction_sudo._book_chargeback(number, self.amount, reason)
