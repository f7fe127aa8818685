"""One's own data: download, and asking for erasure."""

import csv
import io
import json
import zipfile

from odoo.http import Controller, content_disposition, request, route

from .confirm import fresh_code_first


class OwnData(Controller):
    @route("/my/data", type="http", auth="user", website=True, sitemap=False)
    def portal_data(self, asked="", **kwargs):
        """Say what can be downloaded, and what an erasure leaves until when."""
        # Sudo: the visitor's own contact and what belongs to it.
        partner_sudo = request.env.user.partner_id.sudo()
        values = {
            "page_name": "data",
            "kept": partner_sudo._get_portal_kept(),
            "is_asked": bool(asked),
        }
        return request.render("customer_portal_otp.portal_data", values)

    @route("/my/data/download", type="http", auth="user", website=True, sitemap=False)
    @fresh_code_first("/my/data/download")
    def portal_data_download(self, **kwargs):
        """Give everything as one archive: JSON, a CSV a section, PDFs."""
        partner_sudo = request.env.user.partner_id.sudo()
        content = self._build_archive(
            partner_sudo._get_portal_data(), partner_sudo._get_portal_documents()
        )
        request.env["portal.member.event"]._record("download", partner_sudo)
        headers = [
            ("Content-Type", "application/zip"),
            ("Content-Disposition", content_disposition("my-data.zip")),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(content, headers)

    def _build_archive(self, data, documents):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            text = json.dumps(data, ensure_ascii=False, indent=1, default=str)
            archive.writestr("data.json", text)
            for section, rows in data.items():
                archive.writestr(f"{section}.csv", self._build_csv(rows))
            for name, content in documents:
                archive.writestr(f"documents/{name.replace('/', '-')}", content)
        return buffer.getvalue()

    def _build_csv(self, rows):
        buffer = io.StringIO()
        names = list(rows[0]) if rows else []
        writer = csv.DictWriter(buffer, names)
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _as_text(row[name]) for name in names})
        return buffer.getvalue()

    @route(
        "/my/data/erase",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    @fresh_code_first("/my/data")
    def portal_data_erase(self, **kwargs):
        """Ask for erasure; a person answers within a month."""
        request.env.user.partner_id._ask_erasure()
        return request.redirect("/my/data?asked=1", code=303)


def _as_text(value):
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
