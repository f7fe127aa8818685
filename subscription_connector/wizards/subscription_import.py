import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_normalize

from ..engine import import_file


class SubscriptionImport(models.TransientModel):
    """Import a list of subscriptions: read, show, then all of it or nothing.

    Every line is checked before anything is made; one bad line, named with its number
    and the reason, keeps the whole file back.
    """

    _name = "subscription.import"
    _description = "Import of Subscriptions"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    file = fields.Binary(help="CSV or XLSX, one line per subscription.")
    filename = fields.Char()
    is_mail = fields.Boolean(
        string="Send Confirmation Mails",
        help="Off for a migration: the customers have their subscription already.",
    )
    line_ids = fields.One2many("subscription.import.line", "import_id", readonly=True)
    row_count = fields.Integer(string="Lines", compute="_compute_counts")
    error_count = fields.Integer(
        string="Lines with an Error", compute="_compute_counts"
    )

    @api.depends("line_ids.error")
    def _compute_counts(self):
        for wizard in self:
            wizard.row_count = len(wizard.line_ids)
            wizard.error_count = len(wizard.line_ids.filtered("error"))

    # === CHECK === #

    def action_check(self):
        """Button: read the file and show what each line would become."""
        self.ensure_one()
        self.line_ids.unlink()
        plans = self._get_plans()
        seen = set()
        commands = []
        for row in self._read_rows():
            vals = self._prepare_line_vals(row, plans)
            key = (vals["name"].lower(), vals["email"].lower(), vals["plan_id"])
            if not vals["error"] and key in seen:
                vals["error"] = self.env._("This line is in the file twice.")
            seen.add(key)
            commands.append(Command.create(vals))
        # What has to be corrected comes first.
        self.line_ids = sorted(commands, key=lambda command: not command[2]["error"])
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Subscriptions"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _read_rows(self):
        if not self.file:
            raise UserError(self.env._("Choose a file."))
        try:
            return import_file.read(self.filename or "", base64.b64decode(self.file))
        except import_file.FileError as error:
            reasons = {
                "format": self.env._("This file cannot be read as XLSX."),
                "empty": self.env._("There is nothing in this file."),
                "header": self.env._(
                    "The first line must name the columns; “Name” and “Plan” are "
                    "needed."
                ),
                "long": self.env._(
                    "A file holds at most %(count)s lines.", count=import_file.MAX_ROWS
                ),
            }
            raise UserError(reasons[error.code]) from error

    def _get_plans(self):
        """Return the plans by code and by name in any language, in small letters."""
        plans = self.env["subscription.plan"].search(
            [("company_id", "=", self.company_id.id), ("connection_id", "=", False)]
        )
        by_name = {}
        for language, _name in self.env["res.lang"].get_installed():
            for plan in plans.with_context(lang=language):
                by_name[plan.name.lower()] = plan.with_env(self.env)
        for plan in reversed(plans):
            by_name[plan.name.lower()] = plan
            if plan.code:
                by_name[plan.code.lower()] = plan
        return by_name

    def _prepare_line_vals(self, row, plans):
        plan = plans.get(row.plan.lower(), self.env["subscription.plan"])
        partner = self._find_partner(row)
        start = row.start or self.company_id._get_billing_day()
        return {
            "number": row.number,
            "name": row.name,
            "email": row.email,
            "ref": row.ref,
            "street": row.street,
            "zip": row.zip,
            "city": row.city,
            "country_code": row.country,
            "partner_id": partner.id,
            "plan_id": plan.id,
            "date_start": start,
            "date_paid_to": row.paid_to,
            "quantity": float(row.quantity),
            "price_unit": float(row.price) if row.price is not None else -1.0,
            "error": self._get_row_error(row, plan, partner, start),
        }

    def _find_partner(self, row):
        """Return the customer a line means: by number, else by name and address."""
        company_domain = [("company_id", "in", (False, self.company_id.id))]
        partners = self.env["res.partner"]
        if row.ref:
            return partners.search([("ref", "=", row.ref), *company_domain], limit=2)[
                :1
            ]
        if not row.email:
            return partners
        found = partners.search([("email", "=ilike", row.email), *company_domain])
        return found.filtered(
            lambda partner: (partner.name or "").strip().lower() == row.name.lower()
        )[:1]

    def _get_row_error(self, row, plan, partner, start):
        """Say all that keeps a line from becoming a subscription; False: nothing."""
        found = [*self._find_value_errors(row, start)]
        found += [*self._find_plan_errors(row, plan)]
        found += [*self._find_customer_errors(row, plan, partner)]
        return " ".join(found) or False

    def _find_value_errors(self, row, start):
        for code, value in row.problems:
            if code == "date":
                yield self.env._("“%(value)s” is not a date.", value=value)
            else:
                yield self.env._("“%(value)s” is not an amount.", value=value)
        if row.email and not email_normalize(row.email):
            yield self.env._("“%(value)s” is not an e-mail address.", value=row.email)
        if row.country and not self._find_country(row.country):
            yield self.env._("There is no country “%(value)s”.", value=row.country)
        if row.paid_to and row.paid_to < start:
            yield self.env._("The next billing lies before the start.")

    def _find_plan_errors(self, row, plan):
        if not plan:
            yield self.env._("There is no plan “%(plan)s”.", plan=row.plan)
        elif not plan.line_ids:
            yield self.env._("The plan “%(plan)s” has no product.", plan=plan.name)

    def _find_customer_errors(self, row, plan, partner):
        if not row.name:
            yield self.env._("The name of the customer is missing.")
        elif not partner and not self.env["res.partner"].has_access("create"):
            yield self.env._("This customer is new, and you may not create contacts.")
        running = partner and self.env["subscription.subscription"].search_count(
            [
                ("partner_id", "=", partner.id),
                ("plan_id", "=", plan.id),
                ("state", "in", ("planned", "active", "paused")),
            ],
            limit=1,
        )
        if running:
            yield self.env._("The customer has this plan already.")

    def _find_country(self, value):
        countries = self.env["res.country"]
        return countries.search([("code", "=", value.upper())], limit=1) or (
            countries.search([("name", "=ilike", value)], limit=1)
        )

    # === IMPORT === #

    def action_import(self):
        """Button: make all subscriptions, or none.

        :raises UserError: naming the line that failed
        """
        self.ensure_one()
        if not self.line_ids or self.error_count:
            raise UserError(
                self.env._("Correct the file first: nothing is imported in part.")
            )
        subscriptions = self.env["subscription.subscription"].with_context(
            subscription_no_mail=not self.is_mail
        )
        made = self.line_ids._make_subscriptions(subscriptions)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_subscription_action"
        )
        return action | {"domain": [("id", "in", made.ids)], "context": {}}
