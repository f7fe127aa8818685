import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import PARAM
from ..engine.limits import Limits, decide
from ..engine.visitor import network_of

_logger = logging.getLogger(__name__)


class PortalSignInRequest(models.Model):
    """What counts against the limits: codes asked for, wrong codes given.

    Kept in the database, so that the limits hold over all workers and a
    restart. Holds keyed hashes instead of addresses and is emptied after a
    day. It is a table apart from the codes because codes are deleted at use.
    """

    _name = "portal.sign.in.request"
    _description = "Sign-in Limit Counter"
    _log_access = False
    _order = "id desc"

    kind = fields.Selection(
        [
            ("ask", "Code asked for"),
            ("wrong", "Wrong code"),
            ("declaration", "Contract cancelled"),
        ],
        required=True,
    )
    date = fields.Datetime(required=True, index=True)
    company_id = fields.Many2one("res.company", ondelete="cascade")
    mailbox_hash = fields.Char(index=True, groups=fields.NO_ACCESS)
    network_hash = fields.Char(index=True, groups=fields.NO_ACCESS)
    is_known_device = fields.Boolean()

    @api.model
    def _get_limits(self):
        """Return the configured :class:`Limits`; nonsense falls back to default."""
        params = self.env["ir.config_parameter"].sudo()
        values = {}
        for name, default in vars(Limits()).items():
            text = params.get_param(PARAM % name, "") or ""
            values[name] = int(text) if text.isdigit() and int(text) else default
        return Limits(**values)

    @api.model
    def _lock_counting(self):
        """Let one transaction at a time count and add.

        LOCK must be the first statement: it takes no snapshot, so that the
        count afterwards sees everything that was added before.
        """
        self.env.cr.execute(
            SQL("LOCK TABLE portal_sign_in_request IN SHARE ROW EXCLUSIVE MODE")
        )

    @api.model
    def _lock_writing(self):
        """Take the lock of a plain insert early: always table before row."""
        self.env.cr.execute(
            SQL("LOCK TABLE portal_sign_in_request IN ROW EXCLUSIVE MODE")
        )

    @api.model
    def _count_ask(self, ask, keyed):
        """Decide about one more code and count it.

        A known device has an allowance of its own: a stranger who uses up the
        codes of a mailbox does not lock its owner out.

        :rtype: Verdict
        """
        mailbox = keyed.hash("mailbox", ask.email)
        network = keyed.hash("network", network_of(ask.ip))
        limits = self._get_limits()
        verdict = decide(
            self._get_counts(mailbox, network, ask.is_known_device), limits
        )
        if verdict.is_allowed:
            self.create(
                {
                    "kind": "ask",
                    "date": self.env.cr.now(),
                    "company_id": ask.company_id,
                    "mailbox_hash": mailbox,
                    "network_hash": network,
                    "is_known_device": ask.is_known_device,
                }
            )
        elif verdict.reason == "database":
            _logger.warning("Sign-in by code: limit of codes per hour reached")
        return verdict

    @api.model
    def _get_counts(self, mailbox, network, is_known_device):
        now = self.env.cr.now()
        hour = fields.Datetime.subtract(now, hours=1)
        day = fields.Datetime.subtract(now, days=1)
        asks = [("kind", "=", "ask")]
        own = [
            ("mailbox_hash", "=", mailbox),
            ("is_known_device", "=", is_known_device),
        ]
        last_hour = [("date", ">", hour)]
        count = self.search_count
        return {
            "mailbox_hour": count(asks + own + last_hour),
            "mailbox_day": count(asks + own + [("date", ">", day)]),
            "network_hour": 0
            if is_known_device
            else count(asks + last_hour + [("network_hash", "=", network)]),
            "database_hour": 0 if is_known_device else count(asks + last_hour),
        }

    @api.model
    def _count_wrong(self):
        self.create({"kind": "wrong", "date": self.env.cr.now()})

    @api.model
    def _count_declaration(self, ip):
        """Count a declaration of a network; False when there were too many.

        A person declares once or twice; the limit keeps the confirmation mails from
        being used to bother others.
        """
        keyed = self.env["portal.sign.in.challenge"]._get_keyed()
        network = keyed.hash("network", network_of(ip))
        hour = fields.Datetime.subtract(self.env.cr.now(), hours=1)
        counts = self.sudo()
        sent = counts.search_count(
            [
                ("kind", "=", "declaration"),
                ("date", ">", hour),
                ("network_hash", "=", network),
            ]
        )
        if sent >= self._get_limits().declaration_hour:
            _logger.warning("Public cancellation: limit of a network reached")
            return False
        counts.create(
            {
                "kind": "declaration",
                "date": self.env.cr.now(),
                "network_hash": network,
            }
        )
        return True

    @api.model
    def _is_brake_on(self):
        """Whether so many wrong codes came within a day that guessing is likely.

        Limits per mailbox do not stop somebody who tries a few codes at each
        of thousands of mailboxes; this one does.
        """
        since = fields.Datetime.subtract(self.env.cr.now(), days=1)
        limit = self._get_limits().wrong_day
        wrong = [("kind", "=", "wrong"), ("date", ">", since)]
        is_on = self.search_count(wrong, limit=limit) >= limit
        if is_on:
            _logger.warning("Sign-in by code: brake on wrong codes is on")
        return is_on

    @api.model
    def _needs_captcha(self, ip):
        """Whether this network has asked so often that a captcha is due.

        Only asks where a captcha service is configured (``ir.http``).
        """
        keyed = self.env["portal.sign.in.challenge"]._get_keyed()
        hour = fields.Datetime.subtract(self.env.cr.now(), hours=1)
        asked = self.sudo().search_count(
            [
                ("kind", "=", "ask"),
                ("date", ">", hour),
                ("network_hash", "=", keyed.hash("network", network_of(ip))),
            ]
        )
        return asked + 1 >= self._get_limits().captcha_from

    @api.model
    def _raise_alarm(self, reason, company):
        """Tell an administrator that a limit for all together was met, once.

        A second alarm comes only when the first activity is done.

        :param str reason: ``database`` (codes asked for) or ``wrong`` (wrong codes)
        :param company: ``res.company`` where it showed
        """
        kind = self.env.ref("customer_portal_otp.mail_activity_type_alarm")
        partner = company.partner_id
        if partner.activity_ids.filtered(lambda known: known.activity_type_id == kind):
            return
        administrator = self._get_alarm_user()
        env = self.with_context(lang=administrator.lang).env
        partner.activity_schedule(
            activity_type_id=kind.id,
            user_id=administrator.id,
            summary=env._("Sign-in by code: a limit was met"),
            note=env._(
                "So many wrong codes came within a day that somebody may be guessing. "
                "New devices have to wait, known devices and passwords go on."
            )
            if reason == "wrong"
            else env._(
                "More codes than allowed were asked for within an hour. New devices "
                "have to wait, known devices and passwords go on. The limit is in the "
                "settings."
            ),
        )

    @api.model
    def _get_alarm_user(self):
        administrator = self.env.ref("base.user_admin", raise_if_not_found=False)
        if administrator and administrator.active:
            return administrator
        group = self.env.ref("base.group_system")
        return group.all_user_ids.filtered("active")[:1]

    @api.autovacuum
    def _gc_requests(self):
        limit = fields.Datetime.subtract(self.env.cr.now(), days=1)
        self.search([("date", "<", limit)]).unlink()
