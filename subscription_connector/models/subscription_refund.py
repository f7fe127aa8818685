import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .. import const

_logger = logging.getLogger(__name__)

#: States in which money may have gone back or still will.
LIVING = ("waiting", "running", "pending", "unknown")


class SubscriptionRefund(models.Model):
    """Money that goes back to the method it came from (L17, L18).

    Intent, call and result are three transactions, as for a charge: the refund is
    committed before the provider is called, and one whose answer was lost waits for
    a person. The database allows one living refund per payment, and all of them
    together never exceed what was paid.
    """

    _name = "subscription.refund"
    _description = "Refund of a Subscription Payment"
    _inherit = ["mail.thread", "mail.activity.mixin"]  # noqa: RUF012
    _order = "id desc"
    _rec_name = "transaction_id"

    transaction_id = fields.Many2one(
        "payment.transaction",
        string="Payment",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="transaction_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(
        related="transaction_id.partner_id", store=True, index=True
    )
    subscription_id = fields.Many2one(
        "subscription.subscription", readonly=True, index=True, ondelete="restrict"
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, index="btree_not_null"
    )
    currency_id = fields.Many2one(related="transaction_id.currency_id")
    amount = fields.Monetary(required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True)
    is_credited = fields.Boolean(string="With a Credit Note", readonly=True)
    credit_move_id = fields.Many2one(
        "account.move",
        string="Credit Note",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    refund_transaction_id = fields.Many2one(
        "payment.transaction",
        string="Payment Back",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    state = fields.Selection(
        [
            ("waiting", "To be sent"),
            ("running", "In progress"),
            ("pending", "Under way"),
            ("unknown", "Result unknown"),
            ("done", "Paid back"),
            ("failed", "Refused"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    date_running = fields.Datetime(readonly=True)
    error = fields.Char(readonly=True)

    _once = models.UniqueIndex(
        "(transaction_id) WHERE state IN ('waiting', 'running', 'pending', 'unknown')",
        "A refund of this payment is under way.",
    )
    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "A refund is more than nothing."
    )

    # === REQUEST === #

    @api.model
    def _request(self, transaction, amount, reason, is_credited):
        """Note what goes back and why; the cron sends it.

        :param transaction: the payment, locked here against a second request
        :raises UserError: when it cannot or may not go back
        """
        # Sudo: whoever may refund need not manage payments and their providers.
        transaction_sudo = transaction.sudo()
        transaction_sudo.lock_for_update()
        left = transaction_sudo._get_refundable()
        currency = transaction_sudo.currency_id
        if currency.compare_amounts(amount, left) > 0 or currency.is_zero(left):
            raise UserError(
                self.env._(
                    "Of %(reference)s no more than %(left)s can go back.",
                    reference=transaction_sudo.reference,
                    left=currency.format(left),
                )
            )
        transaction_sudo._check_can_refund(amount)
        refund = self.sudo().create(
            {
                "transaction_id": transaction_sudo.id,
                "subscription_id": transaction_sudo._get_subscriptions()[:1].id,
                "move_id": transaction_sudo.invoice_ids[:1].id,
                "amount": amount,
                "reason": reason,
                "is_credited": is_credited and bool(transaction_sudo.invoice_ids),
            }
        )
        self.env.ref("subscription_connector.ir_cron_refund").sudo()._trigger()
        return refund

    # === CRON === #

    @api.model
    def _cron_refund(self, batch_size=50):
        """Cron: send what waits, one by one; what was cut off is not repeated."""
        cron = self.env["ir.cron"]
        self._find_lost()
        domain = Domain("state", "=", "waiting")
        cron._commit_progress(remaining=self.search_count(domain))
        for refund in self.search(domain, order="id", limit=batch_size):
            locked = refund.try_lock_for_update().filtered_domain(domain)
            if locked and locked._prepare_alone():
                cron._commit_progress()  # The intent is kept before the call.
                locked._call()
            if not cron._commit_progress(1):
                return

    @api.model
    def _find_lost(self):
        stale = fields.Datetime.now() - relativedelta(minutes=const.STALE_MINUTES)
        domain = Domain("state", "=", "running") & Domain("date_running", "<", stale)
        for refund in self.search(domain):
            locked = refund.try_lock_for_update().filtered_domain(domain)
            if locked and locked.refund_transaction_id.sudo().state == "draft":
                locked._set_unknown()
            elif locked:
                locked._follow()

    def _prepare_alone(self):
        """Make the payment back; what fails keeps back this one and no other."""
        try:
            self._prepare_call()
        except Exception as error:
            _logger.exception("Refund %s could not be sent", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
            self.write({"state": "failed", "error": str(error)})
            self._ask_person(self.env._("Pay back in another way"))
            return False
        return True

    def _prepare_call(self):
        self.ensure_one()
        self.refund_transaction_id = (
            self.transaction_id.sudo()._create_child_transaction(
                self.amount, is_refund=True
            )
        )
        self.write({"state": "running", "date_running": fields.Datetime.now()})

    def _call(self):
        """Send the request and keep its result, before anything follows from it."""
        self.ensure_one()
        transaction_sudo = self.refund_transaction_id.sudo()
        try:
            is_known = transaction_sudo.with_context(
                subscription_refund_deferred=True
            )._send_subscription_refund()
        except Exception:
            _logger.exception("The refund %s ended without an answer", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
            is_known = False
        if not is_known and transaction_sudo.state == "draft":
            self._set_unknown()
            return
        self.env["ir.cron"]._commit_progress()
        self._follow()
        if transaction_sudo.state == "done":
            self.env["ir.cron"]._commit_progress()
            transaction_sudo._post_process_subscription_refund()

    # === RESULTS === #

    def _follow(self):
        """Bring the refund up to date with its payment transaction."""
        self.ensure_one()
        transaction_sudo = self.refund_transaction_id.sudo()
        state = transaction_sudo.state
        if state == "done" and self.state != "done":
            self._set_sent("done")
        elif state in ("pending", "authorized") and self.state != "pending":
            self._set_sent("pending")
        elif state in ("cancel", "error") and self.state != "failed":
            self.write(
                {
                    "state": "failed",
                    "error": transaction_sudo.state_message
                    or self.env._("The provider refused to pay back."),
                }
            )
            self._ask_person(self.env._("Pay back in another way"))

    def _set_sent(self, state):
        """Tell the customer once, at the first sign that the money is on its way."""
        is_news = self.state not in ("pending", "done")
        self.write({"state": state, "error": False})
        self.activity_unlink(["mail.mail_activity_data_todo"])
        if is_news:
            self.subscription_id._log_event("refunded", note=self.reason)
            template = self.env.ref(
                "subscription_connector.mail_template_refund", raise_if_not_found=False
            )
            if template and self.partner_id.email:
                template.sudo().send_mail(self.id)

    def _set_unknown(self):
        self.write(
            {
                "state": "unknown",
                "error": self.env._(
                    "The answer was lost: the money may or may not have gone back."
                ),
            }
        )
        self._ask_person(self.env._("Look up at the payment provider what happened"))

    def _ask_person(self, summary):
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            user_id=(self.subscription_id.user_id or self.env.user).id,
        )

    def _create_credit_note(self):
        """Draft the credit note; core posts it and settles it with the payment."""
        self.ensure_one()
        origin = self.move_id
        credit = origin._reverse_moves(
            [
                {
                    "ref": self.reason,
                    "invoice_date": self.company_id._get_billing_day(),
                    "date": self.company_id._get_billing_day(),
                }
            ]
        )
        if origin.currency_id.compare_amounts(self.amount, origin.amount_total):
            self._shrink(credit, self.amount / origin.amount_total)
        self.credit_move_id = credit
        return credit

    def _shrink(self, credit, share):
        """Make a part of an invoice to be credited; a rest of cents goes on a line."""
        lines = credit.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        credit.invoice_line_ids = [
            Command.update(line.id, {"price_unit": line.price_unit * share})
            for line in lines
        ]
        for _try in range(3):
            rest = self.amount - credit.amount_total
            if credit.currency_id.is_zero(rest):
                return
            line = max(lines, key=lambda line: line.price_total)
            line.price_unit += rest / (line.quantity or 1.0)

    # === ACTIONS === #

    def action_set_refunded(self):
        """Button for an unknown result: a person saw the refund at the provider."""
        self._check_may_decide()
        for refund in self.sudo().filtered(lambda refund: refund.state == "unknown"):
            refund.refund_transaction_id._set_done()
            refund.refund_transaction_id._post_process_subscription_refund()
        return True

    def action_set_not_refunded(self):
        """Button for an unknown result: a person saw that nothing went back."""
        self._check_may_decide()
        for refund in self.sudo().filtered(lambda refund: refund.state == "unknown"):
            refund.refund_transaction_id._set_canceled(
                state_message=self.env._(
                    "%(user)s found no refund at the provider.",
                    user=self.env.user.name,
                )
            )
        return True

    def _check_may_decide(self):
        """Sudo follows: refunds are written by their own buttons alone."""
        self.check_access("read")
        if not self.env.user.has_group(
            "subscription_connector.group_subscription_manager"
        ):
            raise UserError(self.env._("Paying back is for subscription managers."))
