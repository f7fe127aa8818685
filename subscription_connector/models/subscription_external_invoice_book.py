from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SubscriptionExternalInvoice(models.Model):
    """Booking it in Odoo, where its own switch says so: once, with its own number.

    It is left out of reminders: the service collects it, and whether it was paid there
    is no entry here. The money is matched like any other receipt.
    """

    _inherit = "subscription.external.invoice"

    move_id = fields.Many2one(
        "account.move",
        string="Booked as",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="subscription_connector.group_subscription_user",
    )
    book_error = fields.Char(
        string="Not Booked Because",
        readonly=True,
        copy=False,
        groups="subscription_connector.group_subscription_user",
    )

    _move_once = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL",
        "This entry stands for another outside invoice already.",
    )

    @api.model
    def _get_book_domain(self, connection):
        """Return what of a connection is to be booked and is not."""
        return [
            ("connection_id", "=", connection.id),
            ("move_id", "=", False),
            ("number", "!=", False),
            ("date", ">=", connection.plugandpay_book_from or fields.Date.today()),
        ]

    def _book(self):
        """Book those that are to be; what cannot be says why and waits."""
        for connection, invoices in self.grouped("connection_id").items():
            if not connection.plugandpay_book:
                continue
            domain = self._get_book_domain(connection)
            for invoice in invoices.try_lock_for_update().filtered_domain(domain):
                invoice._book_alone()

    def _book_alone(self):
        """Book one; a refusal undoes what was begun and is kept in words."""
        self.ensure_one()
        # Kept also when it is refused, so that a person can choose. Sudo: as below.
        for line in self.sudo().line_ids.filtered("is_taxed"):
            self.env["subscription.outside.tax"].sudo()._get_rate(line)
        try:
            with self.env.cr.savepoint():
                # Sudo: the import of a connection writes what it brings.
                self.move_id = self.sudo()._create_move()
                self.book_error = False
        except UserError as error:
            self.env.invalidate_all()
            self.book_error = str(error)

    def _create_move(self):
        """Return the posted entry.

        :raises UserError: when it is not certain that the entry says the same
        """
        self.ensure_one()
        company = self.company_id
        self._check_is_not_booked()
        move = (
            self.env["account.move"].with_company(company).create(self._prepare_move())
        )
        for have, want in (
            (move.amount_total, self.amount_total),
            (move.amount_untaxed, self.amount_untaxed),
        ):
            if move.currency_id.compare_amounts(have, abs(want)):
                raise UserError(
                    self.env._(
                        "Odoo makes %(have)s of it, the invoice says %(want)s.",
                        have=move.currency_id.format(have),
                        want=move.currency_id.format(abs(want)),
                    )
                )
        move.action_post()
        move.no_followup = True
        return move

    def _check_is_not_booked(self):
        """Refuse what somebody brought into the books in another way.

        :raises UserError: naming the entry
        """
        same = self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
                ("amount_total", "=", abs(self.amount_total)),
                "|",
                ("name", "=", self.number),
                ("ref", "=", self.number),
            ],
            limit=1,
        )
        if same:
            raise UserError(
                self.env._("It is in the books already: %(entry)s.", entry=same.name)
            )

    def _is_credit(self):
        self.ensure_one()
        return self.state == "credit_invoice" or self.amount_total < 0

    def _prepare_move(self):
        """Return the values of the entry: number, date and amounts of the source."""
        self.ensure_one()
        return {
            "move_type": "out_refund" if self._is_credit() else "out_invoice",
            "name": self.number,
            "company_id": self.company_id.id,
            "journal_id": self.connection_id._get_plugandpay_journal().id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "date": self.date,
            "ref": self.number,
            "invoice_origin": self.subscription_id.name,
            # The taxes are those of the source, whatever the customer's would be.
            "fiscal_position_id": False,
            "invoice_line_ids": [
                Command.create(self._prepare_move_line(line)) for line in self.line_ids
            ],
        }

    def _prepare_move_line(self, line):
        tax = self.env["account.tax"]
        if line.is_taxed:
            tax = self.env["subscription.outside.tax"]._get_rate(line).tax_id
        if not tax:
            raise UserError(
                self.env._(
                    "Which tax is %(percent)s %% of %(country)s? Choose it in "
                    "Subscriptions, Configuration, Rates of %(service)s.",
                    percent=f"{line.tax_percent:g}",
                    country=line.tax_country_id.code or "?",
                    service=self.connection_id.name,
                )
            )
        name = line.name or self.number
        pieces = f"{line.quantity:g} × {name}" if line.quantity != 1 else name
        amount = line.amount_total if tax.price_include else line.amount_untaxed
        return {
            "name": pieces,
            "quantity": 1.0,
            "price_unit": -amount if self._is_credit() and amount < 0 else amount,
            "tax_ids": [Command.set(tax.ids)],
        }
