import base64
import csv
import io
import zipfile

from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningHandOver(models.Model):
    """A debt given to a collector, with everything that proves it.

    From then on nothing is sent from here. In the Netherlands a collector of debts of
    consumers is registered (Wet kwaliteit incassodienstverlening); the number and the
    day it was looked up are asked for.
    """

    _name = "dunning.hand.over"
    _inherit = ["dunning.agreement"]  # noqa: RUF012
    _description = "Hand-Over to a Collector"

    collector_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", index=True
    )
    registration = fields.Char(string="Registration Number")
    date_checked = fields.Date(string="Registration Looked Up On")
    date = fields.Date(string="Handed Over On", readonly=True)
    date_recalled = fields.Date(readonly=True)
    recall_reason = fields.Char()
    attachment_id = fields.Many2one(
        "ir.attachment", string="File", readonly=True, index="btree_not_null"
    )
    state = fields.Selection(
        [("draft", "Draft"), ("handed", "Handed Over"), ("recalled", "Recalled")],
        default="draft",
        required=True,
        readonly=True,
    )

    _one_live = models.UniqueIndex(
        "(case_id) WHERE state = 'handed'", "A collector has this debtor already."
    )

    @api.depends("state")
    def _compute_is_live(self):
        for hand_over in self:
            hand_over.is_live = hand_over.state == "handed"

    # === ACTIONS === #

    def action_hand_over(self):
        """Make the file and stop our own reminders."""
        self.ensure_one()
        self.check_access("write")
        self._check_registration()
        # The file holds invoices and messages that the office may not all read.
        hand_over_sudo = self.sudo()
        hand_over_sudo.attachment_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{self.case_id.partner_id.display_name}.zip",
                    "raw": hand_over_sudo._build_file(),
                    "mimetype": "application/zip",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        today = self._get_today(self.company_id)
        hand_over_sudo._update_state(("draft",), "handed", date=today)
        return self.action_open_file()

    def _check_registration(self):
        partner = self.case_id.partner_id
        is_consumer = partner.debtor_kind in ("consumer", "sole_trader")
        if partner.country_id.code != "NL" or not is_consumer:
            return
        if not (self.registration and self.date_checked):
            raise UserError(
                self.env._(
                    "Look the collector up in the register of the ministry first, and "
                    "fill in the number and the day (NL, Wki)."
                )
            )

    def action_open_file(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=1",
            "target": "new",
        }

    def action_recall(self):
        """Take the debt back; our own steps go on."""
        self.check_access("write")
        today = self._get_today(self.company_id)
        self._update_state(("handed",), "recalled", date_recalled=today)

    def _note_debtor(self, debtor):
        debtor.collector = self.collector_id.display_name

    # === FILE === #

    def _build_file(self):
        """Everything about the debt as a zip archive.

        :rtype: bytes
        """
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._get_documents():
                archive.writestr(name, content)
        return target.getvalue()

    def _get_documents(self):
        """Name and content of each document of the file."""
        yield "debtor.csv", self._build_csv(self._get_debtor_rows())
        yield "items.csv", self._build_csv(self._get_item_rows())
        yield "messages.csv", self._build_csv(self._get_message_rows())
        report = self.env["ir.actions.report"].with_company(self.company_id)
        for move in self.move_line_ids.move_id:
            pdf = move.invoice_pdf_report_id.raw
            if not pdf and move.is_invoice():
                pdf, _kind = report._render_qweb_pdf(
                    "account.account_invoices", move.ids
                )
            if pdf:
                yield f"invoices/{move.name.replace('/', '-')}.pdf", pdf
        for message in self.case_id.sent_message_ids.filtered("attachment_id"):
            name = message.name.replace("/", "-")
            yield f"messages/{name}.pdf", message.attachment_id.raw
        for message in self.case_id.sent_message_ids.filtered("mail_file_id"):
            name = message.name.replace("/", "-")
            yield f"messages/{name}.eml", message.mail_file_id.raw

        fees = self.case_id.charge_ids.return_fee_ids.filtered("proof_file")
        for fee in fees:
            name = f"{fee.id}-{(fee.proof_name or 'bank').replace('/', '-')}"
            yield f"bank-fees/{name}", base64.b64decode(fee.proof_file)

    @api.model
    def _build_csv(self, rows):
        target = io.StringIO()
        csv.writer(target, delimiter=";").writerows(rows)
        return "\ufeff" + target.getvalue()

    def _get_debtor_rows(self):
        partner = self.case_id.partner_id
        address = partner._display_address(without_company=True).split("\n")
        return [
            [self.env._("Creditor"), self.company_id.name],
            [self.env._("Debtor"), partner.name],
            [self.env._("Address"), ", ".join(part for part in address if part)],
            [self.env._("E-mail"), partner.email or ""],
            [self.env._("Phone"), partner.phone or ""],
            [self.env._("Law For"), partner.debtor_kind],
            [self.env._("Open"), f"{self.amount_start:.2f}"],
        ]

    def _get_item_rows(self):
        rows = [
            [
                self.env._("Invoice"),
                self.env._("Date"),
                self.env._("Due"),
                self.env._("Amount"),
                self.env._("Open"),
            ]
        ]
        rows += [
            [
                line.move_id.name,
                line.date,
                line.date_maturity,
                f"{line.balance:.2f}",
                f"{line.amount_residual:.2f}",
            ]
            for line in self.move_line_ids.sorted("date_maturity")
        ]
        return rows

    def _get_message_rows(self):
        rows = [
            [
                self.env._("Date"),
                self.env._("Message"),
                self.env._("Step"),
                self.env._("Channel"),
                self.env._("Status"),
                self.env._("Sent"),
                self.env._("Proof"),
                self.env._("Sent To"),
                self.env._("Accepted On"),
                self.env._("Answer of the Mail Server"),
                self.env._("Problem"),
                self.env._("Amount"),
            ]
        ]
        rows += [
            [
                message.date,
                message.name,
                message.step_id.name or message.type_id.name,
                message.channel,
                message.state,
                message.date_sent or "",
                message.proof or "",
                message.sent_to or "",
                message.date_accepted or "",
                message.answer or "",
                message.problem or "",
                f"{message.amount:.2f}",
            ]
            for message in self.case_id.sent_message_ids.sorted("id")
        ]
        return rows
