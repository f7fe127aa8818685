from odoo import api, models

NO_SCRIPT = "postal_dunning_no_script"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def _render_letter(self, template, values):
        """A letter of ours as PDF bytes.

        The template is a whole page that needs no stylesheet from the server, so that
        every millimetre is the same wherever the letter is made.

        :param template: xml id of the QWeb template
        """
        html = self.env["ir.qweb"]._render(template, values)
        return self.with_context(**{NO_SCRIPT: True})._run_wkhtmltopdf(
            [str(html)], report_ref="postal_dunning.letter_report"
        )

    def _build_wkhtmltopdf_args(self, paperformat_id, landscape, *args, **kwargs):
        """Override of `base`: letters hold no script that would be waited for."""
        command = super()._build_wkhtmltopdf_args(
            paperformat_id, landscape, *args, **kwargs
        )
        if self.env.context.get(NO_SCRIPT) and "--javascript-delay" in command:
            command[command.index("--javascript-delay") + 1] = "0"
        return command
