from odoo import fields, models
from odoo.fields import Domain


class SubscriptionBillingRun(models.Model):
    """What a run that is under way still has to do, counted when somebody looks."""

    _inherit = "subscription.billing.run"

    to_draft = fields.Integer(
        string="Subscriptions to Bill", compute="_compute_progress"
    )
    to_post = fields.Integer(string="Invoices to Post", compute="_compute_progress")
    to_send = fields.Integer(string="Invoices to Send", compute="_compute_progress")
    to_charge = fields.Integer(string="Charges to Make", compute="_compute_progress")

    def _get_work(self):
        """Return what each stage has to do now, by the field that counts it.

        :return: dict of (model, domain)
        """
        periods = self.env["subscription.period"]
        subscriptions = self.env["subscription.subscription"]
        charges = self.env["subscription.charge"]
        return {
            "to_draft": (subscriptions, subscriptions._get_due_domain()),
            "to_post": (periods, periods._get_post_domain()),
            "to_send": (periods, periods._get_send_domain()),
            "to_charge": (
                charges,
                charges._get_due_domain() | Domain("state", "=", "running"),
            ),
        }

    def _compute_progress(self):
        work = self._get_work()
        for run in self:
            own = Domain("company_id", "=", run.company_id.id)
            for name, (model, domain) in work.items():
                is_open = run.state in ("waiting", "running")
                run[name] = model.search_count(domain & own) if is_open else 0

    def _has_work_left(self):
        """Whether a stage has something to do now."""
        self.ensure_one()
        own = Domain("company_id", "=", self.company_id.id)
        return any(
            model.search_count(domain & own, limit=1)
            for model, domain in self._get_work().values()
        )
