from odoo import api, fields, models

from .subscription_billing_tally import COUNTS


class SubscriptionBillingRun(models.Model):
    """What one billing run did, with a line for each thing that stayed behind.

    A run opens with the first work that is found and closes when the last stage
    has nothing left, so a day without work leaves no record. The stages work side by
    side, so what they count are rows of their own: a shared counter would make one
    stage undo the work of another.
    """

    _name = "subscription.billing.run"
    _description = "Billing Run"
    _inherit = ["mail.thread", "mail.activity.mixin"]  # noqa: RUF012
    _order = "id desc"

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    user_id = fields.Many2one(
        "res.users", string="Started by", default=lambda self: self.env.user
    )
    date_start = fields.Datetime(
        string="Began", default=fields.Datetime.now, required=True
    )
    date_end = fields.Datetime(string="Ended")
    state = fields.Selection(
        [
            ("waiting", "Waits for a person"),
            ("running", "Running"),
            ("done", "Done"),
            ("failures", "Done, with failures"),
        ],
        default="running",
        required=True,
        index=True,
    )
    drafted = fields.Integer(string="Drafts Made", compute="_compute_counts")
    posted = fields.Integer(string="Invoices Posted", compute="_compute_counts")
    sent = fields.Integer(string="Invoices Sent", compute="_compute_counts")
    charged = fields.Integer(string="Paid", compute="_compute_counts")
    pending = fields.Integer(string="Pending at the Bank", compute="_compute_counts")
    unknown = fields.Integer(string="Result Unknown", compute="_compute_counts")
    failed = fields.Integer(string="Charges Failed", compute="_compute_counts")
    tally_ids = fields.One2many("subscription.billing.tally", "run_id")
    failure_ids = fields.One2many("subscription.billing.failure", "run_id")
    failure_count = fields.Integer(compute="_compute_failure_count")
    summary = fields.Char(compute="_compute_summary")

    _one_running = models.UniqueIndex(
        "(company_id) WHERE state IN ('waiting', 'running')",
        "A billing run of this company is under way or waits for a person.",
    )

    @api.depends("date_start")
    def _compute_name(self):
        for run in self:
            local = fields.Datetime.context_timestamp(run, run.date_start)
            run.name = local.strftime("%Y-%m-%d %H:%M")

    @api.depends("tally_ids.number")
    def _compute_counts(self):
        rows = self.env["subscription.billing.tally"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "kind"], ["number:sum"]
        )
        numbers = {(run, kind): number for run, kind, number in rows}
        for run in self:
            for kind in COUNTS:
                run[kind] = numbers.get((run, kind), 0)

    @api.depends("failure_ids")
    def _compute_failure_count(self):
        for run in self:
            run.failure_count = len(run.failure_ids)

    @api.depends(*COUNTS, "failure_ids")
    @api.depends_context("lang")
    def _compute_summary(self):
        for run in self:
            run.summary = self.env._(
                "%(drafted)s drafted, %(posted)s posted, %(sent)s sent, %(charged)s "
                "paid, %(failed)s failed",
                drafted=run.drafted,
                posted=run.posted,
                sent=run.sent,
                charged=run.charged,
                failed=run.failed,
            )

    # === ACTIONS === #

    def action_run(self):
        """Button: let the stages begin at once and show the runs.

        Needs no record: the button stands above the list.
        """
        self.check_access("read")
        # Sudo: starting the scheduled work is the right of this button, the work
        # itself always runs as the scheduler.
        self.env.ref("subscription_connector.ir_cron_draft").sudo()._trigger()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_billing_run_action"
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The billing run begins within a minute."),
                "next": action,
            },
        }

    def action_view_failures(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_billing_failure_action"
        )
        return action | {"domain": [("run_id", "=", self.id)], "context": {}}

    # === BOOK KEEPING OF A RUN === #

    @api.model
    def _begin(self, companies):
        """Open a run for the companies that have work and none under way.

        Called before the work, in a transaction of its own: two stages that begin at
        the same moment can undo nothing but this.
        """
        running = self.search([("state", "in", ("waiting", "running"))]).company_id
        missing = companies - running
        if missing:
            self.create([{"company_id": company.id} for company in missing])
            self.env["ir.cron"]._commit_progress()

    @api.model
    def _find_running(self, company):
        return self.sudo().search(
            [("company_id", "=", company.id), ("state", "=", "running")], limit=1
        )

    @api.model
    def _count(self, company, **counts):
        """Count for the company's run, if one is under way."""
        run = self._find_running(company)
        self.env["subscription.billing.tally"].sudo().create(
            [
                {"run_id": run.id, "kind": kind, "number": number}
                for kind, number in counts.items()
                if run and number
            ]
        )

    @api.model
    def _fail(self, company, stage, message, subscription=None, move=None):
        """Add a line that links to what stayed behind."""
        run = self._find_running(company)
        if not run:
            return
        self.env["subscription.billing.failure"].sudo().create(
            {
                "run_id": run.id,
                "stage": stage,
                "message": message,
                "subscription_id": subscription.id if subscription else False,
                "move_id": move.id if move else False,
            }
        )

    @api.model
    def _close_finished(self):
        """Close runs of companies for which nothing is left to do now."""
        for run in self.search([("state", "=", "running")]).try_lock_for_update():
            if not run._has_work_left():
                run._close()
        self.env["ir.cron"]._commit_progress()

    def _close(self):
        for run in self:
            run.write(
                {
                    "state": "failures" if run.failure_ids else "done",
                    "date_end": fields.Datetime.now(),
                }
            )
