from odoo import api, fields, models


class ServiceDisconnectWizard(models.TransientModel):
    """Says what disconnecting does, before it is done."""

    _name = "service.disconnect.wizard"
    _description = "Disconnect a Service"

    connection_id = fields.Many2one(
        "service.connection", required=True, readonly=True, ondelete="cascade"
    )
    effects = fields.Html(compute="_compute_effects", sanitize=False)

    @api.depends("connection_id")
    @api.depends_context("lang")
    def _compute_effects(self):
        for wizard in self:
            effects = wizard.connection_id._get_disconnect_effects()
            wizard.effects = self.env["ir.qweb"]._render(
                "connection_base.disconnect_effects", {"effects": effects}
            )

    def action_disconnect(self):
        """Disconnect."""
        self.ensure_one()
        connection = self.connection_id
        connection._check_administrator()
        connection._disconnect()
        return connection._notify(
            self.env._("%(name)s is disconnected.", name=connection.name)
        )
