import logging

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.connection_base.exceptions import (
    AuthError,
    ProviderError,
    RejectedError,
)

from ..engine import outside

_logger = logging.getLogger(__name__)


class SubscriptionSubscription(models.Model):
    """A subscription that an outside service bills: shown here, never billed here."""

    _inherit = "subscription.subscription"

    connection_id = fields.Many2one(
        "service.connection",
        string="Billed by",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    outside_ref = fields.Char(string="Outside Number", readonly=True, copy=False)
    outside_amount_untaxed = fields.Monetary(readonly=True, copy=False)
    outside_amount_total = fields.Monetary(readonly=True, copy=False)
    outside_date_next = fields.Date(readonly=True, copy=False)
    outside_method = fields.Char(readonly=True, copy=False, help="Last digits only.")
    outside_push_state = fields.Selection(
        [
            ("waiting", "To be passed on"),
            ("done", "Passed on"),
            ("failed", "Refused there"),
        ],
        string="Change There",
        readonly=True,
        copy=False,
    )
    outside_push_error = fields.Char(readonly=True, copy=False)
    outside_push_values = fields.Json(
        readonly=True, copy=False, help="What shall be changed at the outside service."
    )
    outside_missing = fields.Char(
        string="What Is Missing", compute="_compute_outside_missing"
    )
    external_invoice_ids = fields.One2many(
        "subscription.external.invoice", "subscription_id"
    )

    _outside_unique = models.UniqueIndex(
        "(connection_id, outside_ref) WHERE outside_ref IS NOT NULL",
        "This outside subscription is here already.",
    )
    _outside_not_ours = models.Constraint(
        "CHECK ((collection = 'outside') = (outside_ref IS NOT NULL))",
        "Only a subscription that came from an outside service is billed there.",
    )

    @api.depends("connection_id")
    @api.depends_context("lang")
    def _compute_outside_missing(self):
        for subscription in self:
            # Sudo: one sentence about the connection, no more.
            subscription.outside_missing = (
                subscription.sudo().connection_id._get_missing_for_members()
            )

    # === IMPORT === #

    @api.model
    def _apply_outside(self, connection, row, create=True):
        """Create or bring up to date one subscription of Plug&Pay.

        :param dict row: the service's record, with billing, pricing and product
        :param bool create: make it when it is not here yet
        :return: ``imported``, ``updated`` or ``skipped``
        """
        data = outside.parse_subscription(row)
        known = self.search(
            [("connection_id", "=", connection.id), ("outside_ref", "=", data.ref)]
        )
        if known:
            return known._update_outside(data)
        if not create or data.status != "active":
            return "skipped"
        subscription = self._create_by_method(
            self._prepare_outside_vals(connection, data)
        )
        subscription._update_state(("draft",), "active")
        subscription._log_event("imported", 0.0, subscription.amount_month)
        return "imported"

    @api.model
    def _prepare_outside_vals(self, connection, data):
        plan = self.env["subscription.plan"]._get_outside_plan(connection, data)
        partner = self.env["res.partner"]._get_outside_partner(
            connection.company_id, data.contact
        )
        return {
            "company_id": connection.company_id.id,
            "partner_id": partner.id,
            "partner_invoice_id": partner.id,
            "user_id": connection.responsible_id.id,
            "plan_id": plan.id,
            "interval_count": data.interval.count,
            "interval_unit": data.interval.unit,
            "collection": "outside",
            "connection_id": connection.id,
            "outside_ref": data.ref,
            "outside_amount_untaxed": float(data.amount_untaxed),
            "outside_amount_total": float(data.amount_total),
            "outside_date_next": data.date_next,
            "outside_method": data.method,
            "date_start": data.date_start,
            "date_anchor": data.date_start,
            "date_cancel": data.date_end,
            "line_ids": [
                fields.Command.create(
                    {
                        "name": data.product_name,
                        "quantity": 1.0,
                        "price_unit": float(data.amount_total),
                    }
                )
            ],
        }

    def _update_outside(self, data):
        """Follow the other side; what did not change is not written."""
        self.ensure_one()
        before = self.amount_month
        values = {
            "outside_amount_untaxed": float(data.amount_untaxed),
            "outside_amount_total": float(data.amount_total),
            "outside_date_next": data.date_next,
            "outside_method": data.method,
        }
        is_ours = self.outside_push_state in ("waiting", "failed")
        if not is_ours and (data.date_end or data.status == "active"):
            values["date_cancel"] = data.date_end
        changed = {
            name: value
            for name, value in values.items()
            if (self[name] or False) != (value or False)
        }
        is_over = data.status in ("ended", "inactive", "cancelled") and not data.runs_on
        is_over = is_over and self.state in ("planned", "active", "paused")
        if changed:
            self._write_by_method(changed)
        if self.amount_month != before:
            self._log_event("changed", before, self.amount_month)
        if "date_cancel" in changed and not is_over:
            self._log_event("cancel_set" if data.date_end else "cancel_undone")
        if is_over:
            self._end("cancelled", date_cancel=data.date_end or self.date_cancel)
        return "updated" if changed or is_over else "skipped"

    # === PUSH === #

    def _plan_outside_cancel(self):
        """Let the cron pass the cancellation on; mail the organiser if asked (H11)."""
        for subscription in self:
            connection_sudo = subscription.sudo().connection_id
            subscription._plan_outside_push(False)
            if connection_sudo.plugandpay_cancel_mail:
                subscription._send_organiser_template(
                    "subscription_connector.mail_template_organiser_cancelled"
                )

    def _plan_outside_push(self, values):
        """Let the cron pass a change on; without values it is the cancellation."""
        self._write_by_method(
            {
                "outside_push_state": "waiting",
                "outside_push_error": False,
                "outside_push_values": values,
            }
        )
        self.env.ref("subscription_connector.ir_cron_outside").sudo()._trigger()

    @api.model
    def _cron_push_outside(self, batch_size=50):
        """Cron: pass changes on, one by one; what is refused goes to staff.

        A call says what shall be, so repeating it after a lost answer is harmless.
        """
        domain = Domain("outside_push_state", "=", "waiting")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        for subscription in self.search(domain, limit=batch_size):
            try:
                if locked := subscription.try_lock_for_update().filtered_domain(domain):
                    locked._push_outside()
            except Exception:
                _logger.exception("Subscription %s was not passed on", subscription.id)
                self.env.cr.rollback()
                self.env.invalidate_all()
                subscription._set_push_unclear()
            if not cron._commit_progress(1):
                return

    def _push_outside(self):
        self.ensure_one()
        try:
            connection = self.connection_id
            if connection.state not in ("connected", "error"):
                raise RejectedError(
                    self.env._("%(name)s is not connected.", name=connection.name)
                )
            self._call_outside(connection._get_client())
        except (AuthError, RejectedError) as error:
            self._set_push_refused(error)
        except ProviderError as error:
            self._write_by_method({"outside_push_error": str(error)})
        else:
            self._write_by_method(
                {"outside_push_state": "done", "outside_push_error": False}
            )

    def _call_outside(self, client):
        values = self.outside_push_values
        if not values:
            day = self.date_cancel or self._get_today()
            client.end_subscription(self.outside_ref, day)
            return
        row = client.get_subscription(self.outside_ref)
        quantity = int(row["pricing"].get("quantity") or 1)
        client.change_subscription(
            self.outside_ref,
            str(outside.price_of_one(values["amount_untaxed"], quantity)),
            fields.Date.to_date(values["date_next"]),
        )
        # What the service made of it counts, not what was asked.
        row = client.get_subscription(self.outside_ref)
        self._update_outside(outside.parse_subscription(row))

    def _set_push_unclear(self):
        """An answer that nobody can read: a person looks at both sides."""
        text = self.env._(
            "The answer of %(name)s could not be read: look at both sides.",
            name=self.connection_id.name,
        )
        self._write_by_method(
            {"outside_push_state": "failed", "outside_push_error": text}
        )
        self._schedule_todo(text)

    def _set_push_refused(self, error):
        """Say what holds on each side, and ask a person."""
        name = self.connection_id.name
        if self.outside_push_values:
            text = self.env._(
                "%(name)s refused the change: nothing changed there or here. %(error)s",
                name=name,
                error=error,
            )
            todo = self.env._("Change at %(name)s by hand", name=name)
        else:
            text = self.env._(
                "Here it is cancelled; %(name)s refused, so it still bills. %(error)s",
                name=name,
                error=error,
            )
            todo = self.env._("Cancel at %(name)s by hand", name=name)
        self._write_by_method(
            {"outside_push_state": "failed", "outside_push_error": text}
        )
        self._schedule_todo(todo)

    def action_push_outside(self):
        """Button: try again to pass the change on."""
        self.filtered(
            lambda subscription: subscription.outside_push_state == "failed"
        )._write_by_method({"outside_push_state": "waiting"})
        self.env.ref("subscription_connector.ir_cron_outside").sudo()._trigger()
        return True

    def action_change_outside(self):
        """Button: change price and next day at the service that bills."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change at %(name)s", name=self.connection_id.name),
            "res_model": "subscription.outside.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_subscription_id": self.id},
        }

    # === THE MEMBER'S WISH === #

    def _may_cancel_self(self):
        """Whether members end it themselves, or ask for it (H9, H10)."""
        self.ensure_one()
        if self.collection == "outside":
            return self.sudo().connection_id.plugandpay_self_cancel
        return self.sudo().plan_id.is_self_cancel

    def _ask_cancel(self, date, reason=None, note=None):
        """Hand the wish of a member to the responsible (H10)."""
        self.ensure_one()
        self._log_event("cancel_asked", reason_id=reason.id if reason else False)
        self._write_by_method(
            {
                "close_reason_id": reason.id if reason else False,
                "close_note": note or False,
            }
        )
        self._schedule_todo(
            self.env._(
                "%(partner)s asks to cancel from %(date)s",
                partner=self.partner_id.name,
                date=fields.Date.to_string(date),
            )
        )
        self._send_organiser_template(
            "subscription_connector.mail_template_organiser_asked"
        )

    def _send_organiser_template(self, xmlid):
        self.ensure_one()
        template = self.env.ref(xmlid, raise_if_not_found=False)
        receiver = self.sudo().connection_id.responsible_id or self.user_id
        if template and receiver.email:
            template.sudo().send_mail(
                self.id, email_values={"email_to": receiver.email_formatted}
            )
