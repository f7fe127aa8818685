from odoo import models

from ..const import INSTEAD_OF


class DunningCase(models.Model):
    """A message that is sent instead of another one says so."""

    _inherit = "dunning.case"

    def _prepare_message_vals(self, step, debtor, decision):
        """Override to keep which message this one is sent instead of."""
        values = super()._prepare_message_vals(step, debtor, decision)
        return values | {"replaces_id": self.env.context.get(INSTEAD_OF, False)}

    def _prepare_instalment_vals(self, line, today):
        """Override to keep which message this one is sent instead of."""
        values = super()._prepare_instalment_vals(line, today)
        return values | {"replaces_id": self.env.context.get(INSTEAD_OF, False)}
