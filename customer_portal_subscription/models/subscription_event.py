from odoo import api, models
from odoo.http import request


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `create`: what a member does is on his timeline too."""
        events = super().create(vals_list)
        if request and self.env.user._is_portal():
            for event in events:
                event._record_member_event()
        return events

    def _record_member_event(self):
        staff_lang = self.company_id.partner_id.lang
        event = self.with_context(lang=staff_lang)
        what = dict(event._fields["kind"]._description_selection(event.env))[event.kind]
        subscription = event.subscription_id
        # Whose timeline: the member's who did it, which may be the payer's.
        self.env["portal.member.event"]._record(
            "subscription",
            self.env.user.partner_id,
            changes=[[subscription.name, "", what]],
        )
