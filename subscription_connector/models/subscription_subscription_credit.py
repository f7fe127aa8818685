from decimal import Decimal

from odoo import fields, models
from odoo.fields import Command

from ..engine import proration
from ..engine.schedule import Span


class SubscriptionSubscription(models.Model):
    """Give back what was billed for days that the customer does not get.

    A credit note takes the part of each invoice line that falls on those days, from the
    invoice itself: what was really billed counts, not what it costs today.
    """

    _inherit = "subscription.subscription"

    def _get_billed_parts(self, first, end=None):
        """Return what was billed for the days from ``first`` to ``end`` (excluded).

        :return: ``(period, span, [(invoice line, amount), …])`` for each billed period,
            amounts as the prices on the invoice are written (with or without tax)
        """
        self.ensure_one()
        found = []
        for period in self._get_billed_periods().sorted("date_from"):
            whole = Span(period.date_from, period.date_to)
            span = proration.overlap(whole, first, end)
            if not span:
                continue
            parts = [
                (line, self._get_line_part(line, whole, span))
                for line in period._get_recurring_invoice_lines()
            ]
            if parts:
                found.append((period, span, parts))
        return found

    def _get_billed_periods(self):
        return self.period_ids.filtered(
            lambda period: (
                period.kind == "regular" and not period.is_credited and period.move_id
            )
        )

    def _get_line_part(self, line, whole, span):
        amount = line.quantity * line.price_unit * (1 - (line.discount or 0.0) / 100)
        return proration.part(
            Decimal(str(self.currency_id.round(amount))),
            whole,
            span.start,
            span.end,
            Decimal(str(self.currency_id.rounding)),
        )

    def _get_credit_amount(self, first, end=None):
        """Return what :meth:`_credit_days` would give back, with tax, to the cent."""
        total = 0.0
        # Sudo: the office sees what a pause or an end costs without seeing the books.
        for _period, _span, parts in self.sudo()._get_billed_parts(first, end):
            for line, amount in parts:
                total += line.tax_ids.compute_all(
                    float(amount),
                    currency=self.currency_id,
                    product=line.product_id,
                    partner=line.partner_id,
                )["total_included"]
        return self.currency_id.round(total)

    def _credit_days(self, first, end=None):
        """Draft a credit note for billed days; it is posted with the next invoices.

        :return: the credit notes, one per invoice
        """
        self.ensure_one()
        # Sudo: whoever may pause or end a subscription causes its credit note, and
        # period rows are written by the billing alone.
        self_sudo = self.sudo()
        moves = self.env["account.move"].sudo()
        for period, span, parts in self_sudo._get_billed_parts(first, end):
            parts = [(line, amount) for line, amount in parts if amount]
            if parts:
                moves |= self_sudo._create_credit(period, span, parts)
        if moves:
            self.env.ref("subscription_connector.ir_cron_post").sudo()._trigger()
        return moves

    def _create_credit(self, period, span, parts):
        move = self.env["account.move"].create(
            self._prepare_credit_vals(period.move_id, span, parts)
        )
        credit = self.env["subscription.period"].create(
            self._prepare_period_vals(span, "credit") | {"move_id": move.id}
        )
        move.invoice_line_ids.subscription_period_id = credit
        return move

    def _prepare_credit_vals(self, origin, span, parts):
        self.ensure_one()
        lang = self.partner_invoice_id.lang or self.env.lang
        label = (
            self.env["subscription.period"]
            .with_context(lang=lang)
            ._format_span(span.start, span.end, lang)
        )
        return {
            "move_type": "out_refund",
            "company_id": self.company_id.id,
            "partner_id": origin.partner_id.id,
            "partner_shipping_id": origin.partner_shipping_id.id,
            "currency_id": origin.currency_id.id,
            "fiscal_position_id": origin.fiscal_position_id.id,
            "invoice_user_id": self.user_id.id,
            "invoice_origin": self.name,
            "reversed_entry_id": origin.id,
            "invoice_date": fields.Date.context_today(self),
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": line.product_id.id,
                        "name": "\n".join(
                            (line.subscription_line_id.name or line.name, label)
                        ),
                        "quantity": 1.0,
                        "price_unit": float(amount),
                        "account_id": line.account_id.id,
                        "tax_ids": [Command.set(line.tax_ids.ids)],
                        "subscription_line_id": line.subscription_line_id.id,
                    }
                )
                for line, amount in parts
            ],
        }

    def _set_off_credit(self):
        """Let open credit notes of this subscription pay its open invoices."""
        self.ensure_one()
        moves = self.period_ids.move_id.filtered(
            lambda move: move.state == "posted" and move.payment_state != "reversed"
        )
        if "out_refund" not in moves.mapped("move_type"):
            return
        lines = moves.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
                and not line.move_id.subscription_charge_ids.filtered(
                    lambda charge: charge.state in ("running", "pending", "unknown")
                )
            )
        )
        for open_lines in lines.grouped("account_id").values():
            if len(set(open_lines.mapped("move_id.move_type"))) > 1:
                open_lines.reconcile()
