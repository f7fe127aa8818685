from odoo import models

OWN_LINES = "matching_own_lines"
NEIGHBOURS_STEP = "_auto_reconcile"


class AccountBankStatementLine(models.Model):
    """Keep another addon's automatic step off the lines that we make.

    One euro is booked by one path. ``account_reconcile_oca`` books new bank lines by
    itself on weaker evidence than ours; it is met through the registry, whichever of
    the two addons is loaded first, and goes on as before with all other lines.
    """

    _inherit = "account.bank.statement.line"

    def _register_hook(self):
        """Override of `_register_hook` to step in front of the neighbour's step."""
        super()._register_hook()
        model_class = self.env.registry[self._name]
        original = getattr(model_class, NEIGHBOURS_STEP, None)
        if original is None or getattr(original, "matching_origin", None):
            return

        def _auto_reconcile(lines, *args, **kwargs):
            if lines.env.context.get(OWN_LINES):
                return None
            return original(lines, *args, **kwargs)

        _auto_reconcile.matching_origin = original
        setattr(model_class, NEIGHBOURS_STEP, _auto_reconcile)
