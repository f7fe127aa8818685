import logging

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import const

_logger = logging.getLogger(__name__)


class SubscriptionPeriod(models.Model):
    """Later stages of billing: post in one lane, then send record by record."""

    _inherit = "subscription.period"

    @api.model
    def _get_retry_domain(self):
        return Domain("date_retry", "=", False) | Domain(
            "date_retry", "<=", fields.Datetime.now()
        )

    # === ORDER INVOICES === #

    @api.model
    def _draft_order_invoices(self):
        """Make the invoices of orders that claimed the first period (H3)."""
        day_domain = self.env["res.company"]._get_billing_day_domain
        domain = (
            Domain("state", "=", "claimed")
            & Domain("sale_order_id.state", "=", "sale")
            & (
                day_domain("date_from")
                & Domain("subscription_id.billing_time", "=", "advance")
                | day_domain("date_to")
            )
            & self._get_retry_domain()
        )
        periods = self.search(domain)
        self.env["subscription.billing.run"]._begin(periods.company_id)
        for period in periods:
            period = period.try_lock_for_update().filtered_domain(domain)
            if not period:
                continue
            try:
                order = period.sale_order_id
                order.with_context(raise_if_nothing_to_invoice=False)._create_invoices()
                if period.state == "claimed":
                    period._set_error(
                        self.env._("The order has nothing to invoice yet.")
                    )
            except Exception as error:  # noqa: BLE001
                self._keep_back(period, "draft", error)
            self.env["ir.cron"]._commit_progress()

    # === POST === #

    @api.model
    def _get_post_domain(self):
        return (
            Domain("state", "=", "drafted")
            & Domain("move_id.state", "=", "draft")
            & Domain("is_charged_first", "=", False)
            & self.env["res.company"]._get_billing_day_domain("move_id.invoice_date")
            & self._get_retry_domain()
        )

    @api.model
    def _cron_post(self, batch_size=const.BITE):
        """Cron, the only lane that numbers invoices: post bite by bite."""
        cron = self.env["ir.cron"]
        domain = self._get_post_domain()
        companies = [row[0] for row in self._read_group(domain, ["company_id"])]
        self.env["subscription.billing.run"]._begin(
            self.env["res.company"].union(*companies)
        )
        cron._commit_progress(remaining=self.search_count(domain))
        # Order invoices made by hand may have no date yet.
        for move in self.search(
            [("state", "=", "drafted"), ("move_id.invoice_date", "=", False)]
        ).move_id.filtered(lambda move: move.state == "draft"):
            move.invoice_date = move.company_id._get_billing_day()
        left = self.browse()
        while periods := self.search(
            domain & Domain("id", "not in", left.ids),
            order="company_id, id",
            limit=batch_size,
        ):
            by_lane = periods.grouped(
                lambda period: (period.company_id, period.move_id.journal_id)
            )
            for part in by_lane.values():
                self._post_bite(part)
            left |= periods.filtered_domain(domain)
            has_time = cron._commit_progress(len(periods))
            self.env.invalidate_all(flush=False)  # or a long run fills the memory
            if not has_time:
                return
        for xmlid in ("ir_cron_send", "ir_cron_charge", "ir_cron_deliver"):
            self.env.ref(f"subscription_connector.{xmlid}")._trigger()

    @api.model
    def _post_bite(self, periods):
        """Post one company's journal; on an error only the bad one stays behind."""
        moves = periods.move_id
        try:
            moves._post_in_bulk()
        except Exception:  # noqa: BLE001  (outermost loop: the bite is repeated)
            _logger.info("A bite of %s invoices failed, going one by one", len(moves))
            self.env.cr.rollback()
            self.env.invalidate_all()
        else:
            return
        domain = self._get_post_domain()
        for period in periods:
            try:
                if period.try_lock_for_update().filtered_domain(domain):
                    period.move_id._post()
            except SerializationFailure:
                self.env.cr.rollback()
                self.env.invalidate_all()
            except Exception as error:  # noqa: BLE001
                self._keep_back(period, "post", error)
            self.env["ir.cron"]._commit_progress()

    def _set_posted(self):
        """Follow an invoice that was posted, by us or by hand, and plan its charge."""
        self.filtered(lambda period: period.state in ("claimed", "drafted")).write(
            {"state": "posted", "error": False, "date_retry": False}
        )
        self._plan_delivery()
        self._plan_charges()
        for company, periods in self.grouped("company_id").items():
            self.env["subscription.billing.run"]._count(
                company, posted=len(periods.move_id)
            )

    def _plan_charges(self):
        """Plan to collect the invoices from the saved methods, each once."""
        to_charge = self.filtered(
            lambda period: (
                period.subscription_id.collection == "token"
                and period.move_id.move_type == "out_invoice"
                # Cancelled means no later charges (L14); the invoice stays open.
                and period.subscription_id.state != "cancelled"
                and not period.currency_id.is_zero(period.move_id.amount_residual)
                and period.move_id.move_type == "out_invoice"
            )
        )
        known = (
            self.env["subscription.charge"]
            .search([("move_id", "in", to_charge.move_id.ids)])
            .move_id
        )
        vals_list = {
            period.move_id: {
                "subscription_id": period.subscription_id.id,
                "move_id": period.move_id.id,
                "date_next_try": period.subscription_id._get_charge_day(
                    period.move_id.invoice_date
                ),
            }
            for period in to_charge
            if period.move_id not in known
        }
        self.env["subscription.charge"].create(list(vals_list.values()))

    # === SEND === #

    @api.model
    def _get_send_domain(self):
        return (
            Domain("state", "=", "posted")
            & Domain("move_id.state", "=", "posted")
            & self._get_retry_domain()
        )

    @api.model
    def _cron_send(self, batch_size=const.SEND_BITE):
        """Cron: send invoices the way their customers prefer.

        A few at a time, because their PDFs are then made in one go; a bite that
        fails is sent one by one.
        """
        cron = self.env["ir.cron"]
        domain = self._get_send_domain()
        cron._commit_progress(remaining=self.search_count(domain))
        seen = self.browse()
        while periods := self.search(
            domain & Domain("id", "not in", seen.ids),
            order="company_id, id",
            limit=batch_size,
        ):
            seen |= periods
            for part in periods.grouped("company_id").values():
                self._send_bite(part)
            if not cron._commit_progress(len(periods)):
                return
        self.env["subscription.billing.run"]._close_finished()

    @api.model
    def _send_bite(self, periods):
        """Send the invoices of one company; on an error the bad one stays behind."""
        domain = self._get_send_domain()
        try:
            periods.try_lock_for_update().filtered_domain(domain)._send()
        except Exception:  # noqa: BLE001  (outermost loop)
            _logger.info("A bite of %s mails failed, going one by one", len(periods))
            self.env.cr.rollback()
            self.env.invalidate_all()
        else:
            return
        for period in periods:
            try:
                period.try_lock_for_update().filtered_domain(domain)._send()
            except UserError as error:
                self._keep_back(period, "send", error)
            except SerializationFailure:
                # A charge changed the invoice meanwhile: it is sent next time.
                self.env.cr.rollback()
                self.env.invalidate_all()
            except Exception as error:
                _logger.exception("Invoice of period %s was not sent", period.id)
                self._keep_back(period, "send", error)
            self.env["ir.cron"]._commit_progress()

    def _send(self):
        """Send invoices, except those that somebody sent already.

        The invoices are locked too: a charge that books its payment at the same
        moment waits, or is left for the next run.

        :raises UserError: when an invoice cannot be sent
        """
        mine = self.move_id.try_lock_for_update()
        self = self.filtered(lambda period: period.move_id in mine)  # noqa: PLW0642
        moves = mine.filtered(lambda move: not move.is_move_sent)
        if moves:
            sender = self.env["account.move.send"].with_company(moves.company_id)
            for move in moves:
                methods = sender._get_default_sending_methods(move)
                if "email" in methods and not move.partner_id.email:
                    raise UserError(
                        self.env._(
                            "%(partner)s has no e-mail address.",
                            partner=move.partner_id.display_name,
                        )
                    )
            sender._generate_and_send_invoices(
                moves, allow_raising=False, allow_fallback_pdf=True
            )
            self.env["subscription.billing.run"]._count(
                moves.company_id, sent=len(moves)
            )
        self.write({"state": "sent", "error": False, "date_retry": False})

    @api.model
    def _keep_back(self, period, stage, error):
        """Undo the failed work and write on the record what happened."""
        self.env.cr.rollback()
        self.env.invalidate_all()
        message = str(error) or type(error).__name__
        if not period.error:
            period.subscription_id._schedule_todo(message)
        period._set_error(message)
        self.env["subscription.billing.run"]._fail(
            period.company_id,
            stage,
            message,
            subscription=period.subscription_id,
            move=period.move_id,
        )

    def _attach_invoice_lines(self, lines):
        """Make the order's invoice the invoice of this period, where it is on it.

        :param lines: the lines of the invoices that were made of the order
        """
        self.ensure_one()
        own = self.subscription_id.line_ids
        by_order_line = {line.sale_order_line_id: line for line in own}
        ordered = own.sale_order_line_id
        lines = lines.filtered(
            lambda line: line.sale_line_ids and line.sale_line_ids <= ordered
        )
        if not lines:
            return
        self.write({"move_id": lines.move_id[:1].id, "state": "drafted"})
        lang = self.subscription_id.partner_invoice_id.lang or self.env.lang
        label = self.with_context(lang=lang)._get_label(lang)
        for line in lines:
            line.write(
                {
                    "subscription_period_id": self.id,
                    "subscription_line_id": by_order_line[line.sale_line_ids[:1]].id,
                    "name": "\n".join(filter(None, (line.name, label))),
                }
            )
        self.env["subscription.billing.run"]._count(self.company_id, drafted=1)
