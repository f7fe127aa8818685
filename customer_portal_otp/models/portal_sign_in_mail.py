import logging

from odoo import api, fields, models
from odoo.tools import SQL, get_lang

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ..const import CONFIRM, MAIL_TRIES, NEW_EMAIL, SIGN_IN
from ..engine.code import format_code

CODE_PAGES = {
    SIGN_IN: "/my/sign-in/code",
    CONFIRM: "/my/confirm/code",
    NEW_EMAIL: "/my/email/code",
}

_logger = logging.getLogger(__name__)


class PortalSignInChallenge(models.Model):
    """The mail lane of the codes.

    A lane of its own: a code that waits behind a newsletter is a code that has
    expired. The mail is made, sent and deleted in one transaction, so that no
    mail with a readable code is ever committed to the database.
    """

    _inherit = "portal.sign.in.challenge"

    @api.model
    def _cron_send_mails(self, batch_size=50):
        """Send what waits, oldest first; a mail server that is down is retried."""
        waiting = self.search(
            [("mail_state", "=", "waiting"), ("state", "=", "open")],
            order="id",
            limit=batch_size,
        )
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        failed = False
        for challenge in waiting:
            failed |= not challenge._send_mail()
            if not self.env["ir.cron"]._commit_progress(1):
                break
        if failed:
            self.env.ref("customer_portal_otp.ir_cron_sign_in_mail")._trigger(
                fields.Datetime.add(self.env.cr.now(), minutes=1)
            )

    def _send_mail(self):
        """Send one mail and note it; False when it has to be tried again."""
        self.ensure_one()
        keyed = self._get_keyed()
        code = keyed.unseal(self.sealed_code or "")
        if not code or self._is_expired():
            return self._note_mail("failed")
        # Who is signed in asked for it himself, also at an address that is new.
        is_known = self.user_id or self._get_sign_in_partners()
        kind = "code" if is_known else "unknown"
        if kind == "unknown" and not self._is_unknown_answered():
            return self._note_mail("unknown")
        try:
            with self.env.cr.savepoint():
                is_sent = self._deliver(self._build_mail(kind, code))
        except (MailDeliveryException, OSError) as err:
            # The class only: the text of a mail server may name the mailbox.
            _logger.info("Sign-in mail %s waits: %s", self.id, type(err).__name__)
            return self._note_mail("waiting")
        return self._note_mail(kind if is_sent else "failed")

    @api.model
    def _deliver(self, mail):
        """Send and leave nothing behind, whatever became of the mail."""
        mail.send(raise_exception=True)
        left = mail.exists()
        is_sent = not left or left.state == "sent"
        left.unlink()
        return is_sent

    def _note_mail(self, mail_state):
        """Write the outcome apart: a check of the code may run right now."""
        is_retry = mail_state == "waiting"
        self._apart(
            lambda env: self._execute(
                env,
                SQL(
                    """UPDATE portal_sign_in_challenge
                          SET mail_tries = mail_tries + 1,
                              mail_state = CASE WHEN %(retry)s AND mail_tries >= %(max)s
                                           THEN 'failed' ELSE %(state)s END,
                              sealed_code = CASE WHEN %(retry)s AND mail_tries < %(max)s
                                            THEN sealed_code END
                        WHERE id = %(id)s""",
                    retry=is_retry,
                    max=MAIL_TRIES - 1,
                    state=mail_state,
                    id=self.id,
                ),
            )
        )
        return not is_retry

    def _get_sign_in_partners(self):
        """Return the contacts that this mailbox opens, newest first."""
        self.ensure_one()
        return self.env["res.partner"]._get_sign_in_partners(
            self.email, self.company_id
        )

    def _is_unknown_answered(self):
        """Whether a stranger's address gets the "we do not know you" mail now.

        Once a day at most: the page must not become a way to bother others.
        """
        if self.company_id.portal_sign_in_unknown != "mail":
            return False
        day = fields.Datetime.subtract(self.env.cr.now(), days=1)
        return not self.search_count(
            [
                ("email", "=", self.email),
                ("mail_state", "=", "unknown"),
                ("create_date", ">", day),
            ],
            limit=1,
        )

    def _build_mail(self, kind, code):
        """Return the ``mail.mail`` (not queued: it is sent at once).

        :param str kind: ``code`` or ``unknown``
        """
        lang = get_lang(self.env, self.lang).code
        challenge = self.with_context(lang=lang).with_company(self.company_id)
        company = challenge.company_id
        if kind == "code":
            # Without the code: mail servers write subjects into their logs.
            subject = (
                challenge.env._(
                    "Your sign-in code for %(company)s", company=company.name
                )
                if self.purpose == SIGN_IN
                else challenge.env._("Your code for %(company)s", company=company.name)
            )
        else:
            subject = challenge.env._("Sign-in at %(company)s", company=company.name)
        body = challenge.env["ir.qweb"]._render(
            f"customer_portal_otp.sign_in_mail_{kind}",
            challenge._prepare_mail_values(code),
        )
        return challenge.env["mail.mail"].create(
            {
                "subject": subject,
                "body_html": body,
                "email_to": challenge.email,
                "email_from": company.email_formatted
                or challenge.env.user.email_formatted,
                "auto_delete": True,
                "headers": repr({"Auto-Submitted": "auto-generated"}),
            }
        )

    def _prepare_mail_values(self, code):
        """Return what the two mail templates show."""
        return {
            "company": self.company_id,
            "accent": self.company_id._get_portal_accent(),
            "code": code,
            "code_text": format_code(code),
            "email": self.email,
            "device": self.device,
            "ip": self.ip,
            "purpose": self.purpose,
            "lang": self.env.context["lang"],
            # After the "#": it stays in the browser and never in a server log.
            "code_url": f"{self.base_url}{CODE_PAGES[self.purpose]}#code={code}",
            "site_url": self.base_url,
        }
