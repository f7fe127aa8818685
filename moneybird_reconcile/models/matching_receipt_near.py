from odoo import models
from odoo.tools import SQL

from ..engine.near import MOST_OF_AMOUNT, Near
from .matching_receipt_match import MONEYBIRD, ODOO

#: from here on it is less work to load all open items once
FEW_RECEIPTS = 50


class MatchingReceipt(models.Model):
    """A few receipts load only the open items that they can point at."""

    _inherit = "matching.receipt"

    def _get_near(self):
        """What open items must have in common with these receipts.

        :return: :class:`Near`, or None when there are too many to look for each
        """
        if len(self) > FEW_RECEIPTS:
            return None
        return Near.of(receipt._to_engine() for receipt in self)

    def _get_left_out(self, _company, _ledger):
        """Numbers of invoices that are no open items of this ledger.

        :param _ledger: ``odoo`` or ``moneybird``
        """
        return []

    def _find_near_in_odoo(self, near, query, company):
        """Ids of the open items of a query that are near, and of what belongs to them.

        :param query: search of open journal items
        """
        self._flush_for_near()
        source = SQL(
            """
            SELECT line.id,
                   line.amount_residual_currency AS amount,
                   currency.name AS currency,
                   ARRAY[move.name, NULLIF(move.payment_reference, move.name), move.ref]
                       AS numbers,
                   ARRAY[move.invoice_origin] || ARRAY(
                       SELECT unnest(ARRAY[paid.reference, paid.provider_reference])
                         FROM account_invoice_transaction_rel rel
                         JOIN payment_transaction paid ON paid.id = rel.transaction_id
                        WHERE rel.invoice_id = move.id
                   ) AS wholes,
                   COALESCE(partner.commercial_partner_id, -line.id)::text
                       AS partner_key,
                   partner.name AS partner_name,
                   line.partner_id = ANY(%(partners)s)
                       OR partner.commercial_partner_id = ANY(%(partners)s) AS is_payer,
                   ROW_NUMBER() OVER (
                       PARTITION BY line.currency_id, abs(line.amount_residual_currency)
                           ORDER BY line.date DESC, line.move_name DESC, line.id
                   ) AS place
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_currency currency ON currency.id = line.currency_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.id IN %(query)s
               AND NOT ARRAY[move.name, move.payment_reference, move.ref]
                   && %(left_out)s::varchar[]
            """,
            partners=self._find_partners_of_ibans(near, company),
            query=query.subselect(),
            left_out=self._get_left_out(company, ODOO),
        )
        return self._find_near(near, source)

    def _find_near_at_moneybird(self, near, query, company):
        """Ids of the open items at Moneybird of a query that are near."""
        self.env["matching.open.item"].flush_model()
        source = SQL(
            r"""
            SELECT item.id,
                   item.amount_open AS amount,
                   currency.name AS currency,
                   ARRAY[item.number, item.short_payment_reference,
                         item.payment_reference] AS numbers,
                   ARRAY[item.reference] AS wholes,
                   COALESCE(item.contact_ref, '-' || item.id) AS partner_key,
                   item.partner_name,
                   regexp_replace(
                       upper(COALESCE(item.partner_iban, '')), '[^0-9A-Z]', '', 'g'
                   ) = ANY(%(ibans)s) AS is_payer,
                   ROW_NUMBER() OVER (
                       PARTITION BY item.currency_id, abs(item.amount_open)
                           ORDER BY item.date_due, item.id
                   ) AS place
              FROM matching_open_item item
              JOIN res_currency currency ON currency.id = item.currency_id
             WHERE item.id IN %(query)s
               AND NOT ARRAY[item.number, item.short_payment_reference]
                   && %(left_out)s::varchar[]
            """,
            ibans=list(near.ibans),
            query=query.subselect(),
            left_out=self._get_left_out(company, MONEYBIRD),
        )
        return self._find_near(near, source)

    def _find_near(self, near, source):
        """Ids of the rows of a source that are near, and of the same customers.

        The engine compares exactly afterwards; here nothing may be missed. It is asked
        in SQL because open items are many and receipts are few.

        :param source: SQL with the columns id, amount, currency, numbers, wholes,
            partner_key, partner_name, is_payer, place (among those of its amount)
        """
        currencies = [currency for currency, _amount in near.amounts]
        rows = self.env.execute_query(
            SQL(
                r"""
                WITH source AS MATERIALIZED (%(source)s),
                found AS (
                    SELECT id, partner_key
                      FROM source
                     WHERE is_payer
                        OR (
                            place <= %(most)s AND (currency, abs(amount)) IN (
                                SELECT * FROM unnest(
                                    %(currencies)s::varchar[], %(amounts)s::numeric[]
                                )
                            )
                        )
                        OR EXISTS (
                            SELECT FROM unnest(numbers) AS number
                             WHERE trim('.' FROM regexp_replace(
                                       regexp_replace(number, '[^0-9]+', '.', 'g'),
                                       '(^|\.)0+(?=[0-9])', '\1', 'g'
                                   )) = ANY(%(digits)s)
                        )
                        OR EXISTS (
                            SELECT FROM unnest(numbers || wholes) AS value
                             WHERE regexp_replace(upper(value), '[^0-9A-Z]', '', 'g')
                                 = ANY(%(glued)s)
                        )
                        OR (
                            %(words)s <> '' AND regexp_replace(
                                upper(replace(replace(
                                    normalize(COALESCE(partner_name, ''), NFKD),
                                    'ß', 'SS'), 'ı', 'I')),
                                '[^0-9A-Z]', '', 'g'
                            ) ~ %(words)s
                        )
                )
                SELECT id FROM source
                 WHERE partner_key IN (SELECT partner_key FROM found)
                """,
                source=source,
                most=MOST_OF_AMOUNT,
                currencies=currencies,
                amounts=[amount for _currency, amount in near.amounts],
                digits=list(near.digits),
                glued=list(near.glued),
                words="|".join(sorted(near.words)),
            )
        )
        return [row_id for (row_id,) in rows]

    def _find_partners_of_ibans(self, near, company):
        """Ids of customers known to pay from an account of the receipts."""
        ibans = list(near.ibans)
        if not ibans:
            return []
        banks_sudo = self.env["res.partner.bank"].sudo()
        partners = banks_sudo.search([("sanitized_acc_number", "in", ibans)]).partner_id
        self.flush_model(["payer_iban", "partner_id", "state", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT partner_id
                  FROM matching_receipt
                 WHERE upper(regexp_replace(payer_iban, '[^0-9A-Za-z]', '', 'g'))
                     = ANY(%(ibans)s)
                   AND partner_id IS NOT NULL
                   AND state = 'matched'
                   AND company_id = %(company)s
                """,
                ibans=ibans,
                company=company.id,
            )
        )
        return [*partners.ids, *(partner_id for (partner_id,) in rows)]

    def _flush_for_near(self):
        """Write what waits in memory of all that is asked for in SQL."""
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model()
        self.env["res.partner"].flush_model(["name", "commercial_partner_id"])
        self.env["payment.transaction"].flush_model(["reference", "provider_reference"])
