from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, format_datetime

from odoo.addons.customer_portal_otp.engine.withdrawal import (
    last_day,
    object_until,
    refund_until,
)
from odoo.addons.customer_portal_otp.models.portal_declaration import WITHDRAW

from .portal_declaration import RUNNING

HELD = "held"


class PortalDeclaration(models.Model):
    """A withdrawal in time ends the subscription and gives back by rule.

    It counts from the moment it was declared: nothing is billed or charged from then
    on. But anybody can type a name and an address on a public page, so it is *held*
    for three days before anything is done that could not be undone. Until then the
    link that went to the address on file takes it back. Whoever declares it while
    signed in as the customer needs no such protection.

    Directive 2011/83/EU articles 9 to 14 and 11a. What is not plainly within the rule
    (late, a business, goods, digital content by consent, a part of the contract, billed
    elsewhere) is a task for a person, with the subscription named and the reason.
    """

    _inherit = "portal.declaration"

    state = fields.Selection(
        selection_add=[(HELD, "Can Be Taken Back"), ("task",)],
        ondelete={HELD: "set default"},
    )
    date_carry_out = fields.Datetime(
        string="Carried Out On",
        readonly=True,
        help="Until then the customer can take it back with the link in the mail.",
    )

    # === WHAT FOLLOWS === #

    @api.model
    def _cron_process(self, batch_size=50):
        """Override of `_cron_process` to carry out what nobody took back."""
        due = self.search(
            [("state", "=", HELD), ("date_carry_out", "<=", fields.Datetime.now())],
            order="id",
            limit=batch_size,
        )
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for declaration in due:
            declaration._process()
            if not self.env["ir.cron"]._commit_progress(1):
                return None
        return super()._cron_process(batch_size=batch_size)

    def _is_to_process(self):
        """Override of `_is_to_process`: what was held and is due."""
        is_due = self.state == HELD and self.date_carry_out <= fields.Datetime.now()
        return super()._is_to_process() or is_due

    def _get_state_after(self):
        """Override of `_get_state_after`: held, as long as it can be taken back."""
        if self.date_carry_out and self.subscription_id.state in RUNNING:
            return HELD
        return super()._get_state_after()

    def _process_found(self):
        """Override of `_process_found`: what was held is not looked for again."""
        if self.state == HELD:
            return self._carry_out_held()
        return super()._process_found()

    def _process_withdrawal(self):
        """Withdraw from the subscription that was found.

        :return: one sentence about what was done; empty when a person decides
        :rtype: str
        """
        self.ensure_one()
        if obstacle := self._get_withdraw_obstacle(self.subscription_id):
            self.message_post(body=obstacle)
            return ""
        self.subscription_id.date_withdrawn = self.date
        return self._carry_out() if self._is_by_customer() else self._hold()

    def _is_by_customer(self):
        """Whether the customer himself declared it, signed in."""
        return self.create_uid.partner_id == self.subscription_id.partner_id

    def _hold(self):
        """Tell the customer and wait, so that he can object.

        :rtype: str
        """
        moment = object_until(fields.Datetime.now())
        self.date_carry_out = moment
        self.env.ref("customer_portal_otp.ir_cron_declarations")._trigger(at=moment)
        self._tell_held()
        return self.env._(
            "%(subscription)s ends by withdrawal, unless it is taken back until "
            "%(moment)s.",
            subscription=self.subscription_id.name,
            moment=format_datetime(self.env, moment, tz=self._get_tz()),
        )

    def _carry_out_held(self):
        """Do what was held; what changed meanwhile is left to a person.

        :rtype: str
        """
        if self.subscription_id.state in RUNNING:
            return self._carry_out()
        self.message_post(
            body=self.env._("It has ended meanwhile: check what is to be given back.")
        )
        return ""

    def _carry_out(self):
        subscription = self.subscription_id
        day = self._get_local_day(self.date)
        credit = subscription._withdraw(self.number, day)
        self._ask_refund(subscription, credit)
        self._tell_withdrawn(credit)
        return self.env._(
            "%(subscription)s has ended by withdrawal.", subscription=subscription.name
        )

    # === TAKING BACK === #

    def _may_undo(self):
        """Override of `_may_undo`: a withdrawal as long as it is held."""
        if self.kind == WITHDRAW:
            return self.state == HELD and self.date_carry_out > fields.Datetime.now()
        return super()._may_undo()

    def _undo_found(self):
        """Override of `_undo_found`: nothing was done yet, so it just goes on."""
        if self.kind != WITHDRAW:
            return super()._undo_found()
        self.subscription_id.date_withdrawn = False
        self.state = "done"
        return None

    def action_take_back(self):
        """Button: the customer says that it was not him; let it go on.

        :raises UserError: it was carried out already
        """
        self.ensure_one()
        locked = self.try_lock_for_update()
        subscription = locked.subscription_id
        if not subscription.date_withdrawn or subscription.state not in RUNNING:
            raise UserError(self.env._("This cannot be taken back any more."))
        locked._undo_found()
        locked.result = self.env._("Taken back by %(user)s.", user=self.env.user.name)
        locked.activity_unlink(["mail.mail_activity_data_todo"])
        return True

    # === THE RULE === #

    def _get_withdraw_obstacle(self, subscription):
        """Return why the rule does not decide alone; empty where it does."""
        declared = self._get_local_day(self.date)
        limit = last_day(self._get_conclusion_day(subscription))
        if declared > limit:
            return self.env._(
                "The 14 days to withdraw ended on %(day)s: check whether the customer "
                "was told about the right to withdraw.",
                day=format_date(self.env, limit),
            )
        if self.reason:
            return self.env._("Only a part of the contract is meant.")
        if not subscription.partner_id._is_consumer():
            return self.env._("A business has no right to withdraw by law.")
        if subscription.collection == "outside":
            return self.env._("It is billed elsewhere and has to be ended there.")
        if subscription.is_shipped:
            return self.env._("Goods are sent: the 14 days begin when they arrive.")
        return self._get_content_obstacle(subscription, declared)

    def _get_content_obstacle(self, subscription, declared):
        """Return why the right to withdraw from digital content is lost; or empty."""
        if not subscription._is_content_right_lost(declared):
            return ""
        agreed = self._get_local_day(subscription.date_content_agreed)
        return self.env._(
            "Digital content: on %(day)s the customer agreed to lose the right to "
            "withdraw when the delivery begins. Check that it has begun and was "
            "confirmed.",
            day=format_date(self.env, agreed),
        )

    def _get_conclusion_day(self, subscription):
        """Return the day the contract was concluded, as far as it is known.

        A contract that began before it was entered here was concluded before that.
        """
        order = subscription.sale_order_id
        known = (order.date_order or subscription.create_date, subscription.create_date)
        days = [self._get_local_day(moment) for moment in known]
        return min(*days, subscription.date_start)

    def _get_local_day(self, moment):
        here = self.with_context(tz=self._get_tz())
        return fields.Datetime.context_timestamp(here, moment).date()

    def _get_tz(self):
        return self._prepare_values()["tz"]

    def _get_refund_day(self):
        return refund_until(self._get_local_day(self.date))

    def _ask_refund(self, subscription, credit):
        """Plan the paying back for a person, where something was paid or is paid."""
        paid = subscription._get_paid_amount()
        is_coming = subscription.charge_ids.filtered(
            lambda charge: charge.state in ("running", "pending", "unknown")
        )
        if not (paid or is_coming):
            return
        user = self._get_task_user()
        texts = self.with_context(lang=user.lang).env
        currency = subscription.currency_id
        note = texts._(
            "Paid until now: %(paid)s. Credit note for the periods: %(credit)s. "
            "One-time fees are not in it: give them back too.",
            paid=format_amount(texts, paid, currency),
            credit=format_amount(texts, credit, currency),
        )
        if is_coming:
            note += " " + texts._("A payment is under way; it goes back as well.")
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            date_deadline=self._get_refund_day(),
            summary=texts._(
                "Withdrawal of %(subscription)s: pay back",
                subscription=subscription.name,
            ),
            note=note,
        )

    def _tell_held(self):
        """Mail what happens, and how to take it back."""
        told = self._in_language_of_owner()
        told._tell_owner(
            told.env._(
                "Withdrawal from %(subscription)s",
                subscription=self.subscription_id.name,
            ),
            "customer_portal_subscription.declaration_mail_held",
            undo_url=self._get_undo_url(),
        )

    def _tell_withdrawn(self, credit):
        """Mail what was done, whoever asked."""
        told = self._in_language_of_owner()
        told._tell_owner(
            told.env._(
                "You have withdrawn from %(subscription)s",
                subscription=self.subscription_id.name,
            ),
            "customer_portal_subscription.declaration_mail_withdrawn",
            credit=credit,
            is_owed=bool(self.subscription_id.date_start_requested),
            refund_day=self._get_refund_day(),
        )
