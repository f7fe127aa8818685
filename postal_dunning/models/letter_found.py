import re

from odoo import api, fields, models
from odoo.fields import Domain

from .. import const

#: Our name of a letter at the service; the last part is the database's mark.
FILE_NAME = re.compile(r"^letter-\d+-(?P<key>[0-9a-f]{32})-\d+-(?P<mark>[0-9a-f]{8})\.")

#: Status of a letter that nobody will get.
NOT_GONE = {"valid", "cancelling", "cancelled", *const.CHECKING, *const.REFUSED}


class LetterFound(models.Model):
    """A letter that the printer has from us and this database does not know of.

    A database that was restored from a backup forgets which letters left since, and
    would send them once more. The printer does not forget: it is asked before letters
    are handed over. While one is found that nobody has looked at, letters wait.
    """

    _name = "letter.found"
    _description = "Letter Found at the Printer"
    _order = "id desc"
    _rec_name = "address"

    connection_id = fields.Many2one(
        "service.connection", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
    )
    pingen_ref = fields.Char("Letter at the Printer", required=True, readonly=True)
    address = fields.Char(readonly=True)
    country_code = fields.Char("Country", readonly=True)
    pages = fields.Integer(readonly=True)
    status = fields.Char("Status at the Printer", readonly=True)
    state = fields.Selection(
        [("open", "Letters wait"), ("settled", "Looked at")],
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    user_id = fields.Many2one("res.users", "Looked at by", readonly=True)

    _once = models.Constraint(
        "UNIQUE (connection_id, pingen_ref)", "This letter was found already."
    )

    @api.model
    def _get_mark(self):
        """Return what tells our letters from those of a copy of this database."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return re.sub("[^0-9a-f]", "", uuid.lower())[:8].ljust(8, "0")

    @api.model
    def _find(self, connection, client):
        """Keep the letters that left for this database and are not in it.

        Every letter is ordered after this look: below one we know there is none that
        we do not.

        :raises ProviderError: when the service does not tell
        """
        seen = self._read_newest(connection, client)
        # Others wrote down their orders before they made them: look with new eyes.
        self.env["ir.cron"]._commit_progress()
        letters = self.env["snailmail.letter"].search(
            Domain("pingen_ref", "in", [letter.id for letter, _key in seen])
            | Domain("pingen_key", "in", [key for _letter, key in seen])
        )
        refs = set(letters.mapped("pingen_ref"))
        under_way = set(letters.filtered("pingen_call").mapped("pingen_key"))
        known = set(
            self.search([("connection_id", "=", connection.id)]).mapped("pingen_ref")
        )
        values = [
            self._prepare_vals(connection, letter)
            for letter, key in seen
            if letter.id not in refs | known and key not in under_way
        ]
        found = self.create(values)
        found._ask_for_a_look()
        return found

    @api.model
    def _read_newest(self, connection, client):
        """Return our letters that left, down to one we know, with the key of each."""
        latest = self.env["snailmail.letter"].search(
            [
                ("company_id", "=", connection.company_id.id),
                ("pingen_ref", "!=", False),
            ],
            order="id desc",
            limit=200,
        )
        ends, mark, seen = set(latest.mapped("pingen_ref")), self._get_mark(), []
        for letter in client.iter_newest({}):
            if letter.id in ends:
                break
            name = FILE_NAME.match(letter.file_name)
            # One that was only ordered never leaves by itself.
            if name and name["mark"] == mark and letter.status not in NOT_GONE:
                seen.append((letter, name["key"]))
        return seen

    @api.model
    def _prepare_vals(self, connection, letter):
        return {
            "connection_id": connection.id,
            "pingen_ref": letter.id,
            "address": ", ".join(letter.address.splitlines()) or letter.id,
            "country_code": letter.country,
            "pages": letter.pages,
            "status": letter.status,
        }

    def _ask_for_a_look(self):
        """One task for the responsible of the connection, not one for each letter."""
        for connection in self.connection_id:
            connection._ask_once(connection._get_unknown_letters_task())

    # === ACTIONS === #

    def action_settle(self):
        """Button: these were looked at; when none is left, letters go on."""
        self.check_access("write")
        self.filtered(lambda found: found.state == "open").write(
            {"state": "settled", "user_id": self.env.user.id}
        )
        for connection in self.connection_id:
            if not self._is_any_open(connection):
                connection.sudo()._let_letters_go_on()
        return True

    @api.model
    def _is_any_open(self, connection):
        return bool(
            self.sudo().search_count(
                [("connection_id", "=", connection.id), ("state", "=", "open")], limit=1
            )
        )
