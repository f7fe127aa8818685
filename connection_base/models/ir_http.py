from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """Keeps the bytes of a webhook, which the signature was made of."""

    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """Override of `base` to keep the raw body before a form is parsed from it."""
        result = super()._pre_dispatch(rule, args)
        if rule.endpoint.routing.get("keep_raw_body"):
            request.httprequest.get_data(cache=True)
        return result
