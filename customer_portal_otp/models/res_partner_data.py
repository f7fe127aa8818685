from odoo import fields, models

from ..engine.retention import SIGN_IN_MONTHS

CONTACT_FIELDS = (
    "name",
    "ref",
    "email",
    "phone",
    "street",
    "street2",
    "zip",
    "city",
    "country_id",
    "vat",
    "lang",
    "create_date",
)


class ResPartner(models.Model):
    """A member's own data: to take along, and to have erased (GDPR 15, 17, 20)."""

    _inherit = "res.partner"

    def _get_portal_data(self):
        """Return what is stored about the member. Extend with sections of your own.

        :return: {section: [row, …]}, a row being {name: text, number or None}
        :rtype: dict
        """
        self.ensure_one()
        return {
            "contact": [self._get_row(self, CONTACT_FIELDS)],
            "activity": [
                event._get_portal_row() for event in self.sudo().member_event_ids
            ],
        }

    def _get_row(self, record, names):
        """Return fields of a record as plain values; relations by their name."""
        row = {}
        for name in names:
            value, field = record[name], record._fields[name]
            if field.relational:
                value = ", ".join(value.mapped("display_name"))
            elif field.type in ("date", "datetime"):
                value = fields.Datetime.to_string(value) if value else None
            row[name] = value if value or field.type in ("integer", "float") else None
        return row

    def _get_portal_documents(self):
        """Return the member's documents. Extend with those of your own.

        :return: [(file name, bytes), …]
        """
        return []

    def _get_portal_kept(self):
        """Return what stays after an erasure, and until when. Extend likewise.

        :return: [(what, last day or None, why), …], texts in the visitor's language
        """
        return [
            (
                self.env._("What you did in the member's area"),
                fields.Date.add(fields.Date.today(), months=SIGN_IN_MONTHS),
                self.env._("to explain changes and to find misuse"),
            )
        ]

    def _ask_erasure(self):
        """Hand the request to the responsible person, once, with a month to answer.

        :return: whether it is a new request
        """
        self.ensure_one()
        partner_sudo = self.sudo()
        kind = self.env.ref("customer_portal_otp.mail_activity_type_erasure")
        if partner_sudo.activity_ids.filtered(lambda a: a.activity_type_id == kind):
            return False
        company = self.env.user.company_id.sudo()
        requests = self.env["portal.sign.in.request"].sudo()
        user = company.portal_declaration_user_id or requests._get_alarm_user()
        texts = self.with_context(lang=user.lang).env
        partner_sudo.activity_schedule(
            activity_type_id=kind.id,
            user_id=user.id,
            date_deadline=fields.Date.add(fields.Date.today(), months=1),
            summary=texts._("Erasure asked for: answer within a month"),
        )
        self.env["portal.member.event"]._record("erasure", self)
        return True
