"""Products and their prices."""

from .shapes import money, stamp

DEFAULT_RATE = 1


class Catalogue:
    """Part of the shop; needs ``book`` and ``tax``."""

    def product(self, tenant, data, record=None):
        """A new product, or a changed one."""
        now = stamp()
        if record is None:
            number = self.book.number("product", 201)
            slug = data["title"].lower().replace(" ", "-")
            record = {
                "id": number, "_tenant": tenant, "_tags": [], "_rate": DEFAULT_RATE,
                "_amount": "0.00", "_interval": None, "public_title": data["title"],
                "description": None, "sku": None, "slug": f"{slug}-{number}",
                "ledger": None, "is_physical": False, "stock": {"is_enabled": False},
                "type": "one_off", "created_at": now, "deleted_at": None,
                "shipping": None, "trial": None,
            }  # fmt: skip
        for name in ("title", "public_title", "description", "sku", "slug", "ledger",
                     "is_physical", "stock", "type"):  # fmt: skip
            if name in data:
                record[name] = data[name]
        self._price_product(record, data)
        record["updated_at"] = now
        return self.book.put("products", record)

    def _price_product(self, record, data):
        given = data.get("pricing") or {}
        if given.get("prices"):
            first = given["prices"][0]
            record["_amount"] = money(first["regular"]["amount"])
            record["_interval"] = first.get("interval")
        rate = ((data.get("tax") or {}).get("rate") or {}).get("id")
        record["_rate"] = rate or record["_rate"]
        tax = self.tax(record["_amount"], record["_rate"])
        total = tax["amount_with_tax"]
        regular = {"amount": record["_amount"], "amount_with_tax": total}
        record["pricing"] = {
            "is_tax_included": bool(given.get("is_tax_included", False)),
            "prices": [
                {"id": record["id"], "interval": record["_interval"],
                 "nr_of_cycles": None, "regular": regular, "first": None,
                 "original": None, "tiers": [], "is_suggested": False}
            ],
        }  # fmt: skip
        record["tax"] = {"rate": tax["rate"]}
        record["tax_rates"] = [tax["rate"]]
