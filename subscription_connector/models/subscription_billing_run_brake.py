from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_amount

from ..engine import brake

#: A run that began within so many hours is not judged again while it goes on.
JUDGED_HOURS = 12


class SubscriptionBillingRun(models.Model):
    """The brake: a run far outside expectation waits for a person."""

    _inherit = "subscription.billing.run"

    brake_reason = fields.Text(string="Why It Waits", readonly=True)
    released_user_id = fields.Many2one("res.users", string="Released by", readonly=True)

    @api.model
    def _hold_odd_runs(self, companies):
        """Let odd runs wait; return the companies whose run may begin.

        A company whose run began a short while ago was judged then.
        """
        own = Domain("company_id", "in", companies.ids)
        waiting = self.search(own & Domain("state", "=", "waiting")).company_id
        for company in companies - waiting - self._get_judged_companies():
            facts = self._get_brake_facts(company)
            reasons = brake.judge(facts, company.subscription_brake_percent)
            if reasons:
                waiting |= company
                self._hold(company, facts, reasons)
        return companies - waiting

    @api.model
    def _get_judged_companies(self):
        """Return the companies with a run that goes on and was judged lately."""
        since = fields.Datetime.now() - relativedelta(hours=JUDGED_HOURS)
        return self.search(
            Domain("state", "=", "running") & Domain("date_start", ">", since)
        ).company_id

    @api.model
    def _hold(self, company, facts, reasons):
        """Make the record of a run that waits, in the place of one that never ended."""
        self._find_running(company)._close()
        self.flush_model(["state"])  # one open run for each company
        run = self.create(
            {
                "company_id": company.id,
                "state": "waiting",
                "brake_reason": self._describe_brake(company, facts, reasons),
            }
        )
        for manager in self._get_managers(company):
            run.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("A billing run waits: look at it, then let it run"),
                user_id=manager.id,
            )
        self.env["ir.cron"]._commit_progress()
        return run

    @api.model
    def _get_managers(self, company):
        """Return the people of a company who may let a run go on."""
        group = self.env.ref("subscription_connector.group_subscription_manager")
        return group.all_user_ids.filtered(
            lambda user: company in user.company_ids and user._is_internal()
        )

    @api.model
    def _describe_brake(self, company, facts, reasons):
        words = {
            "late": self.env._(
                "%(late)s of %(invoices)s invoices are for periods that earlier runs "
                "should have billed.",
                late=facts.late,
                invoices=facts.invoices,
            ),
            "amount": self.env._(
                "The same customers would pay %(amount)s, last time they paid "
                "%(last)s.",
                amount=format_amount(
                    self.env, float(facts.amount), company.currency_id
                ),
                last=format_amount(
                    self.env, float(facts.amount_last), company.currency_id
                ),
            ),
            "size": self.env._(
                "%(invoices)s invoices would be made, the largest run of the last "
                "year made %(largest)s.",
                invoices=facts.invoices,
                largest=facts.largest,
            ),
        }
        return "\n".join(words[reason] for reason in reasons)

    @api.model
    def _get_brake_facts(self, company):
        """Count what the run of a company would do, without making anything."""
        subscriptions = self.env["subscription.subscription"]
        own = Domain("company_id", "=", company.id)
        due = subscriptions.search(subscriptions._get_due_domain() & own)
        invoices = late = 0
        amount = amount_last = Decimal(0)
        for bite in due._in_bites():
            last = bite._get_last_amounts()
            for subscription in bite:
                spans = subscription._get_due_spans()
                invoices += len(spans)
                late += max(len(spans) - 1, 0)
                if subscription.id in last:
                    amount += Decimal(str(subscription.amount_total))
                    amount_last += Decimal(str(last[subscription.id]))
        runs, largest = self._get_earlier_runs(company)
        return brake.Facts(invoices, late, amount, amount_last, runs, largest)

    @api.model
    def _get_earlier_runs(self, company):
        """Return the number of runs within a year and the invoices of the largest."""
        since = fields.Datetime.now() - relativedelta(years=1, months=1)
        rows = self.env["subscription.billing.tally"]._read_group(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "drafted"),
                ("run_id.date_start", ">=", since),
            ],
            ["run_id"],
            ["number:sum"],
        )
        return len(rows), max((number for _run, number in rows), default=0)

    def action_release(self):
        """Button: a person looked at it, the run may begin."""
        self.check_access("read")
        if not self.env.user.has_group(
            "subscription_connector.group_subscription_manager"
        ):
            raise AccessError(
                self.env._("Letting a run go on is for subscription managers.")
            )
        # Sudo: runs are read-only for everybody, the buttons are the only way.
        for run in self.sudo().filtered(lambda run: run.state == "waiting"):
            run.write(
                {
                    "state": "running",
                    "released_user_id": self.env.uid,
                    "date_start": fields.Datetime.now(),
                }
            )
            run.activity_feedback(["mail.mail_activity_data_todo"])
        self.env.ref("subscription_connector.ir_cron_draft").sudo()._trigger()
        return True

    def action_preview(self):
        """Button: show what the run would do."""
        self.ensure_one()
        preview = self.env["subscription.billing.preview"].create(
            {"company_id": self.company_id.id}
        )
        return preview._get_action()
