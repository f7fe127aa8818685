import time

from odoo import api, fields, models
from odoo.exceptions import AccessDenied
from odoo.http import request

from ..const import CREDENTIAL, PARAM, SESSION_SEEN, SESSION_START


class ResUsers(models.Model):
    _inherit = "res.users"

    is_portal_lang_chosen = fields.Boolean(
        string="Language Chosen by the Member",
        copy=False,
        help="The member picked the language of the portal; it is used at each "
        "sign-in instead of the browser's.",
    )

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
