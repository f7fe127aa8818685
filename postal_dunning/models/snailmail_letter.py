from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import html2plaintext

from ..const import (
    AT_PRINTER,
    CANCELLING,
    HANDING_OVER,
    QUEUE_STATES,
    SUBMITTED,
    UNDELIVERABLE,
    WAITING,
)
from ..engine import address

ADDRESS_FIELDS = frozenset(
    {"street", "street2", "zip", "city", "state_id", "country_id"}
)


def _become(state):
    """What a letter becomes when this addon goes: never core's queue."""
    return lambda letters: letters.write({"state": state})


class SnailmailLetter(models.Model):
    """Letters by the organisation's own account at Pingen.

    A letter keeps the transport it was made for. Those of Pingen wait in states that
    core's own queue does not know, so no accident (a disconnected service, an
    uninstalled addon, a button) sends them through Odoo's paid service.
    """

    _inherit = "snailmail.letter"

    state = fields.Selection(
        selection_add=[
            ("pending",),
            (WAITING, "Waiting for Pingen"),
            (HANDING_OVER, "Being Handed Over"),
            (SUBMITTED, "At the Printer"),
            ("sent",),
            (CANCELLING, "Being Called Back"),
            (UNDELIVERABLE, "Undeliverable"),
        ],
        ondelete={
            WAITING: _become("canceled"),
            HANDING_OVER: _become("canceled"),
            SUBMITTED: _become("sent"),
            CANCELLING: _become("canceled"),
            UNDELIVERABLE: _become("sent"),
        },
    )
    transport = fields.Selection(
        [("odoo", "Odoo"), ("pingen", "Pingen")],
        default="odoo",
        required=True,
        readonly=True,
    )
    position = fields.Selection(
        [("left", "Left"), ("right", "Right")],
        string="Address Window",
        readonly=True,
        copy=False,
        help="Side on which the address was printed.",
    )
    printed_address = fields.Text(
        "Address",
        compute="_compute_printed_address",
        help="As it stands in the window.",
    )
    dunning_message_id = fields.Many2one(
        "dunning.message", readonly=True, copy=False, ondelete="restrict"
    )
    pingen_key = fields.Char(readonly=True, copy=False, groups="base.group_system")
    pingen_attempt = fields.Integer(readonly=True, copy=False)
    pingen_call = fields.Selection(
        [("create", "Order"), ("send", "Send"), ("cancel", "Call back")],
        string="Call Under Way",
        readonly=True,
        copy=False,
        help="Written before the call. Still there: its answer is not known.",
    )
    pingen_upload = fields.Json(readonly=True, copy=False, groups="base.group_system")
    pingen_ref = fields.Char("Pingen ID", readonly=True, copy=False, index=True)
    pingen_status = fields.Char("Status at Pingen", readonly=True, copy=False)
    pages = fields.Integer(readonly=True, copy=False)
    price = fields.Float(readonly=True, copy=False, digits=(16, 2))
    price_currency = fields.Char(readonly=True, copy=False)
    tracking_number = fields.Char(readonly=True, copy=False)
    corrected_address = fields.Text("New Address", readonly=True, copy=False)
    date_submitted = fields.Datetime(readonly=True, copy=False)
    date_sent = fields.Datetime("Posted On", readonly=True, copy=False)
    date_next_try = fields.Datetime(readonly=True, copy=False, index=True)
    failure_count = fields.Integer(readonly=True, copy=False)
    refusal = fields.Char(
        "Post Impossible",
        readonly=True,
        copy=False,
        help="Why post cannot carry it, as a code; it then goes by another channel.",
    )
    findings = fields.Json(readonly=True, copy=False)
    finding_note = fields.Text(compute="_compute_finding_note")
    finding_picture = fields.Image(readonly=True, copy=False, max_width=0, max_height=0)

    @api.depends("street", "street2", "zip", "city", "country_id", "partner_id")
    def _compute_printed_address(self):
        """The address kept with the letter; the customer may have moved since."""
        for letter in self:
            country = letter.country_id.with_context(lang="en_US")
            lines = address.format_lines(
                replace(
                    letter.partner_id._get_postal_address(),
                    street=letter.street or "",
                    street2=letter.street2 or "",
                    zip=letter.zip or "",
                    city=letter.city or "",
                    country=country.code or "",
                    country_name=country.name or "",
                ),
                letter.company_id.country_id.code or "",
            )
            letter.printed_address = "\n".join(lines)

    # === PROTECTION === #

    @api.model
    def _get_protected_fields(self):
        """Fields of a Pingen letter that only the hand-over writes."""
        own = {name for name in self._fields if name.startswith(("pingen_", "price"))}
        return own | {
            "state",
            "refusal",
            "transport",
            "position",
            "product",
            "attachment_id",
            "date_sent",
            "company_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `snailmail` to stamp the company's transport on the letter."""
        given = self._get_protected_fields() - {"attachment_id", "company_id"}
        for vals in vals_list:
            for name in given & vals.keys():
                del vals[name]
            company = self.env["res.company"].browse(
                vals.get("company_id") or self.env.company.id
            )
            is_pingen = company.sudo().letter_transport == "pingen"
            vals["transport"] = "pingen" if is_pingen else "odoo"
            if is_pingen:
                vals["state"] = WAITING
                self._check_ready(vals)
                partner = self.env["res.partner"].browse(vals.get("partner_id"))
                vals["position"] = partner._get_letter_position(company.sudo())
                vals.update(self._prepare_delivery_vals(vals, company.sudo()))
        letters = super().create(vals_list)
        for letter in letters.filtered(lambda one: one.transport == "pingen"):
            letter.message_id.sudo().body = self.env._("Letter by post (Pingen)")
        return letters

    @api.model
    def _check_ready(self, vals):
        if not vals.get("attachment_id"):
            raise UserError(
                self.env._("A letter through Pingen needs its PDF from the start.")
            )

    def write(self, vals):
        """Override to keep what the hand-over writes, and printed addresses."""
        if not self.env.su and self._get_protected_fields() & vals.keys():
            if self.filtered(lambda letter: letter.transport == "pingen"):
                raise AccessError(
                    self.env._("The state of a letter is kept by the hand-over.")
                )
        if vals.keys() <= ADDRESS_FIELDS:
            printed = self.filtered(
                lambda letter: (
                    letter.state in (*AT_PRINTER, HANDING_OVER, UNDELIVERABLE)
                )
            )
            return super(SnailmailLetter, self - printed).write(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed_over(self):
        if self.filtered(
            lambda letter: letter.transport == "pingen" and letter.pingen_ref
        ):
            raise UserError(self.env._("A letter that left the house is kept."))

    # === CORE'S DOORS === #

    def _snailmail_print(self, immediate=True):
        """Override of `snailmail`: our letters only queue; others follow the company.

        Nothing leaves the house here: a cron hands letters over one by one.
        """
        pingen = self.filtered(lambda letter: letter.transport == "pingen")
        pingen._queue()
        others = self - pingen
        allowed = others.filtered(
            lambda letter: letter.company_id.sudo().letter_transport == "odoo"
        )
        (others - allowed)._cancel_unsent(self.env._("Letters are switched off."))
        if allowed:
            return super(SnailmailLetter, allowed)._snailmail_print(immediate)
        return None

    def snailmail_print(self):
        """Override of `snailmail`: *Send now* and *Resend* queue our letters again."""
        pingen = self.filtered(lambda letter: letter.transport == "pingen")
        pingen.check_access("write")
        pingen._queue()
        if others := self - pingen:
            return super(SnailmailLetter, others).snailmail_print()
        return None

    def cancel(self):
        """Override of `snailmail`: a letter at the printer is asked back first."""
        pingen = self.filtered(lambda letter: letter.transport == "pingen")
        pingen.check_access("write")
        pingen._call_back()
        if others := self - pingen:
            return super(SnailmailLetter, others).cancel()
        return None

    def _queue(self):
        """Let waiting and failed letters be handed over with the next job."""
        for letter in self.sudo():
            if letter.state not in (*QUEUE_STATES, "error", "pending"):
                continue
            if letter.company_id.letter_transport != "pingen":
                raise UserError(
                    self.env._(
                        "Pingen is not connected for %(company)s.",
                        company=letter.company_id.name,
                    )
                )
            if letter.state in ("error", "pending"):
                letter._reset_for_retry()
            letter.date_next_try = False
        self._wake_hand_over()

    def _reset_for_retry(self):
        """A failed letter starts again; a call without an answer is kept to look up."""
        self.ensure_one()
        self.write(
            {
                "state": HANDING_OVER if self.pingen_call else WAITING,
                "error_code": False,
                "info_msg": False,
                "findings": False,
                "finding_picture": False,
                "failure_count": 0,
                "refusal": False,
            }
        )
        self._notify("ready")

    def _call_back(self):
        """Cancel what has not left; ask the printer for what has."""
        for letter in self.sudo():
            if letter.state in AT_PRINTER or (
                letter.state == HANDING_OVER and letter.pingen_call == "send"
            ):
                letter.write({"state": CANCELLING, "date_next_try": False})
            else:
                letter._cancel_unsent(self.env._("Cancelled by hand."))
        self._wake_hand_over()

    def _cancel_unsent(self, words):
        """Cancel letters that were not sent; the others are left alone."""
        for letter in self.sudo():
            if letter.state not in (*QUEUE_STATES, "pending", "error"):
                continue
            if letter.pingen_call == "send":
                # Nobody knows yet whether it was sent: the hand-over finds out.
                letter.write({"state": CANCELLING, "date_next_try": False})
                continue
            letter.write({"state": "canceled", "error_code": False, "info_msg": words})
            letter._notify("canceled")

    def _notify(self, status, failure_type=False, words=False):
        """Show the fate of a letter where core shows it, and on its message."""
        for letter in self.sudo():
            letter.notification_ids.write(
                {
                    "notification_status": status,
                    "failure_type": failure_type,
                    "failure_reason": words,
                }
            )
            letter.message_id._notify_message_notification_update()
            letter.dunning_message_id._on_letter_changed()

    @api.model
    def _wake_hand_over(self, at=None):
        self.env.ref("postal_dunning.ir_cron_pingen_hand_over").sudo()._trigger(at)

    def _get_message_fate(self):
        """State and values of the collection message this letter belongs to.

        A letter counts as sent when the post has it: the law counts from there.

        :return: (target state, values)
        """
        self.ensure_one()
        if self.state == "sent":
            proof = f"Pingen {self.pingen_ref}: {self.pingen_status}"
            return "sent", {"date_sent": self.date_sent, "proof": proof}
        problem = self._get_problem()
        if self.state == "canceled":
            return "cancelled", {"problem": problem}
        if self.state in ("error", UNDELIVERABLE):
            return "failed", {"problem": problem}
        return "waiting", {"problem": False}

    def _get_problem(self):
        """:return: what is wrong with the letter, as text; the letter keeps HTML"""
        return html2plaintext(self.info_msg).strip() if self.info_msg else False
