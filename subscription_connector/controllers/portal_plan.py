from odoo.exceptions import UserError
from odoo.http import request, route

from .portal_change import SubscriptionChangePortal

MODES = ("period", "now")


class SubscriptionPlanPortal(SubscriptionChangePortal):
    """Another plan: choose, see what it means in money, confirm."""

    @route(
        "/my/subscriptions/<int:subscription_id>/plan",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_subscription_plan(self, subscription_id, **post):
        """Show the plans; the second time the preview of the chosen one."""
        subscription_sudo = self._get_own(subscription_id)
        if not subscription_sudo:
            return request.not_found()
        if not subscription_sudo._may_change_self():
            return self._redirect_to(subscription_sudo)
        plans_sudo = subscription_sudo._get_switch_plans()
        plan_sudo = plans_sudo.filtered(lambda plan: str(plan.id) == post.get("plan"))
        mode = post.get("mode") if post.get("mode") in MODES else "period"
        error, effects = "", []
        if request.httprequest.method == "POST":
            try:
                if self._change_plan(subscription_sudo, plan_sudo, mode, post):
                    return self._redirect_to(subscription_sudo, "changed")
                effects = subscription_sudo._get_change_preview(
                    plan_sudo, subscription_sudo._get_change_rows(plan_sudo), mode
                )
            except UserError as refusal:
                error = str(refusal)
        return self._render_change(
            "portal_subscription_plan",
            subscription_sudo,
            plans_sudo=plans_sudo,
            amounts={
                plan: subscription_sudo._get_new_total(
                    subscription_sudo._get_change_rows(plan)
                )
                for plan in plans_sudo
            },
            plan_sudo=plan_sudo,
            mode=mode,
            effects=effects,
            error=error,
        )

    def _change_plan(self, subscription_sudo, plan_sudo, mode, post):
        """Change when the member confirmed what he saw.

        :return: whether it was changed
        :raises UserError: when no plan was chosen or it cannot be changed
        """
        if not plan_sudo:
            raise UserError(request.env._("Please choose a plan."))
        if not post.get("confirm"):
            return False
        rows = subscription_sudo._get_change_rows(plan_sudo)
        subscription_sudo._plan_change(plan_sudo, rows, mode)
        return True

    @route(
        "/my/subscriptions/<int:subscription_id>/plan/keep",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_subscription_plan_keep(self, subscription_id, **_post):
        """Drop a change that is planned."""
        subscription_sudo = self._get_own(subscription_id)
        if not subscription_sudo:
            return request.not_found()
        if subscription_sudo.plan_id.is_self_change:
            subscription_sudo.action_undo_change()
        return self._redirect_to(subscription_sudo, "resumed")
