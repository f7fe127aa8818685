import base64
import gzip
import hashlib
import io

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import DEFAULT_MAX_CONTENT_LENGTH

from ..engine.bank_file import BankFileError
from ..engine.unpack import unpack
from ..words import REASONS, tell

#: what travels in a request beside the file
ENVELOPE = 64 * 2**10
#: a request has two minutes; longer files are left to a job
DIRECT_LINES = 500


class MatchingImportWizard(models.TransientModel):
    """Bring in a bank file: whole or not at all, each line once."""

    _name = "matching.import.wizard"
    _inherit = "matching.import.reader"
    _description = "Import a bank file"

    data = fields.Binary("File", required=True, attachment=False)
    filename = fields.Char()
    # A client's screen cannot work this out: its expressions know no `endswith`.
    is_table = fields.Boolean(compute="_compute_is_table")

    @api.depends("filename")
    def _compute_is_table(self):
        for wizard in self:
            name = (wizard.filename or "").lower()
            wizard.is_table = name.endswith((".csv", ".txt", ".zip", ".gz"))

    size_hint = fields.Char("Largest file", compute="_compute_size_hint")

    @api.depends_context("lang")
    def _compute_size_hint(self):
        limit = self._get_limit() // 2**20
        self.size_hint = self.env._(
            "Up to %(limit)s MB. Pack a larger file as ZIP: it is unpacked here.",
            limit=limit,
        )

    def action_import(self):
        """Read the upload, make the bank lines, match them, and show what came of it.

        All files are read and checked before the first is stored. Long ones, and those
        that come while another one is being stored, are then stored by a job.

        :raises UserError: one of its files is refused; nothing was imported
        """
        self.ensure_one()
        imports = self.env["matching.import"]
        imports.check_access("create")
        parsed = self._parse(base64.b64decode(self.data or b""))
        lines = sum(bank_file.count_lines for _vals, bank_file, _packed in parsed)
        # The user may import; statements and entries follow from it.
        imports_sudo = imports.sudo()
        is_job = lines > DIRECT_LINES or imports_sudo._is_busy(self.company_id)
        records_sudo = imports_sudo
        for vals, bank_file, packed in parsed:
            journals = self._check(bank_file)
            record_sudo = imports_sudo.create(vals)
            records_sudo |= record_sudo
            if is_job:
                record_sudo._queue(packed)
            else:
                record_sudo._store(bank_file, journals)
        return self._show(records_sudo.sudo(False))

    def _show(self, records):
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Imported bank file"),
            "res_model": "matching.import",
            "view_mode": "form",
        }
        if len(records) == 1:
            return {**action, "res_id": records.id}
        domain = [("id", "in", records.ids)]
        return {**action, "view_mode": "list,form", "domain": domain}

    def _get_limit(self):
        """Largest upload in bytes: what Odoo takes in, and it travels as base64."""
        # A setting of the database that every user is bound by.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        limit = parameters_sudo.get_param("web.max_file_upload_size")
        size = int(limit) if (limit or "").isdigit() else DEFAULT_MAX_CONTENT_LENGTH
        return max(size - ENVELOPE, 0) * 3 // 4

    def _parse(self, content):
        """Read all files of an upload.

        :return: list of (values of the import, :class:`BankFile`, the packed file)
        """
        limit = self._get_limit()
        if len(content) > limit:
            values = {"limit": limit // 2**20}
            raise UserError(tell(self.env, REASONS, "upload_too_large", values))
        name, parsed = "", []
        try:
            for name, file in unpack(io.BytesIO(content)):
                checksum, packed = self._pack(file)
                bank_file = self._read_file(file)
                vals = self._prepare_import_vals(name, checksum, bank_file)
                parsed.append((vals, bank_file, packed))
        except BankFileError as error:
            raise UserError(self._tell_refusal(name, error)) from error
        return parsed

    @staticmethod
    def _pack(file):
        """Checksum of a file, and the file as it is kept until it is stored."""
        checksum, packed = hashlib.sha256(), io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as target:
            while piece := file.read(2**16):
                checksum.update(piece)
                target.write(piece)
        file.seek(0)
        return checksum.hexdigest(), packed.getvalue()

    def _prepare_import_vals(self, name, checksum, bank_file):
        return {
            "name": name or self.filename or bank_file.identifier or bank_file.format,
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "mapping_id": self.mapping_id.id,
            "checksum": checksum,
            "format": bank_file.format,
            "user_id": self.env.user.id,
            "count_lines": bank_file.count_lines,
            "count_skipped": sum(stmt.skipped for stmt in bank_file.statements),
        }
