import logging

from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class PaymentProvider(models.Model):
    """What was charged before a backup was restored: the provider still knows."""

    _inherit = "payment.provider"

    def _read_charges_made(self):
        """Read what the provider charged for this database, newest first.

        Override for a provider that can be asked; its charges carry the database, the
        subscription and the period.

        :return: pages of charges, failed ones left out. A charge is a dict of ``id``
            (str, the provider's), ``reference`` (str, ours), ``subscription`` (int,
            id), ``period`` (date of its first day), ``date`` (datetime, UTC),
            ``amount`` (float), ``currency`` (record), ``is_given_back`` (bool)
        :rtype: collections.abc.Iterable[list[dict]]
        :raises ValidationError: when the provider does not answer
        """
        return ()

    def _find_charges_made(self):
        """Keep the charges that the provider made and this database does not know.

        :return: whether the provider told all of them
        :rtype: bool
        """
        self.ensure_one()
        new = self.env["subscription.charge.found"]
        is_told = True
        try:
            for page in self._read_charges_made():
                # Others wrote down their calls before they made them: look again.
                self.env["ir.cron"]._commit_progress()
                unknown, is_end = self._compare_charges_made(page)
                new |= new._keep(self, unknown)
                if is_end:
                    break
        except (ValidationError, ValueError, KeyError) as error:
            _logger.warning("%s charges nothing now: %s", self.name, error)
            is_told = False
        new._ask_managers()
        return is_told

    def _compare_charges_made(self, page):
        """Return the unknown charges of a page, and whether older ones are known.

        Every charge is made after this look, so that below one we know there is none
        that we do not.
        """
        transactions = self.env["payment.transaction"].search_read(
            Domain("provider_id", "=", self.id)
            & (
                Domain("provider_reference", "in", [row["id"] for row in page])
                | (
                    Domain("reference", "in", [row["reference"] for row in page])
                    & Domain("provider_reference", "=", False)
                )
            ),
            ["provider_reference", "reference"],
        )
        known = {row["provider_reference"] for row in transactions}
        under_way = {
            row["reference"] for row in transactions if not row["provider_reference"]
        }
        unknown = [
            row
            for row in page
            if row["id"] not in known and row["reference"] not in under_way
        ]
        return unknown, any(row["id"] in known for row in page)
