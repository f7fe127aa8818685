import logging

from odoo import api, fields, models

from ..const import INSTEAD_OF, TRIED, UNDELIVERABLE
from ..engine import channels
from ..walk import walk

_logger = logging.getLogger(__name__)

#: why a message that failed by its channel is not sent by that channel again
FAILED_CODES = {
    channels.EMAIL: channels.EMAIL_BOUNCED,
    channels.POST: channels.POST_RETURNED,
    channels.SMS: channels.SMS_FAILED,
}


class DunningMessage(models.Model):
    """What did not arrive is said again by the next channel.

    The message that failed is cancelled and gives its items free; the step is then
    decided again on the books of that moment, with all its guards. So nothing is said
    twice, and nothing about an item that was paid in between. Each channel is tried
    once; when none is left, the message waits for a person.
    """

    _inherit = "dunning.message"

    is_unreached = fields.Boolean(
        "To Say Again",
        readonly=True,
        copy=False,
        help="It did not arrive and is sent by the next channel in a moment.",
    )
    replaces_id = fields.Many2one(
        "dunning.message",
        string="Instead Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    replaced_by_ids = fields.One2many(
        "dunning.message", "replaces_id", string="Sent Again As", readonly=True
    )

    _unreached_idx = models.Index("(id) WHERE is_unreached IS TRUE")

    # === FAILURE === #

    def _update_state(self, target, **values):
        """Override: what post cannot bring is said again by another channel."""
        moved = super()._update_state(target, **values)
        if target == "failed":
            moved.filtered(
                lambda one: (
                    one.letter_id.state == UNDELIVERABLE or one.letter_id.refusal
                )
            )._want_other_channel()
        return moved

    def _fail_by_channel(self, words):
        """Keep that messages did not arrive, and let another channel be found.

        :param words: what the channel said, for people
        """
        self._update_state("failed", problem=words)._want_other_channel()

    def _want_other_channel(self):
        if self:
            self.is_unreached = True
            self.env.ref("postal_dunning.ir_cron_fall_back").sudo()._trigger()

    # === NEXT CHANNEL === #

    @api.model
    def _cron_fall_back(self):
        """Say what did not arrive by the next channel, message by message."""
        self._fail_unproven()
        domain = [("state", "=", "failed"), ("is_unreached", "=", True)]
        walk(self, domain, lambda message: message._fall_back_one())

    def _fall_back_one(self):
        """One message; what goes wrong leaves it to a person."""
        self.ensure_one()
        self.is_unreached = False
        try:
            with self.env.cr.savepoint():
                self._fall_back()
        except Exception:
            _logger.exception("message %s could not be sent again", self.id)

    def _fall_back(self):
        """Cancel this message and let its step be taken by the next channel.

        :return: the new message, empty when a person has to decide
        """
        self.ensure_one()
        nothing = self.browse()
        case = self.case_id
        case.lock_for_update()
        if case.state == "done" or not self._is_newest():
            return nothing
        if self._find_next_channel() == channels.MANUAL:
            self.problem = self.env._(
                "%(problem)s No other channel reaches this customer.",
                problem=f"{(self.problem or '').rstrip('.')}.",
            )
            return nothing
        problem = self.problem
        self._stop_channel()
        self._update_state("cancelled")
        found = self._say_again()
        self._note_fall_back(found, problem)
        return found

    def _is_newest(self):
        """Whether nothing was said after it: else the case has moved on."""
        later = self.case_id.sent_message_ids.filtered(
            lambda one: (
                one.id > self.id
                and one.state != "cancelled"
                and one.plan_line_id == self.plan_line_id
            )
        )
        return not later

    def _get_tried(self):
        """Channels that failed for what this message says, with the code of why."""
        tried, message = {}, self
        while message:
            tried[message.channel] = message._get_failed_code()
            message = message.replaces_id
        return {channel: code for channel, code in tried.items() if code}

    def _get_failed_code(self):
        """Why its channel does not bring this message, as a code."""
        return self.letter_id.refusal or FAILED_CODES.get(self.channel, "")

    def _find_next_channel(self):
        case = self.case_id.with_context(**{TRIED: self._get_tried()})
        addressee = case.partner_id._get_letter_addressee()
        if self.step_id:
            return case._choose_channel(self.step_id, addressee).channel
        choice = addressee._choose_channel_for(self.type_id, self.company_id)
        return choice.channel

    def _say_again(self):
        """Take the step, or remind of the instalment, as the books are now."""
        case = self.case_id.with_context(
            **{TRIED: self._get_tried(), INSTEAD_OF: self.id}
        )
        if self.plan_line_id:
            if self.plan_line_id._get_refusal()[0]:
                return self.browse()
            today = self.env["dunning.agreement"]._get_today(self.company_id)
            return case._send_instalment(self.plan_line_id, today) or self.browse()
        return case._take_step()

    def _stop_channel(self):
        """See that the old channel does not bring the message after all."""
        if self.channel == channels.EMAIL:
            self._cancel_mail()
        elif self.channel == channels.SMS:
            self._cancel_sms()
        elif self.letter_id.state == "error":
            self.letter_id._cancel_unsent(self.problem)

    def _note_fall_back(self, found, problem):
        values = {
            "name": self.name,
            "channel": dict(self._fields["channel"]._description_selection(self.env))[
                self.channel
            ],
            "problem": (problem or "").rstrip("."),
        }
        if found:
            words = self.env._(
                "%(name)s (%(channel)s) did not arrive: %(problem)s. "
                "Sent again as %(other)s.",
                other=found.name,
                **values,
            )
        else:
            words = self.env._(
                "%(name)s (%(channel)s) did not arrive: %(problem)s. "
                "It is not sent again now: %(reason)s",
                reason=self.case_id.wait_note or self.env._("no step is due."),
                **values,
            )
        self.case_id.message_post(body=words)
