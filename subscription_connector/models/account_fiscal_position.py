from odoo import api, models

#: The methods that choose a fiscal position, and whose they are.
CHOOSING = {
    "account.fiscal.position": (
        "_get_first_matching_fpos",
        "_get_fiscal_position",
        "_get_fpos_validation_functions",
    ),
    "res.partner": ("_get_vat_required_valid",),
}
CHOSEN_BY = frozenset(("account", "base_vat", "subscription_connector"))


class Places:
    """The fiscal positions of one bite, by place; only this module makes one.

    No remote call can put it in a context.

    :param bool has_zips: whether a fiscal position is for some postal codes only
    """

    def __init__(self, has_zips):
        self.has_zips = has_zips
        self.known = {}

    def get_key(self, company, partner, delivery):
        """Return what a fiscal position depends on, for customers without VAT number.

        :param company: the seller
        :param partner: who is invoiced
        :param delivery: where it is delivered
        """
        return (
            company,
            partner.with_company(company).property_account_position_id,
            delivery.with_company(company).property_account_position_id,
            partner.country_id,
            delivery.country_id,
            delivery.state_id,
            delivery.zip if self.has_zips else None,
        )


class AccountFiscalPosition(models.Model):
    _inherit = "account.fiscal.position"

    @api.model
    def _get_places(self):
        """Return the places of a bite, nothing where an addon chooses otherwise."""
        if not self.env["account.move"]._is_made_by(CHOSEN_BY, CHOOSING):
            return None
        return Places(bool(self.search_count([("zip_from", "!=", False)], limit=1)))

    @api.model
    def _get_fiscal_position(self, partner, delivery=None):
        """Override of `account`: those of one place have one answer in a bite."""
        places = self.env.context.get("subscription_places")
        place = delivery or partner
        if not isinstance(places, Places) or partner.vat or place.vat:
            return super()._get_fiscal_position(partner, delivery=delivery)
        key = places.get_key(self.env.company, partner, place)
        if key not in places.known:
            places.known[key] = super()._get_fiscal_position(partner, delivery=delivery)
        return places.known[key]
