from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError


class SubscriptionImportLine(models.TransientModel):
    """One line of the file as it would be imported."""

    _name = "subscription.import.line"
    _description = "Line of an Import of Subscriptions"
    _order = "number"

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
    error = fields.Char(readonly=True)

    def _make_subscription(self, subscriptions):
        """Create and start the subscription of this line.

        :param subscriptions: an empty recordset with the context to use
        :raises UserError: with the line's number
        """
        self.ensure_one()
        partner = self.partner_id or self.env["res.partner"].create(
            self._prepare_partner_vals()
        )
        subscription = subscriptions.create(self._prepare_subscription_vals(partner))
        for line in subscription.line_ids.filtered(lambda line: not line.is_one_time):
            line.quantity *= self.quantity
            if self.price_unit >= 0:
                line.price_unit = self.price_unit
        try:
            subscription._check_can_start()
            subscription._start()
        except (UserError, RedirectWarning) as error:
            raise UserError(
                self.env._(
                    "Line %(number)s: %(error)s Nothing was imported.",
                    number=self.number,
                    error=error.args[0],
                )
            ) from error
        if self.date_paid_to:
            subscription._write_by_method({"date_bill_from": self.date_paid_to})
        return subscription

    def _prepare_partner_vals(self):
        country = self.import_id._find_country(self.country_code or "")
        return {
            "name": self.name,
            "email": self.email,
            "ref": self.ref,
            "street": self.street,
            "zip": self.zip,
            "city": self.city,
            "country_id": country.id if self.country_code else False,
            "company_id": self.import_id.company_id.id,
        }

    def _prepare_subscription_vals(self, partner):
        """Return the values; a saved method is used where the customer has one."""
        # Sudo: the office picks the customer's own method, as on the form.
        token_sudo = (
            self.env["payment.token"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", partner.id),
                    ("company_id", "=", self.import_id.company_id.id),
                ],
                order="id desc",
                limit=1,
            )
        )
        return {
            "company_id": self.import_id.company_id.id,
            "partner_id": partner.id,
            "plan_id": self.plan_id.id,
            "date_start": self.date_start,
            "collection": "token" if token_sudo else "invoice",
            "payment_token_id": token_sudo.id,
        }
