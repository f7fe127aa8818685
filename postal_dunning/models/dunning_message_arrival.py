from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import channels, fees, guards, law

#: what a debtor may have said after a message, on its case
AGREEMENTS = ("promise_ids", "plan_ids", "dispute_ids")


class DunningMessage(models.Model):
    """What proves that a message reached the debtor.

    That a mail server took a mail over proves that it was sent, not that it arrived.
    Proof is what only a reader can do: an answer, the printed address opened, a sign-in
    at the portal, an agreement; or what somebody in the office found out. A Dutch
    fourteen-day notice by mail without any of it goes by post once its days are over
    (``engine.law.get_post_day``); until then no costs are built on it.
    """

    _inherit = "dunning.message"

    arrival = fields.Char(
        "Proof of Arrival", compute="_compute_arrival", compute_sudo=True
    )
    date_confirmed = fields.Datetime(
        readonly=True,
        copy=False,
        help="When somebody noted that the debtor has the message.",
    )
    is_unproven = fields.Boolean(
        "Without Proof",
        readonly=True,
        copy=False,
        help="Nothing proved in time that the mail arrived.",
    )

    @api.depends("state", "date_confirmed")
    @api.depends_context("lang")
    def _compute_arrival(self):
        arrivals = self._find_arrivals()
        labels = {
            "confirmed": self.env._("Noted by a person"),
            "answer": self.env._("The debtor answered"),
            "opened": self.env._("The printed address was opened"),
            "portal": self.env._("The debtor signed in at the portal"),
            "agreement": self.env._("The debtor agreed or disputed"),
        }
        for message in self:
            message.arrival = labels.get(arrivals.get(message.id), "")

    # === PROOF === #

    def _find_arrivals(self):
        """What proves the arrival of these messages, as a code by id.

        :rtype: dict[int, str]
        """
        sent = self.filtered("date_sent")
        found = {}
        for code, ids in (
            ("agreement", sent._find_agreed()),
            ("portal", sent._find_signed_in()),
            ("opened", sent._find_opened()),
            ("answer", sent._find_answered()),
            ("confirmed", sent.filtered("date_confirmed").ids),
        ):
            found |= dict.fromkeys(ids, code)
        return found

    def _find_answered(self):
        """Answers come in by mail on the message or on its case."""
        answers = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("message_type", "=", "email"),
                    "|",
                    "&",
                    ("model", "=", "dunning.message"),
                    ("res_id", "in", self.ids),
                    "&",
                    ("model", "=", "dunning.case"),
                    ("res_id", "in", self.case_id.ids),
                ]
            )
        )
        return [
            message.id
            for message in self
            if answers.filtered(
                lambda one, message=message: (
                    (one.model, one.res_id)
                    in (
                        ("dunning.message", message.id),
                        ("dunning.case", message.case_id.id),
                    )
                    and one.create_date >= message.date_sent
                    and one.author_id.commercial_partner_id
                    == message.case_id.partner_id
                )
            )
        ]

    def _find_opened(self):
        links = (
            self.env["letter.link"]
            .sudo()
            .search([("message_id", "in", self.ids), ("date_opened", "!=", False)])
        )
        return links.message_id.ids

    def _find_signed_in(self):
        """Sign-ins of the debtor; somebody of the office signs in as nobody else."""
        partners = self.partner_id | self.case_id.partner_id
        users = partners.sudo().user_ids.filtered("share")
        if not users:
            return []
        groups = (
            self.env["res.users.log"]
            .sudo()
            ._read_group(
                [("create_uid", "in", users.ids)], ["create_uid"], ["create_date:max"]
            )
        )
        last = dict(groups)
        found = []
        for message in self:
            debtors = (message.partner_id | message.case_id.partner_id).sudo()
            days = [last[user] for user in debtors.user_ids if user in last]
            if any(day >= message.date_sent for day in days):
                found.append(message.id)
        return found

    def _find_agreed(self):
        return [
            message.id
            for message in self
            if any(
                record.create_date >= message.date_sent
                for name in AGREEMENTS
                for record in message.case_id[name]
            )
        ]

    def _is_proven(self, arrivals):
        """Whether the law may build on the arrival of this message.

        :param arrivals: answer of ``_find_arrivals``
        """
        return self.channel != channels.EMAIL or self.id in arrivals

    def _get_term_day(self):
        """The day from which the term of law counts.

        Somebody who was told later that the debtor has the mail does not know since
        when: the term counts from that day.
        """
        planner = self.env["dunning.planner"]
        day = planner._get_sent_day(self)
        if not self.date_confirmed:
            return day
        local = self.with_context(tz=planner._get_timezone(self.company_id))
        return max(day, fields.Date.context_today(local, self.date_confirmed))

    # === NO PROOF === #

    @api.model
    def _fail_unproven(self):
        """Let the mails without proof whose days are over be said again by post."""
        domain = [
            ("state", "=", "sent"),
            ("channel", "=", channels.EMAIL),
            ("law_wording", "=", fees.WORDING_NL_MAIL),
            ("case_id.state", "!=", "done"),
            ("date_confirmed", "=", False),
            ("date_sent", "<", fields.Datetime.now() - timedelta(days=1)),
        ]
        messages = self.search(domain, order="id")
        arrivals = messages._find_arrivals()
        for message in messages:
            if message.id not in arrivals and message._is_post_due():
                message.is_unproven = True
                message._fail_by_channel(
                    self.env._("Nothing proves that the e-mail arrived.")
                )
                message.case_id._refresh()

    def _is_post_due(self):
        """Whether this mail has to go by post today; a guard makes it wait."""
        self.ensure_one()
        if not self._is_newest():
            return False
        facts = self.env["dunning.planner"]._load(
            self.company_id, self.case_id.partner_id, ignored_message=self
        )
        debtor = facts.get_debtor(self.case_id.partner_id.id)
        open_now = debtor.get_open_amounts()
        if not any(open_now.get(line.move_line_id.id) for line in self.line_ids):
            return False
        notice = law.Notice(self._get_term_day(), self.channel, is_formal=True)
        country, kind = debtor.get_country(), debtor.get_kind()
        day = law.get_post_day(facts.book, country, kind, notice)
        stops = set(debtor.find_stop_codes()) - {guards.UNDER_WAY}
        return bool(day and day <= facts.today and not stops)

    def _get_failed_code(self):
        """Override: a mail that nothing proves did not come back."""
        if self.is_unproven:
            return channels.EMAIL_UNPROVEN
        return super()._get_failed_code()

    def action_confirm_arrival(self):
        """Note that the debtor has the mail; its term counts from today."""
        self.check_access("read")
        self.case_id.check_access("write")
        for message in self.sudo():
            if message.channel != channels.EMAIL or message.state not in (
                "sent",
                "failed",
            ):
                raise UserError(self.env._("Only an e-mail that was sent can arrive."))
            message.write(
                {
                    "date_confirmed": fields.Datetime.now(),
                    "is_unproven": False,
                    "is_unreached": False,
                }
            )
            message._update_state("sent", problem=False)
            message.case_id.with_user(self.env.user).message_post(
                body=self.env._("%(name)s arrived.", name=message.name)
            )
            message.case_id._refresh()
