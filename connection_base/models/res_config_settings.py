import os

from odoo import fields, models

from ..engine.vault import VaultError, load_vault


class ResConfigSettings(models.TransientModel):
    """The way from the general settings to the integrations."""

    _inherit = "res.config.settings"

    connection_count = fields.Integer(compute="_compute_connections")
    connection_error_count = fields.Integer(compute="_compute_connections")
    connection_key_state = fields.Char("Encryption Key", compute="_compute_connections")

    def _compute_connections(self):
        connections = self.env["service.connection"]
        companies = [("company_id", "in", self.env.companies.ids)]
        connected = connections.search_count([*companies, ("state", "=", "connected")])
        errors = connections.search_count([*companies, ("state", "=", "error")])
        try:
            key = load_vault(os.environ).fingerprint
        except VaultError as err:
            key = connections._vault_words(err)
        for settings in self:
            settings.connection_count = connected
            settings.connection_error_count = errors
            settings.connection_key_state = key

    def action_open_integrations(self):
        """Open the cards of the services."""
        return self.env["service.connection"].action_open_integrations()

    def action_rotate_connection_key(self):
        """Lock all credentials again with the first key of the server."""
        self.env["service.connection"]._check_administrator()
        number = self.env["service.credential"]._rotate()
        return self.env["service.connection"]._notify(
            self.env._(
                "%(number)s credentials are locked with the present key.", number=number
            )
        )
