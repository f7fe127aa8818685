from lxml import etree

from odoo import SUPERUSER_ID, api, models
from odoo.tools import file_path


class MailTemplate(models.Model):
    _inherit = "mail.template"

    @api.model
    def _renew_untouched(self, module):
        """Bring templates up to the files of their addon, unless a person changed them.

        Called by data of an addon with each update. Odoo keeps templates as they were
        installed (``noupdate``), so that nobody's words are lost; those that nobody
        touched would keep an old text for ever. *Reset Template* stays the way back for
        the others.

        :param module: technical name of the addon that brought them
        """
        known = self.env["ir.model.data"].search(
            [("module", "=", module), ("model", "=", self._name)]
        )
        templates = self.with_context(active_test=False).search(
            [
                ("id", "in", known.mapped("res_id")),
                # Whoever changes one, or a translation of it, leaves a name.
                ("write_uid", "=", SUPERUSER_ID),
                ("template_fs", "!=", False),
                # One that is installed by this very transaction is new already.
                ("create_date", "<", self.env.cr.now()),
            ]
        )
        templates = templates.filtered(lambda one: one._is_in_its_file())
        templates.reset_template()
        return templates

    def _is_in_its_file(self):
        """Whether the file it came from still brings it: it may have moved since."""
        self.ensure_one()
        xmlid = self.get_external_id()[self.id]
        try:
            path = file_path(self.template_fs)
        except FileNotFoundError:
            return False
        records = etree.parse(path).iter("record")
        return any(one.get("id") in (xmlid, xmlid.split(".")[1]) for one in records)
