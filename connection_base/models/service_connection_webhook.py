import secrets

from odoo import api, models
from odoo.tools.urls import urljoin


class ServiceConnection(models.Model):
    """The address at which a service reaches this connection."""

    _inherit = "service.connection"

    @api.depends("provider", "webhook_token")
    def _compute_webhook_url(self):
        for connection in self:
            spec = self._provider_specs().get(connection.provider)
            path = (
                f"/connection/webhook/{connection.provider}/{connection.webhook_token}"
            )
            connection.webhook_url = (
                urljoin(connection.get_base_url(), path)
                if spec and spec.webhook and connection.webhook_token
                else False
            )

    def _renew_webhook_token(self):
        """Make the old address useless."""
        for connection in self.sudo():
            connection.webhook_token = secrets.token_urlsafe(24)

    @api.model
    def _find_by_webhook(self, provider: str, token: str):
        """Return the connection a message is for, or an empty recordset."""
        if not token:
            return self.browse()
        return self.sudo().search(
            [
                ("provider", "=", provider),
                ("webhook_token", "=", token),
                ("state", "in", ("connecting", "connected", "error")),
            ],
            limit=1,
        )
