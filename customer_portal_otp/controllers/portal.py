from odoo.http import request, route
from odoo.tools import email_normalize

from odoo.addons.portal.controllers.portal import CustomerPortal

from .confirm import fresh_code_first


class MemberPortal(CustomerPortal):
    def _prepare_portal_layout_values(self):
        """Override of `_prepare_portal_layout_values` to add the accent colour."""
        values = super()._prepare_portal_layout_values()
        company = request.env.user.company_id.sudo()
        return {
            **values,
            "member_accent": company._get_portal_accent(),
            "closed_functions": company._get_closed_portal_functions()
            if request.env.user._is_portal()
            else [],
        }

    def _prepare_my_account_rendering_values(self, *args, **kwargs):
        """Override of `_prepare_my_account_rendering_values`: the way back is shown."""
        values = super()._prepare_my_account_rendering_values(*args, **kwargs)
        # Odoo means that name, and overwrites it.
        return values | {"page_name": "my_details"}

    @route()
    @fresh_code_first("/my/security")
    def security(self, **post):
        """Override of `security`: passwords and passkeys need a fresh code."""
        return super().security(**post)

    def _validate_address_values(self, address_values, partner_sudo, *args, **kwargs):
        """Override of `_validate_address_values`: an address of one's own is proven.

        A member changes the address he signs in with on the page that confirms the
        new one; a form that holds another one is refused. The address of somebody
        who signs in with another login and a password is data, as in Odoo.
        """
        invalid, missing, messages = super()._validate_address_values(
            address_values, partner_sudo, *args, **kwargs
        )
        user = request.env.user
        new = email_normalize(address_values.get("email") or "")
        if (
            "email" in address_values
            and user._is_portal()
            and partner_sudo == user.partner_id
            and new != partner_sudo.email_normalized
            and user._is_known_by_email()
        ):
            invalid.add("email")
            messages.append(
                request.env._(
                    "Change your e-mail address with the link below the field."
                )
            )
        return invalid, missing, messages

    def _create_or_update_address(self, partner_sudo, **form_data):
        """Override of `_create_or_update_address` to tell staff what changed."""
        before = self._get_address_texts(partner_sudo)
        partner_sudo, feedback = super()._create_or_update_address(
            partner_sudo, **form_data
        )
        if "redirectUrl" in feedback and request.env.user._is_portal():
            after = self._get_address_texts(partner_sudo)
            changes = [
                [label, before.get(label, ""), text]
                for label, text in after.items()
                if text != before.get(label, "")
            ]
            if changes:
                self._record_details(partner_sudo, changes)
        return partner_sudo, feedback

    @route()
    def address_archive(self, partner_id):
        """Override of `address_archive`: what a member removes is on his timeline."""
        # Sudo: whose it is is checked there; a missing one has no name.
        partners_sudo = request.env["res.partner"].sudo()
        name = partners_sudo.browse(int(partner_id)).exists().display_name
        res = super().address_archive(partner_id)
        if request.env.user._is_portal():
            label = self._get_staff_env()._("Address removed")
            self._record_details(request.env.user.partner_id, [[label, name, ""]])
        return res

    def _record_details(self, partner_sudo, changes):
        """Note it on the timeline of the member, also what concerns an address of his.

        :param list changes: see ``portal.member.event._record``
        """
        member = request.env.user.partner_id
        if partner_sudo != member and partner_sudo.parent_id == member:
            label = self._get_staff_env()._("Address")
            changes = [[label, "", partner_sudo.display_name], *changes]
            partner_sudo = member
        request.env["portal.member.event"]._record(
            "details", partner_sudo, changes=changes
        )

    def _get_staff_env(self):
        """Return the environment in the company's language: staff reads it.

        Sudo: members may not look that up.
        """
        lang = request.env.company.sudo().partner_id.lang
        return request.env["res.partner"].with_context(lang=lang).env

    def _get_address_texts(self, partner_sudo):
        """Return {label: text} of what members may change; empty for no record."""
        if not partner_sudo:
            return {}
        staff_lang = self._get_staff_env().lang
        record = partner_sudo.with_context(lang=staff_lang, show_address=False)
        names = sorted(record._get_frontend_writable_fields() & set(record._fields))
        labels = record.fields_get(names, ["string"])
        return {
            labels[name]["string"]: self._get_text(record, name)
            for name in names
            if name in labels
        }

    def _get_text(self, record, name):
        field, value = record._fields[name], record[name]
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        if field.type == "selection":
            options = dict(field._description_selection(record.env))
            return str(options.get(value) or "")
        return str(value or "")
