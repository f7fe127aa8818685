import json
import logging
from datetime import timedelta

from odoo import fields, models

from odoo.addons.connection_base.clients.auth import BearerAuth
from odoo.addons.connection_base.exceptions import ProviderError, RejectedError

from ..clients.plugandpay import PlugAndPayClient

_logger = logging.getLogger(__name__)

#: Vendor's default; calls with another agent were seen to be refused.
_USER_AGENT = "CustomApiCall/2"

#: Orders are read again for this many days, so that a payment that came later
#: is seen also when its webhook was lost.
_LOOK_BACK_DAYS = 14


class ServiceConnection(models.Model):
    """Plug&Pay: connect, import, follow, and what its messages mean."""

    _inherit = "service.connection"

    def _get_client(self):
        if self.provider != "plugandpay":
            return super()._get_client()
        options = self._get_client_options() | {"user_agent": _USER_AGENT}
        if self.auth_kind == "api_key":
            options["auth"] = BearerAuth(self._get_credentials()["api_key"])
        return PlugAndPayClient(**options)

    def _test_connection(self):
        if self.provider != "plugandpay":
            return super()._test_connection()
        tenant = self._get_client().get_tenant()
        return {
            "account_ref": str(tenant.get("id") or ""),
            "account_label": tenant.get("name") or "",
        }

    def _on_connected(self):
        res = super()._on_connected()
        if self.provider == "plugandpay":
            if not self.plugandpay_date_activated:
                self.plugandpay_date_activated = fields.Datetime.now()
                self._queue_sync("import", notify=True)
            self._register_plugandpay_rule()
        return res

    def _on_disconnected(self):
        res = super()._on_disconnected()
        if self.provider == "plugandpay":
            rule = self.plugandpay_rule_ref
            self.write(
                {"plugandpay_date_activated": False, "plugandpay_rule_ref": False}
            )
            if rule:
                self._get_client().delete_rule(rule)
        return res

    def _get_disconnect_effects(self):
        effects = super()._get_disconnect_effects()
        if self.provider == "plugandpay":
            effects += [
                self.env._(
                    "Subscriptions that Plug&Pay bills stay readable here; Plug&Pay "
                    "goes on billing them."
                ),
                self.env._(
                    "Cancellations made here no longer reach Plug&Pay, and new "
                    "invoices no longer appear."
                ),
            ]
        return effects

    def _register_plugandpay_rule(self):
        """Ask for a message per paid order; the sweep works without it too."""
        if self.plugandpay_rule_ref:
            return
        try:
            rule = self._get_client().create_rule(
                self.env._("Odoo: paid orders"), "order_paid", self.sudo().webhook_url
            )
        except ProviderError as error:
            # Messages only make it faster: connecting must not fail on them.
            self.message_post(
                body=self.env._(
                    "Plug&Pay did not accept the webhook: %(error)s", error=error
                )
            )
            return
        self.plugandpay_rule_ref = str(rule.get("id") or "")

    # === SYNC === #

    def _sync(self, run):
        if self.provider != "plugandpay":
            return super()._sync(run)
        client = self._get_client()
        if run.kind == "import":
            return self._sync_plugandpay(run, client, ("active",))
        is_done = self._sync_plugandpay(run, client, ("all", "orders"))
        invoices = self.env["subscription.external.invoice"]
        invoices.search(invoices._get_book_domain(self), limit=200)._book()
        return is_done

    def _sync_plugandpay(self, run, client, phases):
        """Work through the phases page by page, going on where a run stopped.

        :return: False when the time is up and the run goes on later
        """
        cursor = run.cursor or {"phase": phases[0], "page": 1}
        for phase in phases[phases.index(cursor["phase"]) :]:
            page_number = cursor["page"] if phase == cursor["phase"] else 1
            while True:
                page = self._fetch_plugandpay_page(client, phase, page_number)
                done, counts = self._apply_plugandpay_page(run, phase, page)
                page_number += 1
                position = {"phase": phase, "page": page_number}
                following = phases[phases.index(phase) + 1 :]
                if page.is_last and following:
                    position = {"phase": following[0], "page": 1}
                left = run._progress(
                    done=done,
                    counts=counts,
                    cursor=position,
                    total=page.total if run.kind == "import" else None,
                )
                if page.is_last:
                    break
                if not left:
                    return False
        return True

    def _fetch_plugandpay_page(self, client, phase, number):
        if phase == "orders":
            return client.list_orders(number, self._get_plugandpay_since())
        return client.list_subscriptions(
            number, "active" if phase == "active" else None
        )

    def _get_plugandpay_since(self):
        activated = self.plugandpay_date_activated or fields.Datetime.now()
        last = self.date_last_sync
        if not last:
            return activated.date()
        return max(activated, last - timedelta(days=_LOOK_BACK_DAYS)).date()

    def _apply_plugandpay_page(self, run, phase, page):
        """Bring over one page; a row that cannot be read stays behind alone.

        :return: how many rows, and the counts by name
        """
        counts = {}
        apply = (
            self._apply_plugandpay_order
            if phase == "orders"
            else self._apply_plugandpay_subscription
        )
        for row in page.rows:
            try:
                with self.env.cr.savepoint():
                    outcome = apply(row, create=phase != "all")
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                _logger.info("A Plug&Pay row could not be read: %s", error)
                run._fail(
                    str(row.get("id", "?")) if isinstance(row, dict) else "?",
                    self.env._("Plug&Pay sent a record that could not be read."),
                )
                outcome = "failed"
            counts[outcome] = counts.get(outcome, 0) + 1
        return len(page.rows), counts

    def _apply_plugandpay_subscription(self, row, create=True):
        return self.env["subscription.subscription"]._apply_outside(self, row, create)

    def _apply_plugandpay_order(self, row, create=True):
        return self.env["subscription.external.invoice"]._apply_outside(self, row)

    # === WEBHOOKS === #

    def _verify_webhook(self, headers, body, params):
        """The secret is in the address; the body only says what to read again."""
        if self.provider != "plugandpay":
            return super()._verify_webhook(headers, body, params)
        hint = self._parse_plugandpay_hint(body, params)
        return "-".join(
            str(hint.get(key) or "")
            for key in ("trigger_type", "triggerable_id", "sent_at")
        )

    def _parse_plugandpay_hint(self, body, params):
        """Return trigger, id and moment from JSON or from form fields."""
        try:
            data = json.loads(body or b"{}")
        except ValueError:
            data = {}
        if not isinstance(data, dict):
            data = {}
        event = data.get("event") if isinstance(data.get("event"), dict) else {}
        source = event or data or params or {}
        return {
            "trigger_type": source.get("trigger_type"),
            "triggerable_id": source.get("triggerable_id") or source.get("id"),
            "triggerable_type": source.get("triggerable_type") or "",
            "sent_at": data.get("sent_at"),
        }

    def _handle_webhook_event(self, event):
        if self.provider != "plugandpay":
            return super()._handle_webhook_event(event)
        hint = self._parse_plugandpay_hint((event.body or "").encode(), {})
        reference = str(hint["triggerable_id"] or "")
        if not reference.isdigit():
            return None
        client = self._get_client()
        kind = f"{hint['triggerable_type']} {hint['trigger_type']}".lower()
        try:
            if "subscription" in kind:
                row = client.get_subscription(reference)
                return self._apply_plugandpay_subscription(row)
            row = client.get_order(reference)
        except RejectedError as error:
            if error.status == 404:
                return None  # Deleted there since: the sweep has nothing to add.
            raise
        return self._apply_plugandpay_order(row)
