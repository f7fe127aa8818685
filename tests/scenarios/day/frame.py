"""What a step of the day works with."""

import dataclasses
import functools

from tests.sandbox.client import SandboxClient

from .client import OdooClient, OdooError, WebVisitor

CRON_TRIES = 60


class StepFailed(RuntimeError):
    """Something the day promises did not happen; the text says what."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table that the day prints."""

    step: str
    what: str
    result: str
    link: str = ""
    ok: bool = True


class Day:
    """The running product and the people who use it.

    :param str odoo_url: where Odoo answers, without a slash at the end
    :param str db: its database
    :param str sandbox_url: where the five services answer
    """

    def __init__(self, odoo_url, db, sandbox_url):
        self.odoo_url = odoo_url.rstrip("/")
        self.db = db
        self.sandbox_url = sandbox_url.rstrip("/")
        self.sandbox = SandboxClient(self.sandbox_url)
        self.rows = []
        self.step = ""

    @functools.cached_property
    def admin(self):
        """The administrator's client."""
        return OdooClient(self.odoo_url, self.db, "admin", "admin")

    @functools.cached_property
    def staff(self):
        """The client of Sanne, who does the office work."""
        return OdooClient(self.odoo_url, self.db, "staff", "staff")

    def visitor(self):
        """Return a new anonymous browser on the website."""
        return WebVisitor(self.odoo_url)

    def row(self, what, result, link="", ok=True):
        """Add a line to the table."""
        self.rows.append(Row(self.step, what, result, link, ok))

    def check(self, condition, expected):
        """Stop the step unless ``condition`` holds.

        :raises StepFailed: with ``expected`` as its text
        """
        if not condition:
            raise StepFailed(expected)

    def link(self, model, res_id):
        """Return the address of a record in the Odoo client."""
        return f"{self.odoo_url}/odoo/{model}/{res_id}"

    def member(self, code):
        """Return the club member with the number ``code`` (``M001`` … ``M040``)."""
        fields = ["name", "email", "user_ids", "lang"]
        found = self.admin.search_read(
            "res.partner", [("ref", "=", code)], fields, limit=1
        )
        self.check(found, f"member {code} is in the database")
        return found[0]

    def connected(self, what, card, label):
        """Press *Test connection* on a service's card and add its line to the table.

        :raises StepFailed: with the words that the button shows
        """
        action = self.admin.button(
            "service.connection", "action_test_connection", card["id"]
        )
        told = action["params"]
        self.check(told["type"] == "success", told["message"])
        self.row(what, label, self.link("service.connection", card["id"]))

    def run_cron(self, xmlid):
        """Press *Run Manually* on a scheduled action.

        Odoo's own scheduler may hold the row at that moment; the button then says so
        and is pressed again, as a person would.
        """
        cron_id = self.admin.ref(xmlid)
        for attempt in range(1, CRON_TRIES + 1):
            try:
                return self.admin.button("ir.cron", "method_direct_trigger", cron_id)
            except OdooError as error:
                if "already executing" not in str(error) or attempt == CRON_TRIES:
                    raise
                self._pause()
        return None

    def wait_until(self, condition, expected, seconds=30):
        """Ask ``condition()`` until it is true.

        :return: what ``condition`` returned
        :raises StepFailed: after ``seconds``
        """
        for _turn in range(seconds * 2):
            if found := condition():
                return found
            self._pause()
        raise StepFailed(expected)

    @staticmethod
    def _pause(seconds=0.5):
        import time

        time.sleep(seconds)
