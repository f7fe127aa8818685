from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.customer_portal_otp.models.portal_declaration import (
    CANCEL,
    WITHDRAW,
)

UNDO_DAYS = 14  # as in the mail's text
RUNNING = ("planned", "active", "paused")


class PortalDeclaration(models.Model):
    _inherit = "portal.declaration"

    subscription_id = fields.Many2one("subscription.subscription", readonly=True)

    def _process_found(self):
        """Override of `_process_found`: cancel the subscription that is meant.

        Only what concerns exactly one subscription is carried out by itself: an
        ordinary cancellation, and a withdrawal in time. A cause needs a judgement:
        staff gets it with the subscription named.
        """
        found = self._find_subscription()
        if not found:
            return super()._process_found()
        self.write({"subscription_id": found.id, "partner_id": found.partner_id.id})
        if not found.partner_id.email_normalized:
            # Nobody could be told, so nobody could object.
            self.message_post(body=self.env._("The customer has no e-mail address."))
            return ""
        if self.kind == WITHDRAW:
            return self._process_withdrawal()
        if self.is_extraordinary or not found._may_cancel_self():
            return ""
        day = self._choose_day(found)
        if not day:
            return ""
        if not found.date_cancel or day < found.date_cancel:
            found._cancel(day, None, self.number)
        self._tell_cancelled()
        return self.env._(
            "%(subscription)s ends on %(day)s.",
            subscription=found.name,
            day=format_date(self.env, found.date_cancel),
        )

    def _find_subscription(self):
        """Return the one running subscription that is certainly meant, or nothing.

        Two of three must agree: address on file, name, and number (of the
        subscription or of the customer). With address and name alone the person must
        have no other running subscription.
        """
        running = self.env["subscription.subscription"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", RUNNING),
                "|",
                ("partner_id.email_normalized", "=", self.email),
                ("name", "=", (self.contract or "").strip()),
            ]
        )
        by_number = running.filtered(self._is_named)
        certain = by_number.filtered(
            lambda found: self._is_mailbox(found) or self._is_person(found)
        )
        if not certain:
            certain = running.filtered(
                lambda found: self._is_mailbox(found) and self._is_person(found)
            )
        return certain if len(certain) == 1 else certain.browse()

    def _is_named(self, subscription):
        words = (self.contract or "").casefold().replace(",", " ").split()
        numbers = (subscription.name, subscription.partner_id.ref)
        return any(number and number.casefold() in words for number in numbers)

    def _is_mailbox(self, subscription):
        return subscription.partner_id.email_normalized == self.email

    def _is_person(self, subscription):
        def words(name):
            return sorted((name or "").casefold().split())

        return words(subscription.partner_id.name) == words(self.name)

    def _choose_day(self, subscription):
        """Return the first allowed day that is not before the wanted one.

        Without a wanted day the earliest possible one counts (§ 312k VI BGB).
        """
        days = subscription._get_cancel_dates(count=36)
        wanted = self.date_wanted
        return next((day for day in days if not wanted or day >= wanted), None)

    def _tell_cancelled(self):
        """Mail when it ends, and how to take that back."""
        subscription = self.subscription_id
        told = self._in_language_of_owner()
        told._tell_owner(
            told.env._("%(subscription)s is cancelled", subscription=subscription.name),
            "customer_portal_subscription.declaration_mail_found",
            last_day=subscription.date_cancel - timedelta(days=1),
            undo_url=self._get_undo_url(),
        )

    def _in_language_of_owner(self):
        """Return the declaration as the customer of the subscription reads it."""
        lang = self.subscription_id.partner_id.lang or self.lang
        return self.with_context(lang=lang)

    def _tell_owner(self, subject, template, **values):
        """Mail to the address on file, never to the one that was typed.

        :param str subject: in the language of the owner
        :param str template: XML id of the mail's text, shown ``values`` too
        """
        subscription = self.subscription_id
        self._send_mail(
            subject,
            template,
            subscription.partner_id.email_normalized,
            subscription=subscription,
            **values,
        )

    def _get_undo_url(self):
        token = self._get_link_token("undo")
        return f"{self.company_id.get_base_url()}/contract/undo/{token}"

    def _may_undo(self):
        """Whether the declaration can still be taken back by its link."""
        subscription = self.subscription_id
        limit = fields.Datetime.add(self.date, days=UNDO_DAYS)
        return (
            self.kind == CANCEL
            and self.state == "done"
            and bool(subscription.date_cancel)
            and subscription.state in RUNNING
            and fields.Datetime.now() < limit
        )

    def _undo(self):
        """Take the declaration back.

        :raises UserError: the subscription has ended in the meantime
        """
        self.ensure_one()
        if not self.try_lock_for_update():
            raise UserError(self.env._("The server is busy. Please try again."))
        self._undo_found()
        self.result = self.env._("Taken back with the link in the mail.")

    def _undo_found(self):
        """Let the subscription go on. Extend for what else can be taken back."""
        self.subscription_id.action_undo_cancel()
