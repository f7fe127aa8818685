from odoo import models


class ServiceConnection(models.Model):
    """Connecting the print service in two steps."""

    _inherit = "service.connection"

    def action_connect(self):
        """Override of `connection_base`: first show whether the letters fit."""
        self.ensure_one()
        if self.provider != "pingen" or self.state == "error":
            return super().action_connect()
        self._check_administrator()
        return self.env["letter.check"]._open(self.company_id, self)

    def _open_credentials(self):
        """The form that asks for the credentials, once the letters fit."""
        self._check_administrator()
        return super().action_connect()
