from odoo import SUPERUSER_ID, api

from odoo.addons.subscription_connector.hooks import number_plans


def migrate(cr, version):
    """Number the plans that are there."""
    number_plans(api.Environment(cr, SUPERUSER_ID, {}))
