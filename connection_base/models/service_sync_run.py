from odoo import api, fields, models

from ..exceptions import TemporaryError


class ServiceSyncRun(models.Model):
    """One run of a sync or import: how far it is, what failed, where to go on.

    A run is "running" until it is finished, also while nobody works on it: a process
    that was killed leaves it so, and the next one goes on at ``cursor``.
    """

    _name = "service.sync.run"
    _description = "Sync Run"
    _order = "id desc"

    connection_id = fields.Many2one(
        "service.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
    )
    provider = fields.Selection(related="connection_id.provider")
    kind = fields.Char("Kind Code", required=True, readonly=True)
    kind_label = fields.Char("Kind", compute="_compute_kind_label")
    state = fields.Selection(
        [
            ("running", "Running"),
            ("done", "Done"),
            ("failures", "Done with failures"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="running",
        index=True,
    )
    date_start = fields.Datetime(
        "Started", readonly=True, default=lambda self: fields.Datetime.now()
    )
    date_end = fields.Datetime("Ended", readonly=True)
    total = fields.Integer(readonly=True)
    done = fields.Integer(readonly=True)
    progress = fields.Float(compute="_compute_progress")
    cursor = fields.Json(readonly=True)
    counts = fields.Json("Counts by Name", readonly=True)
    counts_text = fields.Char("Counts", compute="_compute_counts_text")
    summary = fields.Char(readonly=True)
    notify = fields.Boolean("Mail When Finished", readonly=True)
    failure_ids = fields.One2many("service.sync.failure", "run_id", readonly=True)
    failure_count = fields.Integer("Failures", compute="_compute_failure_count")

    @api.depends("kind", "connection_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            run.display_name = f"{run.connection_id.name}: {run._kind_label()}"

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_kind_label(self):
        for run in self:
            run.kind_label = run._kind_label()

    @api.depends("done", "total", "state")
    def _compute_progress(self):
        for run in self:
            if run.state in ("done", "failures"):
                run.progress = 100.0
            else:
                run.progress = (
                    min(100.0 * run.done / run.total, 100.0) if run.total else 0.0
                )

    @api.depends("counts")
    @api.depends_context("lang")
    def _compute_counts_text(self):
        for run in self:
            run.counts_text = run._counts_words()

    def _counts_words(self) -> str:
        return ", ".join(
            f"{self._count_label(key)} {value}"
            for key, value in (self.counts or {}).items()
        )

    @api.depends("failure_ids")
    def _compute_failure_count(self):
        groups = self.env["service.sync.failure"]._read_group(
            [("run_id", "in", self.ids)], ["run_id"], ["__count"]
        )
        counts = {run.id: count for run, count in groups}
        for run in self:
            run.failure_count = counts.get(run.id, 0)

    def _kind_label(self) -> str:
        """Return the word for the kind; addons extend it for their own kinds."""
        labels = {"sync": self.env._("Sync"), "import": self.env._("Import")}
        return labels.get(self.kind, (self.kind or "").replace("_", " ").capitalize())

    def _state_label(self) -> str:
        """Return the word for the state in the reader's language."""
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _count_label(self, key: str) -> str:
        """Return the word for a count; addons extend it for their own counts."""
        labels = {
            "imported": self.env._("Imported"),
            "updated": self.env._("Updated"),
            "skipped": self.env._("Skipped"),
        }
        return labels.get(key, key.replace("_", " ").capitalize())

    # --- For the addons -----------------------------------------------------------

    def _progress(self, done=0, counts=None, cursor=None, total=None) -> float:
        """Note how far the run is; inside the cron also put it on disk.

        :param done: how many records more
        :param counts: numbers to add by name, e.g. ``{"imported": 3}``
        :param cursor: where to go on (anything JSON can hold)
        :param total: how many there are in all
        :returns: seconds left; 0.0 = stop now and return, the run goes on later
        """
        self.ensure_one()
        run_sudo = self.sudo()  # people who see runs do not write them
        values = {"done": self.done + done}
        if counts:
            merged = dict(self.counts or {})
            for key, number in counts.items():
                merged[key] = merged.get(key, 0) + number
            values["counts"] = merged
        if cursor is not None:
            values["cursor"] = cursor
        if total is not None:
            values["total"] = total
        run_sudo.write(values)
        left = self.connection_id.with_context(**self.env.context)._keep_and_lock()
        signal = self.env.context.get("connection_run_signal")
        if not left and signal is not None:
            signal["stopped"] = True
        return left

    def _fail(self, name: str, message: str, record=None):
        """Note one record that did not work; the run goes on.

        :param name: what people call it, e.g. an order number
        :param message: why, in words
        :param record: the record to link to
        """
        self.ensure_one()
        return (
            self.env["service.sync.failure"]
            .sudo()
            .create(
                {
                    "run_id": self.id,
                    "name": name,
                    "message": message,
                    "res_model": record._name if record else False,
                    "res_id": record.id if record else False,
                }
            )
        )

    def _finish(self, summary: str | None = None):
        """End the run; mail the responsible person when that was asked, or when
        records failed that did not fail in the run before."""
        self.ensure_one()
        failed = bool(self.failure_count)
        self.sudo().write(
            {
                "state": "failures" if failed else "done",
                "date_end": fields.Datetime.now(),
                "total": max(self.total, self.done),
                "summary": summary or self._default_summary(),
            }
        )
        if self.notify or (failed and self._is_first_with_failures()):
            self._send_mail()

    def _default_summary(self) -> str:
        run = self.with_context(lang=self.connection_id._in_language().env.lang)
        return run._counts_words() or run.env._("Nothing new.")

    # --- Inside -------------------------------------------------------------------

    def _is_first_with_failures(self) -> bool:
        before = self.search(
            [
                ("connection_id", "=", self.connection_id.id),
                ("kind", "=", self.kind),
                ("id", "<", self.id),
            ],
            limit=1,
        )
        return before.state != "failures"

    def _send_mail(self):
        if not self.connection_id.responsible_id.email:
            return
        template = self.env.ref("connection_base.mail_template_run_finished")
        template.sudo().send_mail(self.id)

    def _note_error(self, err: Exception):
        """Note why the work stopped; a passing trouble leaves the run to be resumed."""
        for run in self.sudo():
            words = run.connection_id._in_language()._words(err)
            if isinstance(err, TemporaryError):
                run.summary = words
                continue
            run.write(
                {
                    "state": "failed",
                    "date_end": fields.Datetime.now(),
                    "summary": words,
                }
            )
            if run.notify:
                run._send_mail()

    def _stop(self):
        """End runs because the service is disconnected."""
        self.sudo().write(
            {
                "state": "failed",
                "date_end": fields.Datetime.now(),
                "summary": self.env._("The service was disconnected."),
            }
        )

    def action_view_failures(self):
        """Open the list of what failed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Failures"),
            "res_model": "service.sync.failure",
            "view_mode": "list",
            "domain": [("run_id", "=", self.id)],
        }
