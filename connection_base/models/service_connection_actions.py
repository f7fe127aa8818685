from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..exceptions import ProviderError


class ServiceConnection(models.Model):
    """The card, and the buttons people press."""

    _inherit = "service.connection"

    icon_url = fields.Char(compute="_compute_card")
    description = fields.Char(compute="_compute_card")
    can_sync = fields.Boolean(compute="_compute_card")
    has_webhook = fields.Boolean(compute="_compute_card")
    credential_summary = fields.Char(
        "Stored", compute="_compute_credential_summary", groups="base.group_system"
    )
    is_syncing = fields.Boolean(compute="_compute_running")
    sync_progress = fields.Float(compute="_compute_running")
    run_count = fields.Integer("Runs", compute="_compute_run_count")
    event_problem_count = fields.Integer(
        "Failed Webhooks",
        compute="_compute_event_problem_count",
        groups="base.group_system",
    )

    @api.depends("provider", "state")
    @api.depends_context("lang")
    def _compute_card(self):
        specs = self._provider_specs()
        for connection in self:
            spec = specs.get(connection.provider)
            icon = spec.icon if spec else ""
            connection.icon_url = icon or "/connection_base/static/description/icon.png"
            connection.description = str(spec.description) if spec else ""
            connection.can_sync = bool(spec and spec.sync_minutes) and (
                connection.state in ("connected", "error")
            )
            connection.has_webhook = bool(spec and spec.webhook)

    @api.depends("credential_ids.payload")
    def _compute_credential_summary(self):
        for connection in self:
            connection.credential_summary = connection.credential_ids[:1].summary

    @api.depends("run_ids.state", "run_ids.done", "run_ids.total")
    def _compute_running(self):
        runs = self.env["service.sync.run"].search(
            [("connection_id", "in", self.ids), ("state", "=", "running")], order="id"
        )
        latest = {run.connection_id.id: run for run in runs}
        for connection in self:
            run = latest.get(connection.id)
            connection.is_syncing = bool(run)
            connection.sync_progress = run.progress if run else 0.0

    def _compute_run_count(self):
        groups = self.env["service.sync.run"]._read_group(
            [("connection_id", "in", self.ids)], ["connection_id"], ["__count"]
        )
        counts = {connection.id: count for connection, count in groups}
        for connection in self:
            connection.run_count = counts.get(connection.id, 0)

    def _compute_event_problem_count(self):
        groups = self.env["service.webhook.event"]._read_group(
            [("connection_id", "in", self.ids), ("state", "=", "failed")],
            ["connection_id"],
            ["__count"],
        )
        counts = {connection.id: count for connection, count in groups}
        for connection in self:
            connection.event_problem_count = counts.get(connection.id, 0)

    # --- The page -----------------------------------------------------------------

    @api.model
    def action_open_integrations(self):
        """Open the cards; each service has at least one for each of my companies."""
        self.check_access("read")
        self._ensure_cards(self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "connection_base.service_connection_action"
        )

    @api.model
    def _ensure_cards(self, companies):
        """Make the missing cards of services that are not connected yet."""
        # Opening the page makes the cards, also for people who may only look.
        connections_sudo = self.sudo().with_context(active_test=False)
        groups = connections_sudo._read_group(
            [("company_id", "in", companies.ids)], ["company_id", "provider"]
        )
        there = {(company.id, provider) for company, provider in groups}
        connections_sudo.with_context(tracking_disable=True).create(
            [
                {"provider": code, "company_id": company.id, "responsible_id": False}
                for company in companies
                for code in self._provider_specs()
                if (company.id, code) not in there
            ]
        )

    # --- Buttons ------------------------------------------------------------------

    def action_connect(self):
        """Open the form that asks for the credentials."""
        self.ensure_one()
        self._check_administrator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect %(name)s", name=self.name),
            "res_model": "service.connect.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_connection_id": self.id, "dialog_size": "medium"},
        }

    def action_disconnect(self):
        """Open the page that says what disconnecting does."""
        self.ensure_one()
        self._check_administrator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Disconnect %(name)s", name=self.name),
            "res_model": "service.disconnect.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_connection_id": self.id, "dialog_size": "medium"},
        }

    def action_test_connection(self):
        """Call the service now and say how it went."""
        self.ensure_one()
        self._check_administrator()
        try:
            self._test_connection()
        except ProviderError as err:
            self._mark_error(err)
            return self._notify(self._words(err), "danger")
        self._mark_success()
        return self._notify(self.env._("%(name)s answers well.", name=self.name))

    def action_sync_now(self):
        """Have the service synced as soon as possible, in the background."""
        self.check_access("read")
        for connection in self:
            if not connection.can_sync:
                raise UserError(
                    self.env._("Connect %(name)s first.", name=connection.name)
                )
            connection._queue_sync()
        return self._notify(self.env._("The sync starts in a moment."))

    def action_view_runs(self):
        """Open the runs of this connection."""
        return self._view("service.sync.run", self.env._("Runs"))

    def action_view_webhook_events(self):
        """Open the webhook inbox of this connection."""
        return self._view("service.webhook.event", self.env._("Webhooks"))

    def _view(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": [("connection_id", "=", self.id)],
        }

    def _check_administrator(self):
        if not self.env.is_system():
            raise AccessError(
                self.env._("Connections are made and ended by administrators.")
            )

    def _notify(self, message, kind="success"):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
