from odoo import fields, models


class MatchingLedgerAccount(models.Model):
    """A ledger account at Moneybird, to choose a clearing account from."""

    _name = "matching.ledger.account"
    _description = "Ledger account at Moneybird"
    _order = "name"

    connection_id = fields.Many2one(
        "service.connection",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, precompute=True
    )
    external_id = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    account_type = fields.Char(readonly=True)
    active = fields.Boolean(default=True)

    _external_uniq = models.Constraint(
        "UNIQUE (connection_id, external_id)", "This ledger account is already here."
    )

    def _sync_from(self, connection, rows):
        """Bring the list in line with Moneybird; what is gone there is archived."""
        known = {
            account.external_id: account
            for account in self.with_context(active_test=False).search(
                [("connection_id", "=", connection.id)]
            )
        }
        seen = set()
        for row in rows:
            external_id = str(row.get("id") or "")
            if not external_id:
                continue
            seen.add(external_id)
            vals = {
                "name": str(row.get("name") or external_id),
                "account_type": str(row.get("account_type") or ""),
                "active": bool(row.get("active", True)),
            }
            if external_id in known:
                known[external_id].write(vals)
            else:
                vals.update(connection_id=connection.id, external_id=external_id)
                self.create(vals)
        gone = [account.id for key, account in known.items() if key not in seen]
        self.browse(gone).active = False
