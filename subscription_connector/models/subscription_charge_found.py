from odoo import api, fields, models
from odoo.fields import Domain


class SubscriptionChargeFound(models.Model):
    """A charge that the provider made for us and this database does not know of.

    A database that was restored from a backup forgets what was charged since. The
    provider does not: before anything is charged it is asked what it made for this
    database. What is found takes the place of the charge of its period, so that
    nobody is charged twice.
    """

    _name = "subscription.charge.found"
    _description = "Charge Found at the Provider"
    _inherit = ["mail.thread", "mail.activity.mixin"]  # noqa: RUF012
    _order = "date_made desc, id desc"
    _rec_name = "provider_reference"

    provider_id = fields.Many2one(
        "payment.provider", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="provider_id.company_id", store=True, index=True
    )
    provider_reference = fields.Char(
        string="Payment at the Provider", required=True, readonly=True
    )
    reference = fields.Char(string="Our Reference", readonly=True)
    subscription_id = fields.Many2one(
        "subscription.subscription",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Empty when the subscription was made after the backup as well.",
    )
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    date_period = fields.Date(string="Period from", readonly=True)
    date_made = fields.Datetime(string="Made on", readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    is_given_back = fields.Boolean(
        string="Given Back",
        readonly=True,
        help="All of it or a part was refunded or charged back since.",
    )
    charge_id = fields.Many2one(
        "subscription.charge", readonly=True, index="btree_not_null"
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("taken", "Taken over"),
            ("settled", "Settled"),
        ],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        help="Open: the charge of its period will take it over. Settled: a person "
        "booked it or gave the money back.",
    )

    _once = models.Constraint(
        "UNIQUE (provider_id, provider_reference)",
        "This payment of the provider was found already.",
    )

    @api.model
    def _keep(self, provider, charges):
        """Keep what is not known yet.

        :param list charges: as :meth:`~PaymentProvider._read_charges_made` gives them
        :return: what is new
        """
        known = self.search(
            Domain("provider_id", "=", provider.id)
            & Domain("provider_reference", "in", [row["id"] for row in charges])
        ).mapped("provider_reference")
        return self.create(
            [
                self._prepare_vals(provider, row)
                for row in charges
                if row["id"] not in known
            ]
        )

    @api.model
    def _prepare_vals(self, provider, row):
        subscription = (
            self.env["subscription.subscription"].browse(row["subscription"]).exists()
        )
        # After the restore its number may have gone to another one.
        if not subscription or subscription.create_date > row["date"]:
            subscription = subscription.browse()
        return {
            "provider_id": provider.id,
            "provider_reference": row["id"],
            "reference": row["reference"],
            "subscription_id": subscription.id,
            "date_period": row["period"],
            "date_made": row["date"],
            "amount": row["amount"],
            "currency_id": row["currency"].id,
            "is_given_back": row["is_given_back"],
        }

    def _ask_managers(self):
        """Tell the people who manage the billing, once for all of them."""
        for company, found in self.grouped("company_id").items():
            managers = self.env["subscription.billing.run"]._get_managers(company)
            for manager in managers:
                found[:1].activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._(
                        "%(provider)s made %(count)s charges that this database does "
                        "not know: was a backup restored?",
                        provider=found.provider_id[:1].name,
                        count=len(found),
                    ),
                    user_id=manager.id,
                )

    # === ACTIONS === #

    def action_settle(self):
        """Button: a person booked the payment, or gave the money back."""
        self.check_access("read")
        # Sudo: staff read these records, this button is the only way to change one.
        self.sudo().filtered(lambda found: found.state == "open").state = "settled"
        self.activity_feedback(["mail.mail_activity_data_todo"])
        return True
