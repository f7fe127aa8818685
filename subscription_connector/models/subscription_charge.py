import logging

from dateutil.relativedelta import relativedelta
from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from .. import const
from ..engine import retry

_logger = logging.getLogger(__name__)


class SubscriptionCharge(models.Model):
    """One invoice to be collected from a saved method.

    Intent, call and result are three transactions: the payment transaction is
    committed before the provider is called, and a result that was lost is asked
    for before any new try. The database allows one living payment transaction
    per charge (see ``payment.transaction``).
    """

    _name = "subscription.charge"
    _description = "Charge of a Subscription Invoice"
    _inherit = ["mail.thread", "mail.activity.mixin"]  # noqa: RUF012
    _order = "id desc"
    _rec_name = "move_id"
    _check_company_auto = True

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        related="subscription_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(
        related="subscription_id.partner_id", store=True, index=True
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    currency_id = fields.Many2one(related="move_id.currency_id")
    amount_residual = fields.Monetary(related="move_id.amount_residual")
    state = fields.Selection(
        [
            ("waiting", "To charge"),
            ("running", "In progress"),
            ("pending", "Pending at the bank"),
            ("unknown", "Result unknown"),
            ("retry", "Failed, next try planned"),
            ("done", "Paid"),
            ("stopped", "Stopped"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    attempts = fields.Integer(string="Failed Tries", readonly=True)
    date_first_failure = fields.Date(readonly=True)
    date_next_try = fields.Date(string="Next Try")
    date_running = fields.Datetime(readonly=True)
    date_ask = fields.Datetime(string="Asked Again on", readonly=True)
    asked = fields.Integer(string="Times Asked", readonly=True)
    last_error = fields.Char(readonly=True)
    failure_kind = fields.Selection(
        [
            ("soft", "Temporary"),
            ("hard", "The method does not work"),
            ("stop", "Forbidden to try again"),
        ],
        readonly=True,
    )
    transaction_id = fields.Many2one(
        "payment.transaction",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    transaction_ids = fields.One2many(
        "payment.transaction",
        "subscription_charge_id",
        string="All Transactions",
        readonly=True,
    )

    _move_unique = models.Constraint(
        "UNIQUE (move_id)", "This invoice has its charge already."
    )
    _to_do_index = models.Index(
        "(state, date_next_try) WHERE state IN ('waiting', 'retry', 'running')"
    )

    # === ACTIONS === #

    def action_retry(self):
        """Button: charge at once (L20); the call itself is made by the cron."""
        wrong = self.filtered(
            lambda charge: charge.state not in ("waiting", "retry", "stopped")
        )
        if wrong:
            raise UserError(
                self.env._(
                    "%(invoice)s cannot be charged now: a charge is done, under way "
                    "or its result is unknown.",
                    invoice=wrong[0]._get_subject(),
                )
            )
        # Sudo: staff read charges, these buttons are the only way to change one.
        self.sudo().write({"state": "retry", "date_next_try": self._get_earliest_day()})
        self.env.ref("subscription_connector.ir_cron_charge").sudo()._trigger()
        return True

    def action_stop(self):
        """Button: stop trying; the invoice stays open."""
        self.check_access("read")
        # Sudo: as for the button above.
        self.sudo().filtered(lambda charge: charge.state in ("waiting", "retry"))._stop(
            self.env._("Stopped by %(user)s", user=self.env.user.name)
        )
        return True

    # === CRON === #

    @api.model
    def _get_due_domain(self):
        return Domain("state", "in", ("waiting", "retry")) & self.env[
            "res.company"
        ]._get_billing_day_domain("date_next_try")

    @api.model
    def _cron_charge(self, batch_size=const.BITE):
        """Cron: resolve lost results, then charge what is due, one by one."""
        cron = self.env["ir.cron"]
        self._cron_resolve()
        self._book_paid(batch_size)
        domain = self._get_ready_domain(batch_size)
        due = self.search(domain, order="company_id, id", limit=batch_size)
        self.env["subscription.billing.run"]._begin(due.company_id)
        cron._commit_progress(remaining=self.search_count(domain))
        for charge in due:
            locked = charge.try_lock_for_update().filtered_domain(domain)
            if locked and locked._prepare_alone():
                cron._commit_progress()  # The intent is kept before the call.
                locked._call()
            if not cron._commit_progress(1):
                return
        self.env["subscription.billing.run"]._close_finished()

    @api.model
    def _book_paid(self, batch_size):
        """Book what was paid when nobody came to book it: a worker died, or was asked.

        A draft that waited for its payment is posted by this.
        """
        domain = (
            Domain("state", "=", "done")
            & Domain("transaction_id.state", "=", "done")
            & Domain("transaction_id.is_post_processed", "=", False)
        )
        for charge in self.search(domain, limit=batch_size):
            if locked := charge.try_lock_for_update().filtered_domain(domain):
                locked._post_process(locked.transaction_id.sudo())
            self.env["ir.cron"]._commit_progress()

    # === CHARGING === #

    def _lock_invoice(self):
        """Lock the invoice, so that nobody sends or changes it meanwhile.

        :return: whether it is as this transaction knows it; if not, the job comes
            back to it at once
        """
        self.ensure_one()
        query = SQL(
            "SELECT id FROM account_move WHERE id = %s FOR UPDATE", self.move_id.id
        )
        try:
            self.env.cr.execute(query, log_exceptions=False)
        except SerializationFailure:
            self.env.cr.rollback()
            self.env.invalidate_all()
            self.env.ref("subscription_connector.ir_cron_charge")._trigger()
            return False
        return True

    def _prepare_call(self):
        """Check the invoice again and make the payment transaction.

        :return: whether there is a transaction to send
        """
        self.ensure_one()
        move = self.move_id
        if not self._is_open():
            self._stop(self.env._("The invoice is not open any more."))
            return False
        if move.currency_id.is_zero(self._get_amount()):
            self._post_without_charge()
            self._set_done()
            return False
        if self._is_paid_otherwise():
            self.write(
                {
                    "date_next_try": fields.Date.add(
                        self.company_id._get_billing_day(), days=1
                    ),
                    "last_error": self.env._(
                        "Another payment of this invoice is under way."
                    ),
                }
            )
            return False
        token_sudo = self.subscription_id.sudo().payment_token_id
        if found := self._get_found_payment():
            return self._take_found_payment(found, token_sudo)
        if not token_sudo.active or token_sudo.provider_id.state == "disabled":
            self._stop(
                self.env._("There is no saved payment method that works."), kind="hard"
            )
            return False
        self._begin_call(token_sudo)
        return True

    def _begin_call(self, token_sudo, **values):
        """Make the transaction that the call is about; nothing is sent yet."""
        self.ensure_one()
        self.transaction_id = (
            self.env["payment.transaction"]
            .sudo()
            .create(self._prepare_transaction_vals(token_sudo) | values)
        )
        self.write({"state": "running", "date_running": fields.Datetime.now()})

    def _is_open(self):
        """Whether the invoice may be collected: posted, or to be posted by it."""
        self.ensure_one()
        move = self.move_id
        if move.state == "draft":
            return any(move.subscription_period_ids.mapped("is_charged_first"))
        return move.state == "posted" and move.payment_state not in (
            "reversed",
            "blocked",
        )

    def _get_earliest_day(self):
        """Return the earliest of today's dates, for records of several companies."""
        days = [company._get_billing_day() for company in self.company_id]
        return min(days, default=fields.Date.context_today(self))

    def _get_subject(self):
        """Name what is collected: the invoice, or the period while it has no number."""
        self.ensure_one()
        if self.move_id.state != "draft":
            return self.move_id.name
        label = self._get_first_period()._get_label(self.env.lang)
        return " ".join(filter(None, (self.subscription_id.name, label)))

    def _is_paid_otherwise(self):
        """Whether a payment that is no charge of ours may settle the invoice.

        One that was begun and left counts for an hour: then nobody is paying any more.
        """
        begun = fields.Datetime.now() - relativedelta(hours=1)
        # Sudo: the payment may be anybody's; only a yes or no leaves here.
        return bool(
            self.move_id.sudo().transaction_ids.filtered(
                lambda tx: (
                    tx.subscription_charge_id != self
                    and (
                        tx.state in ("pending", "authorized")
                        or (tx.state == "done" and not tx.is_post_processed)
                        or (tx.state == "draft" and tx.create_date > begun)
                    )
                )
            )
        )

    def _get_prefix(self):
        """Return the beginning of our reference while the invoice has no number."""
        if self.move_id.state != "draft":
            return None
        day = self._get_first_period().date_from
        return f"{self.subscription_id.name}-{day:%Y%m%d}"

    def _prepare_transaction_vals(self, token_sudo):
        self.ensure_one()
        commands = [Command.set(self.move_id.ids)]
        return {
            "provider_id": token_sudo.provider_id.id,
            "payment_method_id": token_sudo.payment_method_id.id,
            "reference": self.env["payment.transaction"]._compute_reference(
                token_sudo.provider_code,
                prefix=self._get_prefix(),
                invoice_ids=commands,
            ),
            "amount": self._get_amount(),
            "currency_id": self.move_id.currency_id.id,
            "partner_id": token_sudo.partner_id.id,
            "token_id": token_sudo.id,
            "operation": "offline",
            "invoice_ids": commands,
            "subscription_charge_id": self.id,
        }

    def _call(self):
        """Send the request and keep its result, before anything follows from it."""
        self.ensure_one()
        transaction_sudo = self.transaction_id.sudo()
        try:
            answered = transaction_sudo.with_context(
                subscription_charge_deferred=True
            )._send_subscription_charge()
        except Exception:
            _logger.exception("The charge %s ended without an answer", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
            answered = False
        if not answered and transaction_sudo.state == "draft":
            self._set_unknown()
            return
        self.env["ir.cron"]._commit_progress()
        self._follow(transaction_sudo)

    def _follow(self, transaction_sudo):
        """Apply a result that is on disk; what fails here is done later.

        The charge then stays "in progress" and is found again as stale.
        """
        try:
            self._apply_transaction(transaction_sudo)
        except Exception:
            _logger.exception("The result of charge %s is not applied yet", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
            return
        if transaction_sudo.state == "done":
            self.env["ir.cron"]._commit_progress()
            self._post_process(transaction_sudo)

    def _post_process(self, transaction_sudo):
        """Book the payment now; if that fails, core's own cron tries again."""
        try:
            transaction_sudo._post_process()
        except Exception:
            _logger.exception("Transaction %s is not booked yet", transaction_sudo.id)
            self.env.cr.rollback()
            self.env.invalidate_all()

    def _apply_transaction(self, transaction_sudo):
        """Follow the payment transaction, also when a webhook changed it later."""
        self.ensure_one()
        if transaction_sudo != self.transaction_id.sudo():
            return
        state = transaction_sudo.state
        if state in ("pending", "authorized") and self.state != "pending":
            self.write({"state": "pending", "last_error": False})
            self._count_run(pending=1)
            self._release_goods()
        elif state == "done":
            self._set_done()
        elif state in ("cancel", "error") and self.state not in ("retry", "stopped"):
            self._set_failed(transaction_sudo.state_message or "")

    def _set_done(self):
        self.ensure_one()
        if self.state == "done":
            return
        self.write({"state": "done", "date_next_try": False, "last_error": False})
        self.activity_unlink(["mail.mail_activity_data_todo"])
        subscription = self.subscription_id
        subscription._log_event("charge_done", note=self._get_subject())
        others = subscription.charge_ids.filtered(
            lambda charge: charge.state in ("retry", "stopped")
        )
        if (subscription.state, subscription.pause_kind) == (
            "paused",
            "payment",
        ) and not others:
            subscription._resume()
        self._count_run(charged=1)
        self._release_goods()

    def _release_goods(self):
        """Let goods that waited for this charge be ordered at once (L20)."""
        periods = self.subscription_id.period_ids
        if any(periods.mapped("is_to_deliver")):
            self.env.ref("subscription_connector.ir_cron_deliver").sudo()._trigger()

    def _set_failed(self, message):
        """Plan the next try by the kind of failure (L19), or stop."""
        self.ensure_one()
        today = self.company_id._get_billing_day()
        attempts = self.attempts + 1
        first = self.date_first_failure or today
        decision = retry.decide(
            retry.find_code(message),
            attempts,
            first,
            today,
            self.company_id._get_retry_days(),
        )
        text = (message or "").strip() or self.env._("The payment was refused.")
        self.write(
            {
                "attempts": attempts,
                "date_first_failure": first,
                "failure_kind": decision.kind,
                "last_error": text,
            }
        )
        self.subscription_id._log_event("charge_failed", note=self._get_subject())
        if self.subscription_id.state == "cancelled":
            self._stop_for_cancellation()
        elif decision.date_next:
            self.write({"state": "retry", "date_next_try": decision.date_next})
        else:
            self._stop(text, kind=decision.kind)
        if attempts == 1:
            self._send_failure_mail()
        self._count_run(failed=1)
        self._fail_run(text)

    def _stop(self, message, kind=None):
        """End automatic collection of this invoice; a person takes over."""
        for charge in self:
            charge.write(
                {
                    "state": "stopped",
                    "date_next_try": False,
                    "last_error": message,
                    "failure_kind": kind or charge.failure_kind,
                }
            )
            if not kind:
                continue
            if charge.subscription_id.state == "active":
                charge.subscription_id._pause("payment")
            charge.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=charge.env._("Ask for another payment method"),
                user_id=(charge.subscription_id.user_id or charge.env.user).id,
            )

    def _stop_for_cancellation(self):
        """Cancelled by hand: no later charges (L14); a posted invoice stays open."""
        self._stop(self.env._("The subscription was cancelled."))
        # Nothing was delivered for a draft that waited for its payment.
        self.move_id.filtered(lambda move: move.state == "draft").button_cancel()

    # === HELPERS === #

    def _send_failure_mail(self):
        """Tell the customer at the first failure, not after the last."""
        self.ensure_one()
        template = self.env.ref(
            "subscription_connector.mail_template_charge_failed",
            raise_if_not_found=False,
        )
        if template and self.partner_id.email:
            template.sudo().send_mail(self.id)

    def _count_run(self, **counts):
        self.env["subscription.billing.run"]._count(self.company_id, **counts)

    def _fail_run(self, message):
        self.env["subscription.billing.run"]._fail(
            self.company_id,
            "charge",
            message,
            subscription=self.subscription_id,
            move=self.move_id,
        )
