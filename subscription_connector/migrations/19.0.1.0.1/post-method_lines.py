from odoo import SUPERUSER_ID, api

from odoo.addons.subscription_connector.hooks import merge_method_lines


def migrate(cr, version):
    """Remove the second payment method line that two workers could make."""
    merge_method_lines(api.Environment(cr, SUPERUSER_ID, {}))
