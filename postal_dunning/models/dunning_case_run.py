import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class DunningCase(models.Model):
    """The run: what should happen today minus what happened already."""

    _inherit = "dunning.case"

    @api.model
    def _cron_run_dunning(self, batch_size=500):
        """Bring every debtor of the companies with an automatic policy up to date.

        Works in bites: many debtors are looked at with one reading of the books, and
        only those for whom something is to be done are taken one by one. A run that
        is stopped goes on with the debtors it had not looked at (each case keeps the
        number of the run that looked at it); a second run on the same day finds
        nothing to do.
        """
        companies = (
            self.env["dunning.policy"].search([("is_automatic", "=", True)]).company_id
        )
        for company in companies:
            if not self.with_company(company)._run_company(company, batch_size):
                return

    @api.model
    def _run_company(self, company, batch_size):
        """One company; False when the time of this run is used up."""
        cron = self.env["ir.cron"]
        if not company.dunning_run_is_open:
            company.write(
                {"dunning_run": company.dunning_run + 1, "dunning_run_is_open": True}
            )
        self.env["dunning.charge"]._reverse_undue(company)
        self.env["dunning.return.fee"]._collect(company)
        self.env["dunning.promise"]._follow_up(company)
        self.env["dunning.plan"]._follow_up(company)
        self._release_over(company)
        self._open_cases(company)
        cron._commit_progress(remaining=self._count_to_check(company))
        while cases := self._find_to_check(company, batch_size):
            due = cases._look_at(company.dunning_run)
            rest = cases - due
            if rest and not cron._commit_progress(len(rest)):
                return False
            for case in due:
                case.run_number = company.dunning_run
                case._run_one()
                if not cron._commit_progress(1):
                    return False
        self._ask_approval(company)
        company.dunning_run_is_open = False
        cron._commit_progress(0)
        return True

    @api.model
    def _get_check_domain(self, company):
        return [
            ("company_id", "=", company.id),
            ("state", "!=", "done"),
            ("run_number", "!=", company.dunning_run),
        ]

    @api.model
    def _count_to_check(self, company):
        return self.search_count(self._get_check_domain(company))

    @api.model
    def _find_to_check(self, company, limit):
        domain = self._get_check_domain(company)
        found = self.search(domain, limit=limit, order="id").try_lock_for_update()
        return found.filtered_domain(domain)

    @api.model
    def _release_over(self, company):
        """End the holds whose day has come."""
        today = self.env["dunning.agreement"]._get_today(company)
        over = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "hold"),
                ("date_hold_until", "<=", today),
            ]
        )
        over._release()

    def _look_at(self, run_number):
        """Bring many cases up to date at once; the run is done with most of them.

        :param run_number: kept by those for whom nothing is to be done
        :return: those for whom something is to be done; all of them when one could
            not be read, so that each fails alone
        """
        try:
            with self.env.cr.savepoint():
                self._refresh()
                due = self.filtered(lambda case: case.is_step_due and case._may_act())
                (self - due).run_number = run_number
        except Exception:
            _logger.exception("%s collection cases could not be read", len(self))
            return self
        return due

    def _run_one(self, is_manual=False):
        """One debtor; what goes wrong stays with this debtor.

        :param is_manual: somebody chose this debtor; else only automatic policies act
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._refresh()
                if is_manual or self._may_act():
                    self._take_step()
        except UserError as error:
            self._note_failure(str(error))
        except Exception:
            _logger.exception("collection case %s failed", self.id)
            self._note_failure(self.env._("Unexpected error, see the server's log."))

    def _note_failure(self, words):
        """Keep a debtor that failed visible, and the run going."""
        self.write({"date_checked": fields.Datetime.now()})
        self.message_post(body=words)
        user = self._get_responsible(self.next_step_id)
        if not self.activity_ids.filtered(lambda activity: activity.summary == words):
            self.activity_schedule(
                "mail.mail_activity_data_warning", summary=words, user_id=user.id
            )

    @api.model
    def _open_cases(self, company):
        """Open a case for every debtor with an overdue item and none yet."""
        planner = self.env["dunning.planner"]
        today = fields.Date.context_today(
            self.with_context(tz=planner._get_timezone(company))
        )
        earliest = min(
            self.env["dunning.policy"]._get_policies(company).step_ids.mapped("days"),
            default=0,
        )
        limit = fields.Date.subtract(today, days=min(earliest, 1))
        lines = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                planner._get_item_domain(company)
                + [
                    ("amount_residual", ">", 0),
                    ("date_maturity", "<=", limit),
                    ("no_followup", "=", False),
                ],
                ["partner_id"],
            )
        )
        partner_ids = {
            partner.commercial_partner_id.id for (partner,) in lines if partner
        }
        known = self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", list(partner_ids)),
                ("state", "!=", "done"),
            ]
        )
        missing = sorted(partner_ids - set(known.partner_id.ids))
        return self.with_context(tracking_disable=True).create(
            [
                {"partner_id": partner_id, "company_id": company.id}
                for partner_id in missing
            ]
        )

    def _get_responsible(self, step):
        """Who does the work of a case."""
        return (
            self.responsible_id
            or (step and step._get_responsible())
            or self.policy_id.responsible_id
            or self.env.user
        )
