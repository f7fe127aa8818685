from odoo import Command, api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_sign_in_private = fields.Boolean(
        string="No Sign-in through a Shared Address",
        copy=False,
        help="When other contacts have the same e-mail address, a code sent there "
        "does not open this contact's area.",
    )
    member_event_ids = fields.One2many(
        "portal.member.event", "partner_id", groups="base.group_user"
    )
    member_event_count = fields.Integer(
        compute="_compute_member_event_count", groups="base.group_user"
    )

    @api.depends("member_event_ids")
    def _compute_member_event_count(self):
        counts = dict(
            self.env["portal.member.event"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.member_event_count = counts.get(partner, 0)

    # === WHO IS BEHIND A MAILBOX === #

    @api.model
    def _get_sign_in_partners(self, email, company):
        """Return the contacts that a proven mailbox opens, newest first.

        :param str email: normalised address
        :param company: ``res.company`` the visitor signs in at
        :return: ``res.partner`` (sudo: the visitor has no rights yet)
        """
        found = self.sudo().search(
            [
                ("email_normalized", "=", email),
                ("company_id", "in", (False, company.id)),
            ],
            order="create_date desc, id desc",
        )
        found = found.filtered(lambda partner: partner._may_sign_in(company))
        if len(found) > 1:
            found = found.filtered(lambda partner: not partner.is_sign_in_private)
        return found

    def _may_sign_in(self, company):
        """Whether a proven mailbox opens this contact. Extend to allow fewer.

        Revoked access stays revoked: a contact whose user is archived gets no
        new one by asking for a code.
        """
        self.ensure_one()
        users = self.sudo().with_context(active_test=False).user_ids
        if users:
            return any(user._may_sign_in_by_code() for user in users)
        return (
            company.is_portal_access_by_code
            and self.type == "contact"
            and not self.env["res.company"]
            .sudo()
            .search_count([("partner_id", "=", self.id)], limit=1)
        )

    def _get_sign_in_user(self, company):
        """Return this contact's user; makes one at the first proven code.

        :return: ``res.users`` (sudo), never of another contact
        """
        self.ensure_one()
        users = self.sudo().user_ids
        user = users.filtered(lambda u: u._may_sign_in_by_code())[:1]
        if user or users or not self._may_sign_in(company):
            return user
        user = (
            self.env["res.users"]
            .sudo()
            .with_company(company)
            ._create_user_from_template(self._prepare_sign_in_user_vals(company))
        )
        self.env["portal.member.event"]._record("access", self, user=user)
        return user

    def _prepare_sign_in_user_vals(self, company):
        company = self.company_id or company
        return {
            "login": self._get_sign_in_login(),
            "partner_id": self.id,
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
        }

    def _get_sign_in_login(self):
        """Return a free login: the address when nobody shares it.

        ``login`` is unique in Odoo, so of several contacts with one address
        each gets a login that is not the address.
        """
        email = self.email_normalized
        sharing = self.sudo().search_count([("email_normalized", "=", email)], limit=2)
        users = self.env["res.users"].sudo().with_context(active_test=False)
        if sharing == 1 and not users.search_count([("login", "=", email)], limit=1):
            return email
        login, number = f"member-{self.id}", 1
        while users.search_count([("login", "=", login)], limit=1):
            number += 1
            login = f"member-{self.id}-{number}"
        return login

    def action_preview_portal(self):
        """Show the administrator this member's area, without any effect."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/portal/preview/{self.id}",
            "target": "new",
        }

    def action_view_member_events(self):
        """Open the list of what this contact did in the portal."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_portal_otp.portal_member_event_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        return action
