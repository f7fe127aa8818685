import base64
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import get_lang

_logger = logging.getLogger(__name__)

CANCEL = "cancel"
WITHDRAW = "withdraw"


class PortalDeclaration(models.Model):
    """A contract cancelled or withdrawn from on the public pages.

    Received, numbered and confirmed in the same request, whoever sent it and
    whether or not a contract is found: the page tells a stranger nothing. What
    follows is done afterwards by ``_cron_process``: an addon that knows contracts
    says in ``_process_found`` what it did; otherwise it becomes a task for staff.

    Rules: § 312k BGB (cancellation button), Directive (EU) 2023/2673 article 11a
    and § 356a BGB (withdrawal function).
    """

    _name = "portal.declaration"
    _description = "Cancellation or Withdrawal"
    _inherit = ("mail.thread", "mail.activity.mixin")
    _order = "date desc, id desc"
    _rec_name = "number"

    number = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [(CANCEL, "Cancellation"), (WITHDRAW, "Withdrawal")],
        required=True,
        readonly=True,
    )
    date = fields.Datetime(string="Received", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    lang = fields.Char(readonly=True)
    name = fields.Char(required=True, readonly=True)
    email = fields.Char(required=True, readonly=True)
    contract = fields.Char(
        readonly=True, help="What the contract is called, as the visitor wrote it."
    )
    is_extraordinary = fields.Boolean(string="For Good Cause", readonly=True)
    reason = fields.Text(readonly=True)
    date_wanted = fields.Date(
        string="Wanted End", readonly=True, help="Empty: the earliest possible date."
    )
    partner_id = fields.Many2one("res.partner", string="Contact", index=True)
    state = fields.Selection(
        [("received", "Received"), ("task", "For Staff"), ("done", "Done")],
        required=True,
        default="received",
        index=True,
        tracking=True,
    )
    result = fields.Char(readonly=True, help="What was done about it.")
    receipt = fields.Binary(string="Receipt (PDF)", attachment=True, readonly=True)
    receipt_name = fields.Char(compute="_compute_receipt_name")

    _number_unique = models.Constraint(
        "UNIQUE (number)", "Each declaration has a number of its own."
    )

    @api.depends("number")
    def _compute_receipt_name(self):
        for declaration in self:
            declaration.receipt_name = f"{declaration.number}.pdf"

    # === RECEIVING === #

    @api.model
    def _receive(self, kind, company, values):
        """Store a declaration and confirm it at once.

        :param str kind: ``cancel`` or ``withdraw``
        :param company: ``res.company`` of the website
        :param dict values: what the visitor wrote
        :return: the declaration (sudo)
        """
        sequence = self.env["ir.sequence"].sudo()
        declaration = self.sudo().create(
            {
                **values,
                "kind": kind,
                "company_id": company.id,
                "number": sequence.next_by_code("portal.declaration"),
                "date": fields.Datetime.now(),
                "lang": get_lang(self.env).code,
            }
        )
        declaration._make_receipt()
        declaration._send_receipt()
        self.env.ref("customer_portal_otp.ir_cron_declarations")._trigger()
        return declaration

    def _make_receipt(self):
        """Make the PDF; a converter that is missing does not lose the declaration."""
        declaration = self.with_context(lang=self.lang)
        html = declaration.env["ir.qweb"]._render(
            "customer_portal_otp.declaration_pdf", declaration._prepare_values()
        )
        try:
            pdf = self.env["ir.actions.report"]._run_wkhtmltopdf([str(html)])
        except (UserError, OSError) as err:
            _logger.error("No PDF for declaration %s: %s", self.id, type(err).__name__)
            return
        self.receipt = base64.b64encode(pdf)

    def _prepare_values(self):
        """Return what the receipt shows: only what the visitor wrote, and when."""
        return {
            "declaration": self,
            "company": self.company_id,
            "accent": self.company_id._get_portal_accent(),
            "lang": self.lang,
            "tz": self.company_id.partner_id.tz or "Europe/Amsterdam",
            "site_url": self.company_id.get_base_url(),
        }

    def _send_receipt(self):
        """Confirm in text form to the address that was given (§ 312k IV BGB)."""
        declaration = self.with_context(lang=self.lang)
        subject = (
            declaration.env._("We received your cancellation (%(number)s)")
            if self.kind == CANCEL
            else declaration.env._("We received your withdrawal (%(number)s)")
        )
        declaration._send_mail(
            subject % {"number": self.number},
            "customer_portal_otp.declaration_mail",
            self.email,
            with_receipt=True,
        )

    def _send_mail(self, subject, template, address, with_receipt=False, **values):
        body = self.env["ir.qweb"]._render(template, self._prepare_values() | values)
        attachments = []
        if with_receipt and self.receipt:
            attachments = [(0, 0, {"name": self.receipt_name, "datas": self.receipt})]
        return self.company_id._send_portal_mail(
            address, subject, body, attachment_ids=attachments, auto_delete=True
        )

    # === WHAT FOLLOWS === #

    @api.model
    def _cron_process(self, batch_size=50):
        """Act on what came in; one that fails waits for a person with the others."""
        waiting = self.search(
            [("state", "=", "received")], order="id", limit=batch_size
        )
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for declaration in waiting:
            declaration._process()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _process(self):
        """Cancel the contract that is meant, or ask a person."""
        self.ensure_one()
        declaration = self.try_lock_for_update()
        if not declaration or not declaration._is_to_process():
            return
        try:
            with self.env.cr.savepoint():
                result = declaration._process_found()
        except UserError as err:
            _logger.warning("Declaration %s waits for staff", self.id)
            result = ""
            declaration.message_post(body=str(err))
        if result:
            declaration.write(
                {"state": declaration._get_state_after(), "result": result}
            )
        else:
            declaration._ask_staff()

    def _is_to_process(self):
        """Whether it waits to be acted on. Extend for states of your own."""
        return self.state == "received"

    def _get_state_after(self):
        """Return the state once something was done about it; extend for your own."""
        # What was done may leave something to a person: money to pay back.
        return "task" if self.activity_ids else "done"

    def _process_found(self):
        """Find the contract and act; override where contracts are known.

        :return: one sentence about what was done, empty when it needs a person
        :rtype: str
        """
        return ""

    def _get_task_user(self):
        return (
            self.company_id.portal_declaration_user_id
            or self.env["portal.sign.in.request"]._get_alarm_user()
        )

    def _ask_staff(self):
        self.state = "task"
        user = self._get_task_user()
        texts = self.with_context(lang=user.lang).env
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=texts._("Cancellation from the website: find the contract")
            if self.kind == CANCEL
            else texts._("Withdrawal from the website: end the contract, pay back"),
        )

    def action_done(self):
        """Note that a person has dealt with it."""
        self.write({"state": "done"})
        self.activity_unlink(["mail.mail_activity_data_todo"])
        return True

    # === LINKS === #

    def _get_link_token(self, purpose):
        """Return the secret part of a link to this declaration.

        :param str purpose: ``receipt`` or ``undo``
        """
        keyed = self.env["portal.sign.in.challenge"]._get_keyed()
        return f"{self.id}-{keyed.hash(purpose, self.number)}"

    @api.model
    def _find_by_token(self, purpose, token):
        """Return the declaration (sudo) of a link, empty for a guess."""
        number, _dash, mac = (token or "").partition("-")
        if not (number.isdigit() and len(number) < 12 and mac):
            return self.browse()
        found = self.sudo().browse(int(number)).exists()
        keyed = self.env["portal.sign.in.challenge"]._get_keyed()
        if found and keyed.matches(purpose, mac, found.number):
            return found
        return self.browse()
