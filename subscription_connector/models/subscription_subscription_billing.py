import logging
from collections import defaultdict
from dataclasses import replace

from dateutil.relativedelta import relativedelta
from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from .. import const

_logger = logging.getLogger(__name__)


class SubscriptionSubscription(models.Model):
    """First stage of billing: claim what is due and draft its invoices.

    What should exist on a day minus what exists is the work, so a second run
    finds nothing to do. Claims and drafts of a bite are one transaction.
    """

    _inherit = "subscription.subscription"

    @api.model
    def _get_due_domain(self):
        now = fields.Datetime.now()
        return (
            Domain("state", "=", "active")
            & Domain("collection", "!=", "outside")
            & self.env["res.company"]._get_billing_day_domain("date_next")
            & (
                Domain("date_billing_retry", "=", False)
                | Domain("date_billing_retry", "<=", now)
            )
        )

    @api.model
    def _cron_draft(self, batch_size=const.BITE):
        """Cron: open the day's run and draft; more than a bite is shared by lanes."""
        self._begin_planned()
        self.env["subscription.period"]._draft_order_invoices()
        domain = self._get_due_domain()
        found = [row[0] for row in self._read_group(domain, ["company_id"])]
        runs = self.env["subscription.billing.run"]
        companies = runs._hold_odd_runs(self.env["res.company"].union(*found))
        runs._begin(companies)
        if self.search_count(domain, limit=batch_size + 1) > batch_size:
            self._wake_lanes()
        if self._draft_due(companies, batch_size):
            self._end_due()
            self.env.ref("subscription_connector.ir_cron_post")._trigger()

    @api.model
    def _wake_lanes(self):
        """Let the other lanes begin; a copy of that scheduled action is one more."""
        for lane in self.env["ir.cron"].search(
            [
                ("model_id.model", "=", self._name),
                ("code", "=", "model._cron_draft_lane()"),
            ]
        ):
            lane._trigger()

    @api.model
    def _cron_draft_lane(self, batch_size=const.BITE):
        """Cron, woken by the first lane: help it with the runs that it let begin."""
        companies = self.env["subscription.billing.run"]._get_judged_companies()
        if self._draft_due(companies, batch_size):
            self.env.ref("subscription_connector.ir_cron_post")._trigger()

    @api.model
    def _draft_due(self, companies, batch_size):
        """Draft in bites what no other lane is at; a failing bite goes one by one.

        :return: whether there was time for all of it
        """
        cron = self.env["ir.cron"]
        domain = self._get_due_domain() & Domain("company_id", "in", companies.ids)
        cron._commit_progress(remaining=self.search_count(domain))
        left = self.browse()
        while due := self._claim_due(domain, left, batch_size):
            self._draft_bite(due)
            left |= due.filtered_domain(domain)
            has_time = cron._commit_progress(len(due))
            self.env.invalidate_all(flush=False)  # or a long run fills the memory
            if not has_time:
                return False
        cron._commit_progress(remaining=0)
        return True

    @api.model
    def _claim_due(self, domain, left, batch_size):
        """Lock the next bite; what another lane has locked is left to it.

        :param left: what could not be drafted in this run
        """
        while True:
            found = self.search(
                domain & Domain("id", "not in", left.ids),
                order="company_id, id",
                limit=batch_size * const.LANES,
            )
            try:
                return found.try_lock_for_update(limit=batch_size)
            except SerializationFailure:
                # Another lane committed at this very moment: look again.
                self.env.cr.rollback()
                self.env.invalidate_all()

    @api.model
    def _draft_bite(self, due):
        """Draft one bite; on any error only the bad records stay behind."""
        try:
            due._draft_periods()
        except Exception:  # noqa: BLE001  (outermost loop: the bite is repeated)
            _logger.info("A bite of %s drafts failed, going one by one", len(due))
            self.env.cr.rollback()
            self.env.invalidate_all()
        else:
            return
        for subscription in due:
            try:
                subscription._draft_periods()
            except SerializationFailure:
                # Somebody changed it meanwhile: it is drafted next time.
                self.env.cr.rollback()
                self.env.invalidate_all()
            except Exception as error:  # noqa: BLE001
                self.env.cr.rollback()
                self.env.invalidate_all()
                subscription._set_billing_error(error)
            self.env["ir.cron"]._commit_progress()

    def _draft_periods(self):
        """Claim every due period and make one draft invoice for each.

        :return: the drafts, as an ``account.move`` recordset
        """
        locked = self.try_lock_for_update().filtered_domain(self._get_due_domain())
        claims = []
        for subscription in locked:
            claims += [(subscription, span) for span in subscription._get_due_spans()]
        moves = self.env["account.move"]
        for company in locked.company_id:
            moves |= self._draft_claims(
                company,
                [claim for claim in claims if claim[0].company_id == company],
            )
        locked.filtered("billing_error")._write_by_method(
            {"billing_error": False, "date_billing_retry": False}
        )
        return moves

    def _get_due_spans(self):
        self.ensure_one()
        first = self._get_first_unbilled_day(self.date_paid_to)
        if not first:
            return ()
        today = self.company_id._get_billing_day()
        cap = self.company_id.subscription_catch_up_cap
        return self._get_calendar().due(first, today, cap).spans

    def _in_bites(self):
        """Yield the records a bite at a time, to be read only.

        It is one transaction, so what is read fits together; what was read of a bite is
        forgotten after it, so that many need no more memory than few.
        """
        self.env.flush_all()
        ids = self.ids
        for start in range(0, len(ids), const.BITE):
            bite = self.browse(ids[start : start + const.BITE])
            yield bite
            bite.line_ids.invalidate_recordset(flush=False)
            bite.invalidate_recordset(flush=False)

    def _get_last_amounts(self):
        """Return the amount of each subscription's last whole period, by its id."""
        if not self:
            return {}
        self.env.flush_all()
        # One row for each of many thousand subscriptions; the ORM has no "last of".
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (period.subscription_id)
                       period.subscription_id, move.amount_total
                  FROM subscription_period period
                  JOIN account_move move ON move.id = period.move_id
                 WHERE period.subscription_id IN %s
                   AND period.kind = 'regular'
                   AND period.is_credited IS NOT TRUE
                   AND period.is_trial IS NOT TRUE
              ORDER BY period.subscription_id, period.date_from DESC
                """,
                tuple(self.ids),
            )
        )
        return dict(rows)

    def _bill_used_days(self, today):
        """Bill in arrears what was used until ``today``, before it stops (drafts)."""
        used = self.filtered(
            lambda subscription: (
                subscription.state == "active"
                and subscription.billing_time == "arrears"
                and subscription.collection != "outside"
            )
        )
        claims = []
        for subscription in used:
            first = subscription._get_first_unbilled_day(subscription.date_paid_to)
            if not first or first >= today:
                continue
            calendar = replace(subscription._get_calendar(), end=today)
            claims += [
                (subscription, span)
                for span in calendar.due(
                    first, today, subscription.company_id.subscription_catch_up_cap
                ).spans
            ]
        for company in used.company_id:
            # Sudo: whoever may pause or cancel causes the last invoice.
            self.sudo()._draft_claims(
                company, [claim for claim in claims if claim[0].company_id == company]
            )

    def _draft_claims(self, company, claims):
        """Create invoices and period rows of one company in one go.

        :param list claims: (subscription, span), those of one subscription in order
        """
        positions = self.env["account.fiscal.position"]
        places = positions.with_company(company)._get_places()
        earlier = defaultdict(list)
        moves_vals = []
        for subscription, span in claims:
            subscription = subscription.with_context(subscription_places=places)
            before = earlier[subscription]
            moves_vals.append(subscription._prepare_invoice_vals(span, tuple(before)))
            before.append(span)
        periods = self.env["subscription.period"].create(
            [subscription._prepare_period_vals(span) for subscription, span in claims]
        )
        for period, vals in zip(periods, moves_vals, strict=True):
            for _command, _id, line in vals["invoice_line_ids"]:
                line["subscription_period_id"] = period.id
        moves = (
            self.env["account.move"]
            .with_company(company)
            .with_context(default_move_type="out_invoice")
            ._without_tracking(company)
            ._create_alike(moves_vals)
            .with_env(self.env)
        )
        for period, move in zip(periods, moves, strict=True):
            period.move_id = move
        periods.filtered("is_charged_first")._plan_charges()
        self.env["subscription.billing.run"]._count(company, drafted=len(moves))
        return moves

    def _prepare_period_vals(self, span, kind="regular"):
        self.ensure_one()
        return {
            "subscription_id": self.id,
            "kind": kind,
            "date_from": span.start,
            "date_to": span.end,
            "is_trial": span.is_trial,
            "is_charged_first": self._is_charged_first(),
        }

    def _prepare_invoice_vals(self, span, earlier=()):
        """Return the values of the invoice of one period.

        :param span: a span of the calendar
        :param tuple earlier: the spans that are billed before it in this bite
        """
        self.ensure_one()
        lang = self.partner_invoice_id.lang or self.env.lang
        label = (
            self.env["subscription.period"]
            .with_context(lang=lang)
            ._format_span(span.start, span.end, lang)
        )
        fiscal_position = self._get_fiscal_position()
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "partner_id": self.partner_invoice_id.id,
            "partner_shipping_id": self._get_shipping_address().id,
            "currency_id": self.currency_id.id,
            "fiscal_position_id": fiscal_position.id,
            "invoice_user_id": self.user_id.id,
            "invoice_origin": self.name,
            "invoice_date": self.company_id._get_billing_day(),
            "invoice_line_ids": self._prepare_invoice_line_commands(
                span, earlier, label, fiscal_position
            ),
        } | self._prepare_invoice_sale_vals()

    def _prepare_invoice_line_commands(self, span, earlier, label, fiscal_position):
        """Return the commands that make the lines of one period's invoice.

        :param str label: the service period in the customer's language
        :param fiscal_position: the one of the invoice
        """
        self.ensure_one()
        intro = self._get_span_intro(span, earlier)
        if span.is_stub and not span.is_trial:
            label = self._add_share(label, span)
        return [
            Command.create(
                line._prepare_invoice_line_vals(
                    label if not line.is_one_time else "",
                    share,
                    price,
                    0.0 if line.is_one_time else intro,
                    fiscal_position,
                )
            )
            for line, share, price in self._get_billed_lines(span, not earlier)
        ]

    def _get_fiscal_position(self):
        """Return the fiscal position that Odoo takes for the invoices.

        It follows the place of delivery, as on Odoo's own invoices.
        """
        self.ensure_one()
        return (
            self.env["account.fiscal.position"]
            .with_company(self.company_id or self.env.company)
            ._get_fiscal_position(
                self.partner_invoice_id, delivery=self._get_shipping_address()
            )
        )

    def _add_share(self, label, span):
        """Name the days that are billed, so that a part price explains itself."""
        share = self._get_calendar().share(span)
        if share == 1:
            return label
        days = (span.end - span.start).days
        return self.env._(
            "%(label)s (%(days)s of %(whole)s days)",
            label=label,
            days=days,
            whole=int(days / share),
        )

    def _set_billing_error(self, error):
        """Keep one bad record back, with its error, its owner and its next try."""
        self.ensure_one()
        _logger.info(
            "Subscription %s was not billed: %s", self.id, type(error).__name__
        )
        message = str(error) or type(error).__name__
        is_new = not self.billing_error
        self._write_by_method(
            {
                "billing_error": message,
                "date_billing_retry": fields.Datetime.now() + relativedelta(hours=24),
            }
        )
        if is_new:
            self._schedule_todo(self.env._("Billing stopped: %(error)s", error=message))
        self.env["subscription.billing.run"]._fail(
            self.company_id, "draft", message, subscription=self
        )

    def _schedule_todo(self, summary):
        """Put a to-do on the record for its responsible."""
        for subscription in self:
            subscription.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                user_id=(subscription.user_id or self.env.user).id,
            )

    def action_bill_now(self):
        """Button: let the billing run begin at once, and show its record."""
        return self.env["subscription.billing.run"].action_run()

    def _claim_for_order(self, order):
        """Let the order's own invoice be the one of the first period."""
        self.ensure_one()
        calendar = self._get_calendar()
        span = calendar.span(self.date_start)
        self.env["subscription.period"].create(
            self._prepare_period_vals(span)
            | {"state": "claimed", "sale_order_id": order.id}
        )
