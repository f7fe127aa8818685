import time

from odoo import api, fields, models
from odoo.exceptions import AccessDenied
from odoo.http import request
from odoo.tools import get_lang

from ..const import CREDENTIAL, IDENTITY_CHECK, PARAM, SESSION_SEEN, SESSION_START
from ..engine.visitor import mask_mailbox


class ResUsers(models.Model):
    _inherit = "res.users"

    is_portal_lang_chosen = fields.Boolean(
        string="Language Chosen by the Member",
        copy=False,
        help="The member picked the language of the portal; it is used at each "
        "sign-in instead of the browser's.",
    )

    is_passkey_declined = fields.Boolean(
        string="Wants No Passkey",
        copy=False,
        help="The member was offered a passkey after signing in by code and chose "
        "not to have one; it is not offered again.",
    )

    def _is_passkey_offered(self):
        """Whether the member's area offers a passkey: came by code, has none yet."""
        self.ensure_one()
        return (
            bool(request)
            and SESSION_START in request.session
            and not self.is_passkey_declined
            and not self.sudo().auth_passkey_key_ids
        )

    def _is_known_by_email(self):
        """Whether the address opens the account: it is the login, or took a code.

        Whoever was given another login and a password by Odoo is known by that.
        """
        self.ensure_one()
        user_sudo = self.sudo()
        return "@" in user_sudo.login or bool(
            self.env["portal.member.event"]
            .sudo()
            .search_count(
                [("user_id", "=", user_sudo.id), ("kind", "=", "sign_in")], limit=1
            )
        )

    def _change_member_email(self, email):
        """Give a member the address he has confirmed; tell the old one.

        :param str email: normalised address whose mailbox was proven
        """
        self.ensure_one()
        user_sudo = self.sudo()
        partner, old = user_sudo.partner_id, user_sudo.partner_id.email_normalized
        partner.email = email
        if user_sudo.login == old:
            user_sudo.login = partner._get_sign_in_login()
        self.env["portal.member.event"]._record(
            "email",
            partner,
            user=user_sudo,
            changes=[[self.env._("E-mail"), old or "", email]],
        )
        if old:
            self._announce_new_email(old, email)

    def _announce_new_email(self, old, new):
        """Mail the old address that a new one is in use (masked)."""
        company, partner = self.company_id, self.partner_id
        lang = get_lang(self.env, partner.lang).code
        texts = self.with_context(lang=lang).env
        values = {
            "company": company,
            "accent": company._get_portal_accent(),
            "email": mask_mailbox(new),
            "lang": lang,
            "site_url": company.get_base_url(),
        }
        company._send_portal_mail(
            old,
            texts._("Your new e-mail address at %(company)s", company=company.name),
            texts["ir.qweb"]._render(
                "customer_portal_otp.sign_in_mail_email_changed", values
            ),
            auto_delete=True,
        )

    def _change_password(self, new_passwd):
        """Override of `_change_password`: a member's own is on his timeline."""
        res = super()._change_password(new_passwd)
        if request and self == self.env.user and self._is_portal():
            self.env["portal.member.event"]._record("password", self.partner_id)
        return res

    def _may_sign_in_by_code(self):
        """Whether a mailed code opens this user: portal users, staff by switch."""
        self.ensure_one()
        user = self.sudo()
        if not user.active:
            return False
        if user._is_internal():
            params = self.env["ir.config_parameter"].sudo()
            return params.get_param(PARAM % "internal_users") == "True"
        return user._is_portal()

    @api.model
    def authenticate(self, credential, user_agent_env):
        """Override of `authenticate` to mark web sessions opened by code."""
        auth_info = super().authenticate(credential, user_agent_env)
        if request and (user_agent_env or {}).get("interactive"):
            by_code = credential["type"] == CREDENTIAL
            self._mark_session_by_code(by_code)
            if by_code:
                user = self.env["res.users"].browse(auth_info["uid"]).sudo()
                self.env["portal.member.event"]._record(
                    "sign_in", user.partner_id, user=user
                )
        return auth_info

    @api.model
    def _mark_session_by_code(self, by_code):
        if by_code:
            request.session[SESSION_START] = request.session[SESSION_SEEN] = time.time()
            # The code was read just now: nothing fresher could be asked for.
            request.session[IDENTITY_CHECK] = time.time()
        else:
            request.session.pop(SESSION_START, None)
            request.session.pop(SESSION_SEEN, None)

    def _check_credentials(self, credential, env):
        """Override of `_check_credentials` to accept a proven code, once.

        ``mfa`` stays ``default``: a code shows who reads the mailbox, it is no
        reason to skip the second factor that a user has set up.

        :param dict credential: ``type`` email_otp, ``login``, ``token``: the
            token of the browser whose code was found right
        """
        if credential["type"] != CREDENTIAL:
            return super()._check_credentials(credential, env)
        user = self.env.user
        challenge = (
            self.env["portal.sign.in.challenge"].sudo()._find(credential.get("token"))
        )
        if (
            not challenge._is_proven()
            or not user._may_sign_in_by_code()
            or user.partner_id not in challenge._get_sign_in_partners()
            or not challenge._consume()
        ):
            raise AccessDenied()
        return {"uid": user.id, "auth_method": CREDENTIAL, "mfa": "default"}
