from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import UNDELIVERABLE
from ..engine import channels, guards
from .communication_type import CHANNELS

#: what may still change after a message was made: its fate, never its content
FATE_FIELDS = frozenset(
    {
        "state",
        "mail_message_id",
        "letter_id",
        "activity_id",
        "attachment_id",
        "date_sent",
        "proof",
        "problem",
        "access_token",
        "is_unreached",
        "sent_to",
        "date_accepted",
        "answer",
        "mail_file_id",
        "is_unproven",
        "date_confirmed",
        "write_uid",
        "write_date",
    }
)


class DunningMessage(models.Model):
    """What was said to a debtor, when, by which channel, about which items.

    Append only: content never changes and nothing is deleted; only the fate of a
    message (sent, failed, cancelled, with its proof) is written afterwards.
    """

    _name = "dunning.message"
    _description = "Collection Message"
    _inherit = ["mail.thread"]  # noqa: RUF012
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, default="/")
    case_id = fields.Many2one(
        "dunning.case", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Addressee",
        required=True,
        ondelete="restrict",
        index=True,
    )
    step_id = fields.Many2one("dunning.step", ondelete="restrict", index=True)
    type_id = fields.Many2one("communication.type", ondelete="restrict")
    channel = fields.Selection(CHANNELS, required=True)
    channel_reason = fields.Char(help="Why this channel, as a code.")
    channel_note = fields.Char(compute="_compute_channel_note")
    date = fields.Date(required=True, default=fields.Date.context_today)
    date_sent = fields.Datetime(readonly=True)
    state = fields.Selection(
        [
            ("draft", "Being Made"),
            ("waiting", "On Its Way"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
    )
    line_ids = fields.One2many("dunning.message.line", "message_id")
    amount = fields.Monetary(required=True)
    lang = fields.Char(required=True)
    attachment_id = fields.Many2one(
        "ir.attachment", ondelete="restrict", copy=False, index="btree_not_null"
    )
    mail_message_id = fields.Many2one(
        "mail.message", ondelete="set null", index="btree_not_null"
    )
    letter_id = fields.Many2one(
        "snailmail.letter", ondelete="restrict", index="btree_not_null"
    )
    activity_id = fields.Many2one("mail.activity", ondelete="set null")
    cost = fields.Float(related="letter_id.price")
    cost_currency = fields.Char(related="letter_id.price_currency")
    proof = fields.Char(readonly=True, help="Message id, status of the letter.")
    problem = fields.Char(readonly=True)

    @api.depends("channel_reason")
    def _compute_channel_note(self):
        notes = self._get_channel_notes()
        for message in self:
            message.channel_note = notes.get(message.channel_reason, "")

    @api.model
    def _get_channel_notes(self):
        return {
            "customer": self.env._("The customer's choice"),
            "step": self.env._("Channel of the step"),
            "type": self.env._("Default of this kind of message"),
            channels.NO_EMAIL: self.env._("No e-mail address"),
            channels.EMAIL_BOUNCED: self.env._("E-mail does not arrive"),
            channels.EMAIL_UNPROVEN: self.env._(
                "Nothing proves that the e-mail arrived"
            ),
            channels.NO_ADDRESS: self.env._("Postal address incomplete"),
            channels.POST_RETURNED: self.env._("A letter to this address came back"),
            channels.POST_REFUSED: self.env._("The postal service refused the letter"),
            channels.POST_OFF: self.env._("Letters are switched off"),
            channels.NO_PHONE: self.env._("No telephone number"),
            channels.PHONE_BLOCKED: self.env._("Does not want text messages"),
            channels.SMS_FAILED: self.env._("A text message did not arrive"),
            channels.SMS_NO_DOCUMENT: self.env._("A text message is no document"),
            channels.NO_PEPPOL: self.env._("Not known at Peppol"),
            channels.PEPPOL_FAILED: self.env._("Peppol did not deliver it"),
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].with_company(vals["company_id"])
                vals["name"] = sequence.next_by_code("dunning.message") or "/"
        return super().create(vals_list)

    def write(self, vals):
        """Override to keep what was said as it was said."""
        allowed = FATE_FIELDS | set(self.env["mail.thread"]._fields)
        if not set(vals) <= allowed:
            raise UserError(self.env._("A message to a debtor is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        raise UserError(self.env._("Messages to debtors are kept. Cancel the case."))

    def _update_state(self, target, **values):
        """Move a message on; the same state again changes nothing."""
        allowed = {
            "waiting": ("draft", "failed"),
            "sent": ("draft", "waiting", "failed"),
            "failed": ("draft", "waiting", "sent"),
            "cancelled": ("draft", "waiting", "failed", "sent"),
        }[target]
        moved = self.filtered(lambda message: message.state in allowed)
        moved.write({"state": target, **values})
        if target == "cancelled":
            moved.line_ids.write({"is_void": True})
        return moved

    # === DOCUMENT === #

    def _make_attachment(self):
        """Render once and keep the file with the message."""
        self.ensure_one()
        if not self.attachment_id:
            self.attachment_id = self.env["ir.attachment"].create(
                {
                    "name": f"{self.name.replace('/', '-')}.pdf",
                    "raw": self._render_pdf(),
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        return self.attachment_id

    def action_cancel(self):
        """Take back what waits or failed; its items may get the step again."""
        self.check_access("read")
        self.case_id.check_access("write")
        for message in self.filtered(lambda one: one.state in ("waiting", "failed")):
            if message.letter_id and message.letter_id.state != UNDELIVERABLE:
                message.letter_id.cancel()
            else:
                # Mail and text belong to others; whoever may collect may stop them.
                message.sudo()._stop_channel()
                message.sudo()._update_state("cancelled")
                message.case_id.sudo()._refresh()

    def action_resend(self):
        """Queue a failed letter again."""
        self.case_id.check_access("write")
        failed = self.filtered(lambda one: one.state == "failed" and one.letter_id)
        failed.letter_id.snailmail_print()

    def action_open_letter(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "snailmail.letter",
            "res_id": self.letter_id.id,
            "views": [(self.env.ref("postal_dunning.letter_view_form").id, "form")],
        }

    def action_open_pdf(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}",
            "target": "new",
        }

    # === LETTERS === #

    def _get_hand_over_refusal(self):
        """Why this letter may not leave now.

        Asked again when the letter is handed to the printer: a person may have paid
        in between (invariant I16).

        :return: words (empty when it may leave) and whether that is final; old bank
            data is not, everything else cancels the letter
        """
        self.ensure_one()
        facts = self.env["dunning.planner"]._load(
            self.company_id, self.case_id.partner_id, ignored_message=self
        )
        debtor = facts.get_debtor(self.case_id.partner_id.id)
        open_now = debtor.get_open_amounts()
        for line in self.line_ids:
            amount = float(open_now.get(line.move_line_id.id, 0))
            if self.currency_id.compare_amounts(amount, line.amount_open):
                words = self.env._(
                    "%(invoice)s changed after the letter was made.",
                    invoice=line.move_id.name,
                )
                return words, True
        codes = set(debtor.find_stop_codes())
        final = codes - {guards.STALE}
        words = self.case_id._get_wait_words(final or codes)
        return words, bool(final)

    def _on_letter_changed(self):
        """Take over the fate of the letter."""
        for message in self:
            letter = message.letter_id
            target, values = letter._get_message_fate()
            message._update_state(target, **values)
        self.case_id._refresh()
