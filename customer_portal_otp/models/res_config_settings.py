from odoo import api, fields, models

from ..const import PARAM
from ..engine.colour import contrast


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    is_portal_access_by_code = fields.Boolean(
        related="company_id.is_portal_access_by_code", readonly=False
    )
    portal_sign_in_unknown = fields.Selection(
        related="company_id.portal_sign_in_unknown", readonly=False, required=True
    )
    is_portal_cancel_page = fields.Boolean(
        related="company_id.is_portal_cancel_page", readonly=False
    )
    is_portal_withdraw_page = fields.Boolean(
        related="company_id.is_portal_withdraw_page", readonly=False
    )
    is_portal_all_cards = fields.Boolean(
        related="company_id.is_portal_all_cards", readonly=False
    )
    portal_is_read_only = fields.Boolean(
        related="company_id.portal_is_read_only", readonly=False
    )
    portal_function_details = fields.Boolean(
        related="company_id.portal_function_details", readonly=False
    )
    portal_function_data = fields.Boolean(
        related="company_id.portal_function_data", readonly=False
    )
    portal_accent_note = fields.Char(compute="_compute_portal_accent_note")
    portal_declaration_user_id = fields.Many2one(
        related="company_id.portal_declaration_user_id", readonly=False
    )
    portal_otp_internal_users = fields.Boolean(
        string="Internal users may sign in by code",
        config_parameter=PARAM % "internal_users",
    )
    portal_otp_mailbox_hour = fields.Integer(
        string="Codes per mailbox and hour",
        config_parameter=PARAM % "mailbox_hour",
        default=5,
    )
    portal_otp_mailbox_day = fields.Integer(
        string="Codes per mailbox and day",
        config_parameter=PARAM % "mailbox_day",
        default=10,
    )
    portal_otp_network_hour = fields.Integer(
        string="Codes per network and hour",
        config_parameter=PARAM % "network_hour",
        default=30,
    )
    portal_otp_database_hour = fields.Integer(
        string="Codes per hour, all together",
        config_parameter=PARAM % "database_hour",
        default=1000,
    )
    portal_otp_wrong_day = fields.Integer(
        string="Wrong codes per day, all together",
        config_parameter=PARAM % "wrong_day",
        default=2000,
    )
    portal_otp_idle_minutes = fields.Integer(
        string="Minutes without a click",
        config_parameter=PARAM % "idle_minutes",
        default=30,
    )
    portal_otp_session_hours = fields.Integer(
        string="Hours in all",
        config_parameter=PARAM % "session_hours",
        default=12,
    )

    @api.depends("company_id")
    def _compute_portal_accent_note(self):
        for settings in self:
            accent = settings.company_id._get_portal_accent()
            if not accent:
                settings.portal_accent_note = settings.env._(
                    "No colour is set: the website's own is used."
                )
                continue
            settings.portal_accent_note = settings.env._(
                "%(colour)s with %(text)s text: contrast %(contrast).1f "
                "(4.5 or more is readable).",
                colour=accent[0],
                text=settings.env._("white")
                if accent[1] == "#ffffff"
                else settings.env._("black"),
                contrast=contrast(*accent),
            )
