from odoo import fields, models


class ServiceConnection(models.Model):
    """The closed period of the administration at Moneybird, read with every sync."""

    _inherit = "service.connection"

    moneybird_locked_until = fields.Date(
        "Books closed until", readonly=True, copy=False
    )

    def _sync(self, run):
        """Override of `_sync` to know the closed period before anything is sent."""
        if self.provider == "moneybird":
            client = self._make_moneybird_client("")
            self._note_locked_period(client.list_administrations())
        return super()._sync(run)

    def _note_locked_period(self, administrations):
        """Keep until when the books are closed.

        :param administrations: rows as the API gives them
        """
        for row in administrations:
            if str(row.get("id")) == self.account_ref:
                day = str(row.get("period_locked_until") or "")[:10]
                until = fields.Date.to_date(day) if day else False
                if self.moneybird_locked_until != until:
                    self.moneybird_locked_until = until
