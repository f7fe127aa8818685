from odoo import fields, models
from odoo.exceptions import UserError


class ServiceSyncFailure(models.Model):
    """One record of a run that did not work, with a link to it."""

    _name = "service.sync.failure"
    _description = "Failure in a Sync Run"
    _order = "id"

    run_id = fields.Many2one(
        "service.sync.run", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    name = fields.Char("What", required=True)
    message = fields.Char("Why", required=True)
    res_model = fields.Char("Model")
    res_id = fields.Many2oneReference("Record", model_field="res_model")

    def action_open_record(self):
        """Open the record that failed."""
        self.ensure_one()
        model = self.res_model
        if (
            not model
            or model not in self.env
            or not self.env[model].browse(self.res_id).exists()
        ):
            raise UserError(self.env._("There is no record to open."))
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
