from odoo import api, fields, models


class ServiceAccountOption(models.TransientModel):
    """One account of the list; made from the service's answer, by nobody else."""

    _name = "service.account.option"
    _description = "Account of a Service"
    _order = "name, id"

    wizard_id = fields.Many2one(
        "service.account.wizard", required=True, ondelete="cascade", index=True
    )
    ref = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    note = fields.Char(readonly=True)

    @api.depends("name", "note")
    def _compute_display_name(self):
        for option in self:
            parts = (option.name, option.note)
            option.display_name = " · ".join(filter(None, parts))
