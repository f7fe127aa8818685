import logging

from odoo import api, fields, models
from odoo.tools import html2plaintext

from ..const import TRIED
from ..engine import channels
from ..walk import walk
from .communication_type import CHANNELS
from .res_partner_channel import INVOICE_METHODS

_logger = logging.getLogger(__name__)


class InvoiceDeliveryFailure(models.Model):
    """An invoice that did not reach its customer by one channel.

    A job sends it by the next channel: each channel once, and only while nothing else
    brings it. Whether it is paid does not matter: an invoice is a document that the
    customer has to get. When no channel is left, a person gets a task.
    """

    _name = "invoice.delivery.failure"
    _description = "Invoice That Did Not Arrive"
    _order = "id desc"
    _rec_name = "move_id"

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="move_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True
    )
    channel = fields.Selection(
        [*CHANNELS, ("peppol", "Peppol")], required=True, readonly=True
    )
    code = fields.Char(readonly=True, help="Why it did not arrive, as a code.")
    problem = fields.Char(readonly=True, help="What the channel said, for people.")
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    letter_id = fields.Many2one(
        "snailmail.letter", readonly=True, index="btree_not_null", ondelete="set null"
    )
    channel_next = fields.Selection(
        [*CHANNELS, ("peppol", "Peppol")], string="Sent Again By", readonly=True
    )
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")
    state = fields.Selection(
        [
            ("open", "Is Sent Again"),
            ("sent", "Sent Again"),
            ("person", "Needs a Person"),
            ("done", "Settled"),
        ],
        default="open",
        required=True,
        readonly=True,
    )

    _open_idx = models.Index("(id) WHERE state IN ('open', 'person')")

    # === NOTING === #

    @api.model
    def _note(self, move, channel, code, problem, **source):
        """Keep that an invoice did not arrive, and let another channel be found.

        :param code: of ``engine.channels``
        :param problem: what the channel said, for people
        :param source: the mail (``mail_message_id``) or letter (``letter_id``)
        """
        known = [(name, "=", record_id) for name, record_id in source.items()]
        if known and self.search_count([("move_id", "=", move.id), *known], limit=1):
            return self.browse()
        found = self.create(
            {
                "move_id": move.id,
                "partner_id": move.partner_id.id,
                "channel": channel,
                "code": code,
                "problem": problem,
                **source,
            }
        )
        self.env.ref("postal_dunning.ir_cron_invoice_fall_back").sudo()._trigger()
        return found

    @api.model
    def _explain_peppol(self, move, body):
        """Keep what the network said about a transmission that failed just now."""
        notes = self.env["dunning.message"]._get_channel_notes()
        fresh = self.search(
            [
                ("move_id", "=", move.id),
                ("channel", "=", channels.PEPPOL),
                ("state", "=", "open"),
                ("problem", "=", notes[channels.PEPPOL_FAILED]),
            ],
            limit=1,
        )
        if fresh:
            fresh.problem = " ".join(html2plaintext(body).split())

    def _get_words(self):
        """What happened, in one sentence or two."""
        self.ensure_one()
        partners = self.env["res.partner"]
        values = {
            "channel": partners._get_channel_label(self.channel),
            "problem": (self.problem or "").rstrip("."),
        }
        if self.state == "sent":
            values["other"] = partners._get_channel_label(self.channel_next)
            return self.env._(
                "Not delivered (%(channel)s): %(problem)s. Sent again: %(other)s.",
                **values,
            )
        if self.state == "open":
            return self.env._(
                "Not delivered (%(channel)s): %(problem)s. "
                "It is sent by the next channel in a moment.",
                **values,
            )
        return self.env._(
            "Not delivered (%(channel)s): %(problem)s. "
            "No other channel reaches this customer.",
            **values,
        )

    # === NEXT CHANNEL === #

    @api.model
    def _cron_fall_back(self):
        """Send what did not arrive by the next channel, invoice by invoice."""
        walk(self, [("state", "=", "open")], lambda failure: failure._fall_back_one())

    def _fall_back_one(self):
        """One invoice; what goes wrong leaves it to a person."""
        self.ensure_one()
        try:
            self._fall_back()
        except Exception:
            _logger.exception("invoice of failure %s could not be sent again", self.id)
            self.env.cr.rollback()
            self.env.invalidate_all()
            self._leave_to_person()

    def _fall_back(self):
        self.ensure_one()
        move = self.move_id
        if move.state != "posted" or move._has_live_delivery():
            self.state = "done"
            return
        sender = self.env["account.move.send"].with_company(move.company_id)
        choice = sender._choose_channel(move.with_context(**{TRIED: self._get_tried()}))
        if choice.channel == channels.MANUAL:
            self._leave_to_person()
            return
        self._stop_channel()
        self.write({"state": "sent", "channel_next": choice.channel})
        sender._generate_and_send_invoices(
            move,
            allow_raising=False,
            allow_fallback_pdf=True,
            sending_methods={INVOICE_METHODS[choice.channel]},
        )
        move.message_post(body=self._get_words())

    def _get_tried(self):
        """Channels that failed for this invoice, with the code of why."""
        failures = self.search([("move_id", "=", self.move_id.id)], order="id")
        return {failure.channel: failure.code for failure in failures}

    def _stop_channel(self):
        """See that the old channel does not bring the invoice after all."""
        if self.letter_id.state == "error":
            self.letter_id.cancel()
        mails = self.env["mail.mail"].search(
            [
                ("mail_message_id", "in", self.mail_message_id.ids),
                ("state", "in", ("outgoing", "exception")),
            ]
        )
        mails.cancel()

    def _leave_to_person(self):
        self.state = "person"
        move = self.move_id
        policies = self.env["dunning.policy"]._get_policies(self.company_id)
        user = move.invoice_user_id or policies.responsible_id[:1] or self.env.user
        self.activity_id = move.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("The invoice did not arrive"),
            note=self._get_words(),
            user_id=user.id,
        )

    # === BY A PERSON === #

    def _settle(self):
        """Somebody saw to it: no job sends it again, and the task is done."""
        waiting = self.filtered(lambda one: one.state in ("open", "person"))
        waiting.activity_id._action_done()
        waiting.state = "done"

    def action_settle(self):
        """The customer has the invoice by a way that is not known here."""
        self.check_access("read")
        # Whoever may read it may say so; nobody writes these records otherwise.
        self.sudo()._settle()

    def action_send(self):
        """Open the dialog in which a person chooses how it is sent."""
        self.ensure_one()
        return self.move_id.action_send_and_print()

    def action_open_move(self):
        self.ensure_one()
        return self.move_id._get_records_action()
