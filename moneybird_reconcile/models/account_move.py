from contextlib import contextmanager

from odoo import api, models

FORMATS = "matching.number_formats"
#: what core writes again while it makes a bank line
EMPTIED = ("name", "narration")
LINKED = "matching.linked_moves"


class AccountMove(models.Model):
    """Make the entries of many bank lines without writing each to the database alone.

    Core reads the last number of the journal before each entry, which writes all that
    waits to the database first: much of the time of a batch. Within a batch the format
    of a journal's numbers in one month is the same, and core itself counts on in memory
    once it holds the lock of the first number.
    """

    _inherit = "account.move"

    @contextmanager
    def _numbering_in_bulk(self):
        """Remember number formats while entries without invoices are made."""
        data = self.env.cr.precommit.data
        data[FORMATS] = {}
        data[LINKED] = []
        try:
            yield
        finally:
            data.pop(FORMATS, None)
            data.pop(LINKED, None)

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `create`: the entry of a bank line has the line's customer.

        Core writes it on each entry afterwards, when it brings line and entry in step.
        """
        if FORMATS in self.env.cr.precommit.data:
            vals_list = [
                {"partner_id": vals["line_ids"][0][2].get("partner_id"), **vals}
                if vals.get("line_ids")
                else vals
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        """Override of `write`: within a batch nothing is written that stays as it is.

        Core empties the name of each entry that it has just made without one, and all
        that hangs on names is worked out again for it. That each has its bank line is
        set at once; what follows from it is worked out for all in `_post`.
        """
        if FORMATS in self.env.cr.precommit.data and len(self) == 1 and not self.name:
            vals = {
                field: value
                for field, value in vals.items()
                if field not in EMPTIED or (value or False) != (self[field] or False)
            }
            if vals.keys() == {"statement_line_id"}:
                self._link_quietly(vals["statement_line_id"])
                return True
        return super().write(vals)

    def _link_quietly(self, st_line_id):
        """Give a new entry its bank line, which was made with it a moment ago."""
        self._fields["statement_line_id"].write(self, st_line_id)
        self._fields["is_manually_modified"].write(self, True)
        self.env.cr.precommit.data[LINKED] += self.ids

    def _post(self, soft=True):
        """Override of `_post`: within a batch what is common is read and done once."""
        linked_ids = self.env.cr.precommit.data.get(LINKED)
        if linked_ids:
            linked = self.browse(linked_ids)
            linked_ids.clear()
            linked.modified(["statement_line_id", "is_manually_modified"])
            linked.line_ids.fetch(["tax_ids"])
        return super()._post(soft)

    def _get_next_sequence_format(self):
        """Override of `_get_next_sequence_format` to remember it within a batch."""
        formats = self.env.cr.precommit.data.get(FORMATS)
        if formats is None or self.move_type != "entry":
            return super()._get_next_sequence_format()
        key = (self.journal_id.id, self.date.year, self.date.month)
        if key not in formats:
            formats[key] = super()._get_next_sequence_format()
        template, values = formats[key]
        return template, dict(values)
