"""The account on its first day, the scenes that control can set, and the page."""

import secrets

from ..clock import CLOCK
from ..service import Refusal
from . import samples, states
from .resources import iso

ORGANISATION = "7d0f5b0c-3c0a-4c4e-9a5e-2f6b1d3a8e11"
USER = "c2b6c1d4-90a7-4f0e-8f35-6a1f4f6f2b90"
ASSOCIATION = "5f9a35a2-6a0b-4d7c-8b71-0d9a3c1be720"
BALANCE = 250.0


class Scenes:
    """Part of the service; needs ``book``, ``desk``, ``oauth`` and ``limits``."""

    def seed(self):
        now = iso(CLOCK.now())
        self.limits.clear()
        self.oauth.seed()
        self.book.set_setting("storage_secret", secrets.token_hex(16))
        self._organisation_put({"id": ORGANISATION, "name": "Sandbox organisation"})
        self.book.put(
            "users",
            {"id": USER, "email": "post@example.org", "first_name": "Sandbox",
             "last_name": "User", "status": "active", "language": "en-GB",
             "created_at": now, "updated_at": now},
        )  # fmt: skip

    def _organisation_put(self, values):
        now = iso(CLOCK.now())
        known = self.book.get("organisations", values["id"])
        start = {
            "association": ASSOCIATION, "status": "active", "plan": "free",
            "billing_mode": "prepaid", "billing_currency": "EUR",
            "billing_balance": BALANCE, "missing_credits": 0, "edition": "business",
            "default_country": "NL", "default_address_position": "left",
            "default_sender_address": None, "data_retention_addresses": 18,
            "data_retention_pdf": 12, "limits_monthly_letters_count": 5000,
            "limits_monthly_emails_count": 5000, "limits_monthly_ebills_count": 5000,
            "color": "#0758FF", "flags": [], "created_at": now,
        }  # fmt: skip
        record = {**(known or start), **values, "updated_at": now}
        return self.book.put("organisations", record)

    # === SCENES === #

    @property
    def scene_oauth(self):
        return self.oauth.scene

    def scene_organisation(self, values):
        """Change the organisation, or add one when an unknown ``id`` is given."""
        return self._organisation_put({"id": ORGANISATION, **values})

    def scene_credits(self, values):
        """``{"amount": 50}`` on the account, ``organisation`` if there are several."""
        key = values.get("organisation", ORGANISATION)
        owner = self._found("organisations", key)
        self.desk.add_credits(owner, values["amount"])
        return self.book.get("organisations", key)

    def scene_letter(self, values):
        """Put one letter (or a list of them) into a status.

        ``{"id", "status", "reason"?, "corrected_address"?}``
        """
        wanted = values if isinstance(values, list) else [values]
        return [self._drive(item) for item in wanted]

    def _drive(self, values):
        letter = self.book.get("letters", values["id"])
        if letter is None:
            raise Refusal(404, {"error": f"no letter {values['id']}"})
        address = values.get("corrected_address")
        self.desk.enter(letter, values["status"], values.get("reason"), address)
        return letter["id"]

    def scene_progress(self, values):
        """Take letters under way along their course: ``{"to": "sent", "ids"?: […]}``.

        Letters that are past it, or not sent yet, stay where they are.
        """
        target = states.COURSE_STATUSES.index(values["to"])
        moved = []
        for letter in self.book.all("letters"):
            if values.get("ids") and letter["id"] not in values["ids"]:
                continue
            moved += self._take_along(letter, target)
        return moved

    def _take_along(self, letter, target):
        course = states.COURSE_STATUSES
        if letter["status"] not in course or course.index(letter["status"]) >= target:
            return []
        for status in course[course.index(letter["status"]) + 1 : target + 1]:
            self.desk.enter(letter, status)
        return [letter["id"]]

    def scene_sample(self, values):
        """A letter made by hand: ``address`` (lines), ``file_original_name``,
        ``pages``, ``send`` (true = also sent off), ``organisation``.
        """
        owner = self._found("organisations", values.get("organisation", ORGANISATION))
        content = samples.letter(
            values.get("address", samples.GOOD_ADDRESS), values.get("pages", 1)
        )
        attributes = {
            "file_original_name": values.get("file_original_name", "sample.pdf"),
            "address_position": "left",
            "auto_send": bool(values.get("send")),
            "delivery_product": "cheap",
            "print_mode": "simplex",
            "print_spectrum": "grayscale",
        }
        file_key = self.desk.store_file(content, "application/pdf")
        letter = self.desk.create(owner, attributes, file_key, source="app")
        self.desk.validate(letter)
        return letter["id"]

    # === PAGE === #

    def page_context(self):
        self.tick()
        letters = self.book.all("letters", newest_first=True)
        history = {}
        for event in self.book.all("events"):
            history.setdefault(event["letter"], []).append(event)
        return {
            "letters": letters[:100],
            "total": len(letters),
            "organisations": self.book.all("organisations"),
            "hooks": self.book.all("webhooks"),
            "history": history,
            "letter_pdf": lambda letter: self.download_url(letter["file"]),
            "next_step": states.next_step,
            "under_way": (*states.COURSE_STATUSES[:-1],),
        }

    def page_action(self, action, form):
        if action == "credits":
            self.scene_credits({**form, "amount": float(form.get("amount") or 0)})
            return
        letter = self.book.get("letters", form.get("id"))
        if letter is None or action not in ("step", "undeliverable", "delivered"):
            raise Refusal(404, f"no action {action}")
        if action == "step":
            step = states.next_step(letter["status"], letter["delivery_product"])
            if step:
                self.desk.enter(letter, step.status)
        elif action == "delivered":
            self.desk.enter(letter, "delivered")
        else:
            reason = "Recipient could not be determined at the specified address."
            self.desk.enter(letter, "undeliverable", reason, _moved_to(letter))


def _moved_to(letter):
    """An address as the post office would correct it, made of the printed one."""
    lines = (letter["address"] or "").splitlines()
    return {
        "name": lines[0] if lines else "",
        "street": "Nieuwe Gracht",
        "number": "7",
        "zip": "3512 LA",
        "city": "Utrecht",
    }
