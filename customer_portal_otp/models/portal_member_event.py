from odoo import api, fields, models
from odoo.http import request

from ..engine.retention import SIGN_IN_MONTHS

VISIBLE_KINDS = ("access", "details", "email", "password", "passkey", "erasure")


class PortalMemberEvent(models.Model):
    """What members did in the portal: who, what, from, to, when, from where.

    Written by the portal itself, never changed afterwards: nobody has the
    right to write or delete, staff read. Other addons add kinds of their own
    with ``selection_add`` and call ``_record``.
    """

    _name = "portal.member.event"
    _description = "Member Activity"
    _order = "date desc, id desc"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("sign_in", "Signed in by code"),
            ("access", "Portal access granted"),
            ("details", "Details changed"),
            ("language", "Language changed"),
            ("email", "E-mail address changed"),
            ("password", "Password changed"),
            ("passkey", "Passkey added or removed"),
            ("sign_out", "Signed out elsewhere"),
            ("download", "Own data downloaded"),
            ("erasure", "Erasure asked for"),
            ("preview", "Looked at by the administrator"),
        ],
        string="What",
        required=True,
        index=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one("res.users", string="By", ondelete="set null")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    changes = fields.Json(
        help="List of changes, each a list: label, old value, new value."
    )
    details = fields.Char(compute="_compute_details")
    ip = fields.Char(string="IP Address")
    device = fields.Char()

    @api.depends("changes")
    def _compute_details(self):
        for event in self:
            event.details = "; ".join(
                f"{label}: {old or '–'} → {new or '–'}" if label or new else old
                for label, old, new in event.changes or []
            )

    @api.model
    def _record(self, kind, partner, user=None, changes=None):
        """Add an event; what concerns the contact's data also goes to the chatter.

        :param str kind: see the field
        :param partner: ``res.partner`` concerned
        :param user: ``res.users`` who did it, the current one by default
        :param list changes: ``[[label, old, new], …]`` as texts
        """
        user = user or self.env.user
        event = self.sudo().create(
            {
                "kind": kind,
                "partner_id": partner.id,
                "user_id": user.id,
                "company_id": (partner.company_id or user.company_id).id,
                "changes": changes or False,
                **self._prepare_origin_vals(),
            }
        )
        if event._is_noted():
            event._post_note()
        return event

    def _is_noted(self):
        """Whether the contact's chatter tells it too; extend for kinds of your own."""
        return self.kind in VISIBLE_KINDS

    @api.model
    def _prepare_origin_vals(self):
        """Return address and device of the current web request, if any."""
        if not request:
            return {}
        agent = request.httprequest.user_agent
        return {
            "ip": request.httprequest.remote_addr,
            "device": " ".join(
                part.capitalize() for part in (agent.browser, agent.platform) if part
            ),
        }

    def _get_portal_row(self):
        """Return what the member gets of it with his own data."""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "date": fields.Datetime.to_string(self.date),
            "what": kinds[self.kind],
            "details": self.details,
            "ip": self.ip or None,
            "device": self.device or None,
        }

    @api.autovacuum
    def _gc_sign_ins(self):
        """Forget sign-ins after a year; changes stay as long as the contact does."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), months=SIGN_IN_MONTHS)
        kinds = ("sign_in", "sign_out")
        self.sudo().search([("kind", "in", kinds), ("date", "<", limit)]).unlink()

    def _post_note(self):
        """Put a note into the contact's chatter, written in the company's language."""
        self.ensure_one()
        lang = self.company_id.partner_id.lang or self.env.lang
        event = self.with_context(lang=lang)
        event.partner_id.message_post_with_source(
            "customer_portal_otp.member_event_note",
            render_values={"event": event},
            author_id=self.user_id.partner_id.id or None,
            subtype_xmlid="mail.mt_note",
        )
