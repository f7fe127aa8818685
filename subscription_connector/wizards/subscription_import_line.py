from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError


class SubscriptionImportLine(models.TransientModel):
    """One line of the file as it would be imported."""

    _name = "subscription.import.line"
    _description = "Line of an Import of Subscriptions"
    _order = "id"

    import_id = fields.Many2one(
        "subscription.import", required=True, ondelete="cascade"
    )
    number = fields.Integer(string="Line")
    name = fields.Char(string="Customer")
    email = fields.Char(string="E-Mail")
    ref = fields.Char(string="Reference")
    street = fields.Char()
    zip = fields.Char(string="Postcode")
    city = fields.Char()
    country_code = fields.Char(string="Country")
    partner_id = fields.Many2one("res.partner", string="Known Customer")
    plan_id = fields.Many2one("subscription.plan")
    date_start = fields.Date(string="Start")
    date_paid_to = fields.Date(string="Next Billing")
    quantity = fields.Float(default=1.0, digits="Product Unit")
    price_unit = fields.Float(
        string="Price", default=-1.0, help="Below zero: the price of the plan."
    )
    error = fields.Text(readonly=True)

    def _make_subscriptions(self, subscriptions):
        """Create and start the subscriptions of these lines, all in one go.

        :param subscriptions: an empty recordset with the context to use
        :return: the subscriptions, in the order of the lines
        :raises UserError: with the number of the line that cannot start
        """
        customers = self._make_customers()
        tokens = self._get_tokens()
        made = subscriptions.create(
            [
                line._prepare_subscription_vals(customer, tokens.get(customer))
                for line, customer in zip(self, customers, strict=True)
            ]
        )
        paid_to = defaultdict(list)
        for line, subscription in zip(self, made, strict=True):
            line._agree(subscription)
            line._check_can_start(subscription)
            paid_to[line.date_paid_to].append(subscription.id)
        made._start()
        for day, ids in paid_to.items():
            if day:
                made.browse(ids)._write_by_method({"date_bill_from": day})
        return made

    def _make_customers(self):
        """Return the customer of each line, those that are new having been made."""
        countries = {
            code: self.import_id._find_country(code)
            for code in set(filter(None, self.mapped("country_code")))
        }
        new = self.filtered(lambda line: not line.partner_id)
        partners = self.env["res.partner"].create(
            [
                line._prepare_partner_vals(countries.get(line.country_code))
                for line in new
            ]
        )
        made = dict(zip(new, partners, strict=True))
        return [line.partner_id or made[line] for line in self]

    def _get_tokens(self):
        """Return the latest saved method of each customer that has one."""
        # Sudo: the office picks the customer's own method, as on the form.
        tokens_sudo = (
            self.env["payment.token"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("company_id", "=", self.import_id.company_id.id),
                ],
                order="id",
            )
        )
        return {token.partner_id.with_env(self.env): token for token in tokens_sudo}

    def _agree(self, subscription):
        """Bring quantity and price of the line into a subscription."""
        self.ensure_one()
        agreed = {"price_unit": self.price_unit} if self.price_unit >= 0 else {}
        for line in subscription.line_ids.filtered(lambda line: not line.is_one_time):
            if self.quantity != 1:
                agreed["quantity"] = line.quantity * self.quantity
            if agreed:
                line.write(agreed)

    def _check_can_start(self, subscription):
        """Check a subscription before any of the file starts.

        :raises UserError: with the line's number
        """
        self.ensure_one()
        try:
            subscription._check_can_start()
        except (UserError, RedirectWarning) as error:
            raise UserError(
                self.env._(
                    "Line %(number)s: %(error)s Nothing was imported.",
                    number=self.number,
                    error=error.args[0],
                )
            ) from error

    def _prepare_partner_vals(self, country):
        """Return the values of a new customer.

        :param country: as the line names it, None where it names none
        """
        return {
            "name": self.name,
            "email": self.email,
            "ref": self.ref,
            "street": self.street,
            "zip": self.zip,
            "city": self.city,
            "country_id": country.id if country else False,
            "company_id": self.import_id.company_id.id,
        }

    def _prepare_subscription_vals(self, partner, token_sudo):
        """Return the values; a saved method is used where the customer has one."""
        return {
            "company_id": self.import_id.company_id.id,
            "partner_id": partner.id,
            "plan_id": self.plan_id.id,
            "date_start": self.date_start,
            "collection": "token" if token_sudo else "invoice",
            "payment_token_id": token_sudo.id if token_sudo else False,
        }
