from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class SubscriptionSubscription(models.Model):
    """A change at once of days whose draft invoice still waits for its money.

    Nothing was paid for them, so nothing is given back: the difference goes on the
    draft itself, and the next try collects what it then amounts to. While a payment
    of it is under way its amount is fixed, and the change has to wait.
    """

    _inherit = "subscription.subscription"

    def _get_waiting_drafts(self):
        """Return the rows whose draft invoice is posted by its payment."""
        return self.period_ids.filtered(
            lambda period: (
                period.kind in ("regular", "proration")
                and not period.is_credited
                and period.is_charged_first
                and period.move_id.state == "draft"
            )
        )

    def _get_billed_periods(self):
        """Override to let a change at once correct a draft as well."""
        periods = super()._get_billed_periods()
        if self.env.context.get("subscription_drafts_too"):
            periods |= self._get_waiting_drafts()
        return periods

    def _get_change_preview(self, plan, rows, mode):
        """Override: see `_get_billed_periods`."""
        opened = self.with_context(subscription_drafts_too=True)
        return super(SubscriptionSubscription, opened)._get_change_preview(
            plan, rows, mode
        )

    def _apply_change(self, change):
        """Override: see `_get_billed_periods`."""
        self._check_draft_is_free(change.date)
        opened = self.with_context(subscription_drafts_too=True)
        return super(SubscriptionSubscription, opened)._apply_change(change)

    def _check_draft_is_free(self, day):
        """Refuse to change days that are being paid at this moment.

        :raises UserError: while a payment for days from ``day`` on has no result
        """
        # Sudo: whoever may change a subscription is told that money is on its way.
        drafts = self.sudo()._get_waiting_drafts()
        charges = drafts.filtered(
            lambda period: period.date_to > day
        ).move_id.subscription_charge_ids
        if charges.filtered(
            lambda charge: charge.state in ("running", "pending", "unknown")
        ):
            raise UserError(
                self.env._(
                    "The payment of the running period is under way. Change at the end "
                    "of the period, or wait for its result."
                )
            )

    def _create_part_move(self, lines, span, kind, origins):
        """Override to put a correction of a waiting draft on that draft."""
        waiting = self._get_waiting_drafts().move_id & origins
        if not waiting:
            return super()._create_part_move(lines, span, kind, origins)
        move = waiting.sorted("id")[-1]
        if self.currency_id.is_zero(sum(vals["price_unit"] for vals in lines)):
            return self.env["account.move"]
        row = self.env["subscription.period"].create(
            self._prepare_period_vals(span, kind)
            | {"move_id": move.id, "is_charged_first": True}
        )
        move.invoice_line_ids = [
            Command.create(vals | {"subscription_period_id": row.id}) for vals in lines
        ]
        if self.currency_id.compare_amounts(move.amount_total, 0.0) < 0:
            raise UserError(
                self.env._(
                    "More would be given back than the waiting draft amounts to. "
                    "Collect or cancel it first."
                )
            )
        return move
