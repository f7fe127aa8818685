import logging
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import urls

from odoo.addons.connection_base.engine.hosts import check_base_url

from .. import const

_logger = logging.getLogger(__name__)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    mollie_test_url = fields.Char(
        string="Test Address",
        copy=False,
        groups="base.group_system",
        help="Used instead of Mollie's own address while the provider is in test mode.",
    )

    def _compute_feature_support_fields(self):
        """Override of `payment`: mandates make Mollie chargeable again."""
        res = super()._compute_feature_support_fields()
        self.filtered(lambda provider: provider.code == "mollie").update(
            {"support_tokenization": True, "support_refund": "partial"}
        )
        return res

    def _build_request_url(self, endpoint, **kwargs):
        """Override of `payment_mollie` to try things out beside the real service."""
        if self.code == "mollie" and self.state == "test" and self.mollie_test_url:
            base = check_base_url(self.mollie_test_url, allow_loopback=True)
            return urls.urljoin(f"{base}/v2/", endpoint.strip("/"))
        return super()._build_request_url(endpoint, **kwargs)

    def _build_request_headers(self, *args, idempotency_key=None, **kwargs):
        """Override of `payment_mollie` to let a request be done once only."""
        headers = super()._build_request_headers(*args, **kwargs)
        if self.code == "mollie" and idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        return headers

    def _log_response(self, response, *args, **kwargs):
        """Override of `payment`: a page of a list is not copied into the log.

        It would hold names and accounts of hundreds of members.
        """
        if not self.env.context.get("mollie_page"):
            return super()._log_response(response, *args, **kwargs)
        size = len(response.content)
        _logger.info("Mollie sent a page of %s bytes (%s)", size, response.status_code)
        return None

    def _mollie_read_pages(self, endpoint, name):
        """Read a list, newest first.

        :param str name: of the list in Mollie's answer, e.g. ``payments``
        :return: pages of at most 250 objects, as Mollie shows them
        :rtype: collections.abc.Iterator[list[dict]]
        :raises ValidationError: when Mollie refuses or does not answer
        """
        quiet = self.with_context(mollie_page=True)
        params = {"limit": const.PAGE}
        while True:
            page = quiet._send_api_request("GET", endpoint, params=params)
            rows = page["_embedded"][name]
            yield rows
            following = (page.get("_links") or {}).get("next")
            if not following or not rows:
                return
            query = parse_qs(urlsplit(following["href"]).query)
            params = {"limit": const.PAGE, "from": query["from"][0]}

    @staticmethod
    def _mollie_get_moment(text):
        """Return a moment of Mollie as Odoo keeps it.

        :param str text: e.g. ``2026-02-01T10:00:00+00:00``; Mollie writes UTC
        :return: naive, UTC
        :rtype: datetime.datetime
        """
        return datetime.fromisoformat(text[:19])

    def _read_charges_made(self):
        """Override of `subscription_connector`: Mollie lists all payments."""
        if self.code != "mollie":
            yield from super()._read_charges_made()
            return
        known = self.env["payment.transaction"].search(
            Domain("provider_id", "=", self.id)
            & Domain("provider_reference", "!=", False)
            & Domain("subscription_charge_id", "!=", False),
            order="create_date desc",
            limit=1,
        )
        since = (known or self).create_date - const.CLOCKS_APART
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        for page in self._mollie_read_pages("/payments", "payments"):
            yield [
                self._mollie_prepare_charge_made(data)
                for data in page
                if self._mollie_is_charge_made(data, uuid)
            ]
            if page and self._mollie_get_moment(page[-1]["createdAt"]) < since:
                return

    def _mollie_is_charge_made(self, data, uuid):
        """Whether a payment is a charge of this database that was not refused."""
        metadata = data.get("metadata")
        return (
            isinstance(metadata, dict)
            and metadata.get("database") == uuid
            and "subscription" in metadata
            and data["status"] not in const.REFUSED
        )

    def _mollie_prepare_charge_made(self, data):
        metadata = data["metadata"]
        back = ("amountRefunded", "amountChargedBack")
        return {
            "id": data["id"],
            "reference": metadata["reference"],
            "subscription": metadata["subscription"],
            "period": fields.Date.to_date(metadata["period"]),
            "date": self._mollie_get_moment(data["createdAt"]),
            "amount": float(data["amount"]["value"]),
            "currency": self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", data["amount"]["currency"])]),
            "is_given_back": any(
                float((data.get(name) or {}).get("value") or 0.0) for name in back
            ),
        }

    def _get_validation_amount(self):
        """Override of `payment`: a mandate comes from a payment, however small."""
        if self.code != "mollie":
            return super()._get_validation_amount()
        return const.VALIDATION_AMOUNT

    def _gives_mandate(self, payment_method):
        """Whether a first payment with the method makes it chargeable again."""
        self.ensure_one()
        return (
            self.code == "mollie"
            and (payment_method.primary_payment_method_id or payment_method).code
            in const.FIRST_METHODS
        )
