import logging

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Command, Domain

_logger = logging.getLogger(__name__)


class SubscriptionPeriod(models.Model):
    """Goods of a period: one confirmed sales order, so that stock delivers it.

    The first period of a subscription that was sold by an order is delivered by
    that order. An order is made and linked in one transaction under the lock of
    its period, so no period is delivered twice. While the last payment failed, or is
    being asked for, the goods wait; a direct debit that is announced does not.
    """

    _inherit = "subscription.period"

    delivery_status = fields.Selection(
        [
            ("due", "To be ordered"),
            ("held", "Waits for the payment"),
            ("ordered", "Ordered"),
        ],
        string="Goods",
        compute="_compute_delivery_status",
    )

    def _plan_delivery(self):
        """Mark what is to be delivered, after its invoice was posted."""
        self.filtered(
            lambda period: (
                period.kind == "regular"
                and period.subscription_id.is_shipped
                and not (
                    period.subscription_id.state == "cancelled"
                    and period.subscription_id.is_cancel_credit
                )
                and not period.sale_order_id
                and not period.delivery_order_id
            )
        ).write({"is_to_deliver": True})

    @api.model
    def _get_deliver_domain(self):
        return (
            Domain("is_to_deliver", "=", True)
            & self._get_retry_domain()
            & ~Domain("subscription_id.charge_ids", "any", self._get_hold_domain())
        )

    @api.model
    def _get_hold_domain(self):
        """Return the charges whose open invoice keeps goods back (L10)."""
        due = self.env["res.company"]._get_billing_day_domain("date_next_try")
        return (
            Domain("move_id.payment_state", "in", ("not_paid", "partial"))
            & Domain("move_id.state", "!=", "cancel")
            & (
                Domain("state", "in", ("retry", "stopped", "running", "unknown"))
                | (Domain("state", "=", "waiting") & due)
            )
        )

    @api.depends("is_to_deliver", "delivery_order_id", "subscription_id.charge_ids")
    def _compute_delivery_status(self):
        hold = self._get_hold_domain()
        charges = self.filtered("is_to_deliver").subscription_id.charge_ids
        held = charges.filtered_domain(hold).subscription_id
        for period in self:
            if period.delivery_order_id:
                period.delivery_status = "ordered"
            elif not period.is_to_deliver:
                period.delivery_status = False
            else:
                is_held = period.subscription_id in held
                period.delivery_status = "held" if is_held else "due"

    @api.model
    def _cron_deliver(self, batch_size=200):
        """Cron: make the orders, one transaction each, since stock follows them."""
        cron = self.env["ir.cron"]
        domain = self._get_deliver_domain()
        due = self.search(domain, order="company_id, id", limit=batch_size)
        cron._commit_progress(remaining=self.search_count(domain))
        for period in due:
            try:
                period.try_lock_for_update().filtered_domain(domain)._deliver()
            except SerializationFailure:
                # Somebody changed it meanwhile: it is delivered next time.
                self.env.cr.rollback()
                self.env.invalidate_all()
            except Exception as error:
                _logger.exception("Period %s has no delivery", period.id)
                self._keep_back(period, "deliver", error)
            if not cron._commit_progress(1):
                return

    def _deliver(self):
        """Make and confirm the sales order of each period."""
        for period in self:
            lines = period._get_delivered_invoice_lines()
            values = {"is_to_deliver": False, "error": False, "date_retry": False}
            if lines:
                order = (
                    self.env["sale.order"]
                    .with_company(period.company_id)
                    .create(period._prepare_delivery_vals(lines))
                )
                for line, order_line in zip(lines, order.order_line, strict=True):
                    line.sale_line_ids = [Command.set(order_line.ids)]
                order.action_confirm()
                values["delivery_order_id"] = order.id
            period.write(values)

    def _get_delivered_invoice_lines(self):
        self.ensure_one()
        return self.move_id.invoice_line_ids.filtered(
            lambda line: line.subscription_period_id == self and line.product_id
        )

    def _prepare_delivery_vals(self, lines):
        """Return the values of the order; prices are those of the invoice.

        :param lines: the invoice lines of the period
        """
        self.ensure_one()
        subscription = self.subscription_id
        return {
            "company_id": self.company_id.id,
            "partner_id": subscription.partner_id.id,
            "partner_invoice_id": subscription.partner_invoice_id.id,
            "partner_shipping_id": subscription._get_shipping_address().id,
            "carrier_id": subscription.carrier_id.id,
            "pricelist_id": subscription.pricelist_id.id,
            "currency_id": self.move_id.currency_id.id,
            "user_id": subscription.user_id.id,
            "team_id": subscription.team_id.id,
            "journal_id": subscription.journal_id.id,
            "fiscal_position_id": self.move_id.fiscal_position_id.id,
            "origin": subscription.name,
            "order_line": [
                Command.create(
                    {
                        "sequence": line.sequence,
                        "product_id": line.product_id.id,
                        "name": line.name,
                        "product_uom_qty": line.quantity,
                        "price_unit": line.price_unit,
                        "discount": line.discount,
                        "tax_ids": [Command.set(line.tax_ids.ids)],
                    }
                )
                for line in lines
            ],
        }
