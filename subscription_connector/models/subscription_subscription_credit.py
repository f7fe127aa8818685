from decimal import Decimal

from odoo import models
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
            amounts as the prices on the invoice are written (with or without tax),
            below zero where the customer got them back
        """
        self.ensure_one()
        found = []
        for period in self._get_billed_periods().sorted("date_from"):
            whole = Span(period.date_from, period.date_to)
            span = proration.overlap(whole, first, end)
            if not span:
                continue
            sign = -1 if period.move_id.move_type == "out_refund" else 1
            parts = [
                (line, sign * amount)
                for line in period._get_recurring_invoice_lines()
                if (amount := self._get_part(self._get_line_price(line), whole, span))
            ]
            if parts:
                found.append((period, span, parts))
        return found

    def _get_billed_periods(self):
        """Return the rows that stand for what was billed and not given back.

        A draft that waits for its payment is no bill: it goes when the money fails.
        """
        return self.period_ids.filtered(
            lambda period: (
                period.kind in ("regular", "proration")
                and not period.is_credited
                and period.move_id
                and not (period.is_charged_first and period.move_id.state == "draft")
            )
        )

    def _get_line_price(self, line):
        return line.quantity * line.price_unit * (1 - (line.discount or 0.0) / 100)

    def _get_part(self, amount, whole, span):
        """Return the part of ``amount`` for ``span``, in whole cents.

        :rtype: Decimal
        """
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

    def _credit_days(self, first, end=None, only=None):
        """Draft a credit note for billed days; it is posted with the next invoices.

        :param only: the billed periods to look at, default all
        :return: the credit note, if there is something to give back
        """
        self.ensure_one()
        # Sudo: whoever may pause or end a subscription causes its credit note, and
        # period rows are written by the billing alone.
        self_sudo = self.sudo()
        found = self_sudo._get_billed_parts(first, end)
        if only is not None:
            found = [part for part in found if part[0] in only]
        if not found:
            return self.env["account.move"]
        lines = [
            self_sudo._prepare_part_vals(line, -amount, span)
            for _period, span, parts in found
            for line, amount in parts
        ]
        whole = Span(
            min(span.start for _period, span, _parts in found),
            max(span.end for _period, span, _parts in found),
        )
        origins = self_sudo.env["account.move"].union(
            *(period.move_id for period, _span, _parts in found)
        )
        return self_sudo._create_part_move(lines, whole, "credit", origins)

    def _create_part_move(self, lines, span, kind, origins):
        """Draft one document for parts of periods, and the row that stands for it.

        :param list lines: values of its lines, above zero what the customer pays
        :param kind: ``credit`` or ``proration``
        :param origins: the invoices that it corrects
        """
        total = sum(vals["price_unit"] for vals in lines)
        if self.currency_id.is_zero(total):
            return self.env["account.move"]
        is_refund = total < 0
        if is_refund:
            for vals in lines:
                vals["price_unit"] = -vals["price_unit"]
        move = self.env["account.move"].create(
            self._prepare_part_move_vals(lines, is_refund, origins)
        )
        move.invoice_line_ids.subscription_period_id = self.env[
            "subscription.period"
        ].create(
            self._prepare_period_vals(span, kind)
            | {"move_id": move.id, "is_charged_first": False}
        )
        self.env.ref("subscription_connector.ir_cron_post").sudo()._trigger()
        return move

    def _prepare_part_move_vals(self, lines, is_refund, origins):
        origin = origins.sorted("id")[-1:]
        values = {
            "move_type": "out_refund" if is_refund else "out_invoice",
            "company_id": self.company_id.id,
            "partner_id": (origin.partner_id or self.partner_invoice_id).id,
            "partner_shipping_id": (
                origin.partner_shipping_id or self._get_shipping_address()
            ).id,
            "currency_id": self.currency_id.id,
            "invoice_user_id": self.user_id.id,
            "invoice_origin": self.name,
            "invoice_date": self._get_today(),
            "invoice_line_ids": [Command.create(vals) for vals in lines],
        } | self._prepare_invoice_sale_vals()
        if origin.fiscal_position_id:
            values["fiscal_position_id"] = origin.fiscal_position_id.id
        if is_refund and len(origins) == 1:
            values["reversed_entry_id"] = origin.id
        return values

    def _prepare_part_vals(self, line, amount, span):
        """Return the values of a line that takes up ``line`` for some of its days."""
        name = line.subscription_line_id.name or line.name.split("\n")[0]
        return {
            "product_id": line.product_id.id,
            "name": self._label_part(name, span),
            "quantity": 1.0,
            "price_unit": float(amount),
            "account_id": line.account_id.id,
            "tax_ids": [Command.set(line.tax_ids.ids)],
            "subscription_line_id": line.subscription_line_id.id,
        }

    def _label_part(self, name, span):
        lang = self.partner_invoice_id.lang or self.env.lang
        label = (
            self.env["subscription.period"]
            .with_context(lang=lang)
            ._format_span(span.start, span.end, lang)
        )
        return f"{name}\n{label}"

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
