import json

from odoo import fields, models

#: What a receipt tells about itself, in the order people ask for it.
HERE = (
    *("name", "date", "amount", "amount_left", "payer_name", "payer_iban"),
    *("description", "order_reference", "end_to_end_id", "return_reason"),
    *("external_id", "fingerprint", "kind", "method", "provider_status"),
    *("connection_id", "import_id", "journal_id", "statement_line_id"),
    *("transaction_id", "partner_id", "user_id", "age", "date_checked", "date_done"),
)
MONEYBIRD = (
    *("number", "partner_name", "partner_iban", "status", "date", "date_due"),
    *("amount_total", "amount_open", "payment_reference", "reference"),
    *("short_payment_reference", "external_id", "version", "connection_id"),
)
ODOO = (
    *("move_id", "partner_id", "date", "date_maturity", "debit", "credit"),
    *("amount_residual", "ref"),
)
BOOKING = (
    *("item_name", "state", "amount", "kind", "amount_written_off"),
    *("ledger_account_id", "label", "identifier", "remote_ref"),
    *("reason", "score", "evidence_text", "user_id", "attempts", "date_first_try"),
    *("date_next_try", "date_done", "correction_move_id"),
)


class MatchingReceipt(models.Model):
    """More info: both sides of a receipt and what was exchanged, for a person."""

    _inherit = "matching.receipt"

    def action_more_info(self):
        """Everything known about a receipt, ready to be read.

        :return: list of ``{"title": str, "rows": [[label, value], …]}``
        """
        self.ensure_one()
        self.check_access("read")
        sections = [
            self._prepare_section(self.env._("This receipt"), self, HERE),
            *self._prepare_item_sections(),
            *(
                self._prepare_section(
                    self.env._("Booking %(number)s", number=booking.id),
                    booking,
                    BOOKING,
                )
                for booking in self.booking_ids
            ),
            *self._prepare_exchange_sections(),
        ]
        return [section for section in sections if section["rows"]]

    def _prepare_item_sections(self):
        """The other side: items it is booked on, or might be."""
        rows = self.booking_ids | self.booking_ids.browse()
        items = rows.open_item_id | self.proposal_ids.line_ids.open_item_id
        lines = rows.move_line_id | self.proposal_ids.line_ids.move_line_id
        return [
            *(
                self._prepare_section(
                    self.env._("At Moneybird: %(number)s", number=item.number),
                    item,
                    MONEYBIRD,
                )
                for item in items
            ),
            *(
                self._prepare_section(
                    self.env._("In Odoo: %(number)s", number=line.move_id.name),
                    line,
                    ODOO,
                )
                for line in lines
            ),
        ]

    def _prepare_exchange_sections(self):
        """What the services said and were told, secrets left out."""
        told = [(self.env._("Told by the source"), self.facts)] if self.facts else []
        told += [
            (
                self.env._("Exchange with Moneybird: %(item)s", item=row.item_name),
                row.exchange,
            )
            for row in self.booking_ids
            if row.exchange
        ]
        return [
            {"title": title, "rows": self._flatten(payload)} for title, payload in told
        ]

    @classmethod
    def _flatten(cls, value, name=""):
        """Turn a payload into lines of name and value.

        >>> MatchingReceipt._flatten({"a": {"b": 1}, "c": None})
        [['a.b', '1']]
        """
        if isinstance(value, dict):
            parts = value.items()
        elif isinstance(value, list):
            parts = ((str(place), part) for place, part in enumerate(value))
        else:
            return [] if value in (None, "") else [[name, str(value)]]
        return [
            row
            for key, part in parts
            for row in cls._flatten(part, f"{name}.{key}" if name else key)
        ]

    def _prepare_section(self, title, record, names):
        info = record.fields_get(names, ["string", "type", "selection"])
        rows = []
        for name in names:
            value = record[name]
            if value or value == 0 and info[name]["type"] == "monetary":
                rows.append(
                    [info[name]["string"], self._tell_value(record, name, info)]
                )
        return {"title": title, "rows": rows}

    def _tell_value(self, record, name, info):
        value, kind = record[name], info[name]["type"]
        if kind == "monetary":
            currency = record.currency_id or self.company_id.currency_id
            return currency.format(value)
        if kind == "many2one":
            return value.display_name
        if kind == "selection":
            return dict(info[name]["selection"]).get(value, value)
        if kind == "datetime":
            local = fields.Datetime.context_timestamp(self, value)
            return local.strftime("%Y-%m-%d %H:%M")
        return str(value)

    # --- Report problem -----------------------------------------------------------

    def _prepare_bundle(self):
        """Override of `_prepare_bundle` to add the other side and the connections."""
        bundle = super()._prepare_bundle()
        items = self.booking_ids.open_item_id | self.proposal_ids.line_ids.open_item_id
        lines = self.booking_ids.move_line_id | self.proposal_ids.line_ids.move_line_id
        connections = self.connection_id | items.connection_id
        bundle["receipt"].update(payer_iban=self.payer_iban, age=self.age)
        return {
            **bundle,
            "items": [item.read(MONEYBIRD)[0] for item in items]
            + [line.read(ODOO)[0] for line in lines],
            "connections": [
                {
                    "service": connection.provider,
                    "name": connection.name,
                    "environment": connection.environment,
                    "state": connection.state,
                }
                for connection in connections
            ],
            "version": self.env["ir.module.module"]
            .sudo()  # the number of our own version is no secret
            .search([("name", "=", "moneybird_reconcile")])
            .installed_version,
        }

    def _to_bundle_file(self, message=""):
        """The bundle as the bytes of a JSON file.

        :param message: what the person writes about it
        """
        bundle = {"message": message, **self._prepare_bundle()}
        text = json.dumps(bundle, indent=2, default=str, ensure_ascii=False)
        return text.encode()
