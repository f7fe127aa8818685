from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

#: States of a charge in which we collect the invoice.
CHARGED = ("waiting", "running", "pending", "unknown", "retry")


class AccountMove(models.Model):
    _inherit = "account.move"

    subscription_period_ids = fields.One2many(
        "subscription.period",
        "move_id",
        string="Subscription Periods",
        groups="account.group_account_invoice,subscription_connector.group_subscription_user",
    )
    subscription_charge_ids = fields.One2many(
        "subscription.charge",
        "move_id",
        string="Subscription Charges",
        groups="subscription_connector.group_subscription_user",
    )
    subscription_count = fields.Integer(compute="_compute_subscription_count")

    @api.depends("subscription_period_ids")
    def _compute_subscription_count(self):
        for move in self:
            # Sudo: a number for the button; opening it asks for the right.
            periods_sudo = move.sudo().subscription_period_ids
            move.subscription_count = len(periods_sudo.subscription_id)

    def _post(self, soft=True):
        """Override of `account` to let the billed periods follow their invoice."""
        posted = super()._post(soft)
        # What follows may reconcile, which needs all that Odoo does.
        posted = posted.with_context(
            skip_invoice_sync=False,
            subscription_numbers=None,
            subscription_ranks=None,
            tracking_disable=False,
        )
        # Sudo: whoever may post the invoice need not manage subscriptions.
        if periods_sudo := posted.sudo().subscription_period_ids:
            periods_sudo._set_posted()
        return posted

    def _get_mail_template(self):
        """Override of `account`: who is charged by us is not asked to transfer."""
        # Sudo: whoever sends the invoice need not manage subscriptions.
        charged = self.sudo().filtered(
            lambda move: move.subscription_charge_ids.state in (*CHARGED, "done")
        )
        template = self.env.ref(
            "subscription_connector.mail_template_invoice_charged",
            raise_if_not_found=False,
        )
        if self and charged == self.sudo() and template:
            return template
        return super()._get_mail_template()

    def _get_charge_announcement(self):
        """Say when and from what an invoice is collected, for its mail.

        :rtype: str
        """
        self.ensure_one()
        charge_sudo = self.sudo().subscription_charge_ids
        if charge_sudo.state == "done":
            return self.env._("It is paid: you need not do anything.")
        day = charge_sudo.date_next_try or self.company_id._get_billing_day()
        return self.env._(
            "We collect it on %(day)s with %(method)s: you need not do anything.",
            day=format_date(self.env, day),
            method=charge_sudo.subscription_id.payment_method_label,
        )

    def button_cancel(self):
        """Override of `account`: a cancelled invoice gives its periods free again."""
        # Sudo: whoever may cancel the invoice need not manage subscriptions.
        charges_sudo = self.sudo().subscription_charge_ids
        self._check_no_charge_under_way()
        res = super().button_cancel()
        if waiting := charges_sudo.filtered(
            lambda charge: charge.state in ("waiting", "retry")
        ):
            waiting._stop(self.env._("The invoice was cancelled."))
        self.sudo().subscription_period_ids._release()
        return res

    def _check_no_charge_under_way(self):
        """Refuse while money may be on its way.

        :raises UserError: when a charge of an invoice has no result yet
        """
        if self.sudo().subscription_charge_ids.filtered(
            lambda charge: charge.state in ("running", "pending", "unknown")
        ):
            raise UserError(
                self.env._(
                    "A charge of this invoice is under way. Wait for its result, then "
                    "make a credit note."
                )
            )

    def _check_is_not_released(self):
        """Refuse to bring an invoice back whose periods are billed anew.

        :raises UserError: when its periods were given free
        """
        for move in self.sudo().filtered(lambda move: move.state == "cancel"):
            lines = move.invoice_line_ids.filtered("subscription_line_id")
            if lines and not move.subscription_period_ids:
                raise UserError(
                    self.env._(
                        "This invoice was cancelled and its period given free: the "
                        "billing run makes a new one, or has done so."
                    )
                )

    def button_draft(self):
        """Override of `account`: money may be on its way for a charged invoice."""
        self._check_no_charge_under_way()
        self._check_is_not_released()
        return super().button_draft()

    def unlink(self):
        """Override of `account`: a deleted draft gives its periods free again."""
        # Sudo: as above; only claims of drafts are given back.
        drafts_sudo = self.sudo().filtered(lambda move: move.state == "draft")
        drafts_sudo._check_no_charge_under_way()
        drafts_sudo.subscription_charge_ids.filtered(
            lambda charge: charge.state != "done"
        ).unlink()
        periods_sudo = self.sudo().subscription_period_ids.filtered(
            lambda period: period.state == "drafted"
        )
        periods_sudo._release()
        return super().unlink()

    def action_view_subscriptions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_connector.subscription_subscription_action"
        )
        subscriptions = self.subscription_period_ids.subscription_id
        return action | {"domain": [("id", "in", subscriptions.ids)], "context": {}}
