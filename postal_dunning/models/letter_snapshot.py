from odoo import api, fields, models
from odoo.exceptions import UserError


class LetterSnapshot(models.Model):
    """What was set to post when letters were switched off (acceptance row Z8).

    One row for each setting, to be read and exported; nothing is put back from here.
    """

    _name = "letter.snapshot"
    _description = "Setting Before Letters Were Switched Off"
    _order = "date desc, kind, name, id"

    connection_id = fields.Many2one(
        "service.connection", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime("Switched Off On", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Switched Off By", readonly=True)
    kind = fields.Selection(
        [
            ("partner", "Customer"),
            ("type", "Kind of message"),
            ("step", "Collection step"),
            ("letter", "Waiting letter"),
        ],
        required=True,
        readonly=True,
    )
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    res_model = fields.Char(readonly=True)
    name = fields.Char(required=True, readonly=True)
    setting = fields.Char(readonly=True)
    value_before = fields.Char("Before", readonly=True)
    value_after = fields.Char("After", readonly=True)

    @api.model
    def _keep(self, connection, changes):
        """Write down what is about to change.

        :param changes: (kind, record, field name, new value) of each setting
        """
        now = fields.Datetime.now()
        return self.create(
            [
                {
                    "connection_id": connection.id,
                    "company_id": connection.company_id.id,
                    "date": now,
                    "user_id": self.env.uid,
                    "kind": kind,
                    "res_model": record._name,
                    "res_id": record.id,
                    "name": record.display_name,
                    "setting": record._fields[name]._description_string(self.env),
                    "value_before": self._get_label(record, name, record[name]),
                    "value_after": self._get_label(record, name, value),
                }
                for kind, record, name, value in changes
            ]
        )

    @api.model
    def _get_label(self, record, name, value):
        if not value:
            return self.env._("Default")
        labels = dict(record._fields[name]._description_selection(self.env))
        return labels.get(value, value)

    def action_open_record(self):
        """Open what the setting belonged to."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("This record is gone."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": record.id,
            "view_mode": "form",
        }
