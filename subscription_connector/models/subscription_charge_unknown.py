import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from .. import const

_logger = logging.getLogger(__name__)


class SubscriptionCharge(models.Model):
    """Results that were lost: ask for them, never charge again on a guess."""

    _inherit = "subscription.charge"

    guidance = fields.Char(compute="_compute_guidance")

    @api.depends("state", "date_ask", "transaction_id")
    @api.depends_context("lang", "tz")
    def _compute_guidance(self):
        """Say what happens next with an unknown result, or what a person has to do."""
        for charge in self:
            # Sudo: names for the people who follow the charge.
            transaction_sudo = charge.sudo().transaction_id
            names = {
                "provider": transaction_sudo.provider_id.name,
                "reference": transaction_sudo.reference,
                "moment": format_datetime(self.env, charge.date_ask),
            }
            if charge.state != "unknown":
                charge.guidance = False
            elif charge.date_ask:
                charge.guidance = self.env._(
                    "The answer was lost. Odoo asks %(provider)s what became of "
                    "%(reference)s, next on %(moment)s. Until then it is not charged "
                    "again.",
                    **names,
                )
            else:
                charge.guidance = self.env._(
                    "The answer was lost, and Odoo cannot ask %(provider)s. Open its "
                    "dashboard, search all payments, also failed ones, for "
                    "%(reference)s, and say here what you saw. Until then it is not "
                    "charged again.",
                    **names,
                )

    # === CRON === #

    @api.model
    def _cron_resolve(self):
        """Ask for results that were lost, and for those that do not come.

        A stale call counts as lost. A webhook may be lost too: what is pending for a
        day is read again where the provider can be asked.
        """
        now = fields.Datetime.now()
        stale = now - relativedelta(minutes=const.STALE_MINUTES)
        lost = (
            Domain("state", "=", "running") & Domain("date_running", "<", stale)
        ) | (Domain("state", "=", "unknown") & Domain("date_ask", "<=", now))
        yesterday = now - relativedelta(days=1)
        slow = (
            Domain("state", "=", "pending")
            & Domain("transaction_id.last_state_change", "<=", yesterday)
            & (Domain("date_ask", "=", False) | Domain("date_ask", "<=", now))
        )
        for domain, method in ((lost, "_ask"), (slow, "_ask_pending")):
            for charge in self.search(domain):
                try:
                    if locked := charge.try_lock_for_update().filtered_domain(domain):
                        getattr(locked, method)()
                except Exception:
                    _logger.exception("Charge %s could not be asked for", charge.id)
                    self.env.cr.rollback()
                    self.env.invalidate_all()
                self.env["ir.cron"]._commit_progress()

    def _ask_pending(self):
        """Read a payment under way again; one that never ends is for a person."""
        self.ensure_one()
        now = fields.Datetime.now()
        self.date_ask = now + relativedelta(days=1)
        transaction_sudo = self.transaction_id.sudo()
        transaction_sudo._look_up_pending_charge()
        longest = now - relativedelta(days=const.PENDING_DAYS)
        if (
            transaction_sudo.state in ("pending", "authorized")
            and transaction_sudo.last_state_change <= longest
            and not self.activity_ids
        ):
            self._hand_over()

    # === LOST RESULTS === #

    def _set_unknown(self):
        self.ensure_one()
        wait = const.ASK_MINUTES[min(self.asked, len(const.ASK_MINUTES) - 1)]
        is_new = self.state != "unknown"
        can_ask = self.transaction_id.sudo()._is_look_up_supported()
        now = fields.Datetime.now()
        if self.transaction_id.create_date < now - relativedelta(days=const.ASK_DAYS):
            # Asked for long enough: a person looks it up.
            is_new, can_ask = not self.activity_ids, False
        self.write(
            {
                "state": "unknown",
                "date_ask": now + relativedelta(minutes=wait) if can_ask else False,
                "last_error": self.env._(
                    "The answer was lost: the money may or may not have been taken."
                ),
            }
        )
        if is_new and not can_ask:
            self._hand_over()
        if is_new:
            self._count_run(unknown=1)
            self._fail_run(self.last_error)

    def _hand_over(self):
        """An unknown result that nobody can ask for waits for a person."""
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Look up at the payment provider what happened"),
            user_id=(self.subscription_id.user_id or self.env.user).id,
        )

    def _ask(self):
        """Ask the provider what became of the transaction, by our reference."""
        self.ensure_one()
        transaction_sudo = self.transaction_id.sudo()
        if transaction_sudo.state != "draft":
            self._apply_transaction(transaction_sudo)
            return
        answer = transaction_sudo._look_up_subscription_charge()
        if answer == "absent":
            # The provider never saw it, so a new try cannot charge twice.
            self.transaction_id = False
            transaction_sudo._set_canceled(
                state_message=self.env._("The provider never received this request.")
            )
            self.write(
                {
                    "state": "retry",
                    "date_next_try": self.company_id._get_billing_day(),
                    "date_ask": False,
                    "asked": 0,
                }
            )
            if self.subscription_id.state == "cancelled":
                self._stop_for_cancellation()
        elif answer == "unknown":
            self.asked += 1
            self._set_unknown()

    # === A PERSON LOOKED === #

    def action_set_not_charged(self):
        """Button for an unknown result: a person saw that no money was taken."""
        return self._get_finding_action("absent")

    def action_set_charged(self):
        """Button for an unknown result: a person saw the payment there."""
        return self._get_finding_action("charged")

    def action_take_back(self):
        """Button for a paid charge: a person saw that the bank took it back.

        For providers that do not tell of it.
        """
        return self._get_finding_action("taken_back")

    def _get_finding_action(self, kind):
        self.ensure_one()
        self.check_access("read")
        return self.transaction_id._get_finding_action(kind)

    def _end_unknown(self, transaction_sudo, is_charged, number):
        """End an unknown result with what a person saw at the provider.

        :param transaction_sudo: the one that was looked up
        :param bool is_charged: whether it was paid
        :param str number: the provider's own number of it
        :raises UserError: when the result became known meanwhile
        """
        charge = self.filtered(
            lambda charge: (
                charge.state == "unknown" and charge.transaction_id == transaction_sudo
            )
        )
        if not charge:
            raise UserError(self.env._("The result of this charge is known by now."))
        if is_charged:
            transaction_sudo.provider_reference = number
            transaction_sudo._set_done()
            text = self.env._(
                "%(user)s saw the payment %(number)s at the provider.",
                user=self.env.user.name,
                number=number,
            )
        else:
            text = self.env._(
                "%(user)s found no payment at the provider.", user=self.env.user.name
            )
            charge.transaction_id = False
            transaction_sudo._set_canceled(state_message=text)
            charge.write({"state": "stopped", "date_ask": False})
        charge.message_post(body=text)
        charge.activity_feedback(["mail.mail_activity_data_todo"])
