"""The letter desk: takes letters in, checks them, sends them, moves them on.

Each letter is an object ``letters`` in the book, its file a private object ``_file``.
``due`` on a letter is the epoch at which it moves on by itself (kept in ``_due`` too,
to be found quickly), ``then`` what happens: ``validate``, ``step`` or ``cancelled``.
Moving is done by :meth:`Desk.tick`, which may be called at any time, and often.
"""

import base64
import uuid

from ..clock import CLOCK
from . import checks, pdf, prices, states
from .errors import ApiError
from .resources import iso

VALIDATION_DELAY = 0.3
CANCEL_DELAY = 0.3


class Desk:
    """All about letters of one book.

    :param Book book: where everything is kept
    :param callable announce: called with (letter, event, category) for each
        event that a webhook may tell
    """

    def __init__(self, book, announce):
        self.book = book
        self.announce = announce

    # === FILES === #

    def store_file(self, content, content_type):
        """Keep a file. :return: its key"""
        key = str(uuid.uuid4())
        text = base64.b64encode(content).decode()
        self.book.put("_file", {"id": key, "content": text, "type": content_type})
        return key

    def file_of(self, letter):
        """The letter's file, or None.

        :rtype: bytes
        """
        stored = self.book.get("_file", letter.get("file"))
        return base64.b64decode(stored["content"]) if stored else None

    # === TAKING IN === #

    def create(self, organisation, attributes, file_key, source="api"):
        """A new letter, still to be validated.

        :param dict attributes: checked attributes of the request
        :param str file_key: key of the stored file, None when nothing was uploaded
        """
        now = iso(CLOCK.now())
        names = ("file_original_name", "address_position", "auto_send", "print_mode",
                 "delivery_product", "print_spectrum", "sender_address")  # fmt: skip
        letter = {
            **{name: attributes.get(name) for name in names},
            "id": str(uuid.uuid4()),
            "organisation": organisation["id"],
            "status": "validating",
            "meta_data": attributes.get("meta_data"),
            "file": file_key,
            "has_file": file_key is not None,
            "file_pages": None,
            "address": None,
            "country": organisation["default_country"],
            "price_currency": organisation["billing_currency"],
            "price_value": None,
            "paper_types": None,
            "fonts": None,
            "source": source,
            "tracking_number": None,
            "submitted_at": None,
            "created_at": now,
            "updated_at": now,
            "events_count": 0,
            "charged": 0,
            "then": "validate",
            "due": self._later(self.book.setting("validation_delay", VALIDATION_DELAY)),
        }
        self.event(letter, "created")
        return letter

    def validate(self, letter):
        """Look at the file and decide what the letter is worth."""
        letter.update(due=None, then=None)
        content = self.file_of(letter)
        if content is None:
            letter["status"] = "invalid"
            return self.event(letter, "file_not_found", reason="No file was uploaded.")
        seen = pdf.inspect(content, letter["address_position"], letter["country"])
        letter.update(
            status=seen.status,
            file_pages=seen.pages,
            fonts=seen.fonts,
            address=seen.address,
            country=seen.country,
            paper_types=["normal"] * seen.pages,
        )
        recipient = (letter["meta_data"] or {}).get("recipient")
        if recipient:
            letter.update(address=_printed(recipient), country=recipient["country"])
        self._set_price(letter)
        for problem in seen.problems:
            self.event(letter, problem.code, reason=problem.reason, silent=True)
        if seen.problems:
            words = " ".join(problem.reason for problem in seen.problems)
            return self._tell_last(letter, words)
        self.event(letter, "content_passed_inspection")
        if letter["auto_send"]:
            self._submit(letter, "auto_submitted")
        return letter

    def _tell_last(self, letter, words):
        events = self.events_of(letter)
        self.announce(letter, {**events[-1], "reason": words}, "issues")
        return letter

    # === ORDERS OF THE CUSTOMER === #

    def change(self, letter, attributes):
        """Other papers for a letter that was not sent yet."""
        if letter["status"] != "valid":
            raise self._refuse(letter, "edited")
        papers = attributes.get("paper_types")
        known = isinstance(papers, list) and set(papers) <= set(prices.PAPER_TYPES)
        if not known or len(papers) != letter["file_pages"]:
            words = "One known paper type per page is needed."
            raise ApiError.of_fields([(f"{checks.POINTER}paper_types", words)])
        letter["paper_types"] = papers
        self._set_price(letter)
        return self.save(letter)

    def send(self, letter, attributes):
        """Send a valid letter off; it costs money from here on."""
        if letter["status"] != "valid":
            raise self._refuse(letter, "sent")
        product = prices.concrete_product(
            attributes["delivery_product"], letter["country"]
        )
        if product is None:
            raise ApiError(
                422,
                "unable_to_find_delivery_product",
                f"{attributes['delivery_product']} does not go to {letter['country']}.",
                f"{checks.POINTER}delivery_product",
            )
        for name in ("print_mode", "print_spectrum"):
            letter[name] = attributes[name]
        letter["delivery_product"] = product
        if attributes.get("meta_data"):
            letter["meta_data"] = attributes["meta_data"]
        self._submit(letter, "submitted")
        return letter

    def cancel(self, letter):
        """Ask for the letter back; done a moment later."""
        if letter["status"] not in states.CANCELLABLE:
            raise self._refuse(letter, "cancelled")
        delay = self.book.setting("cancel_delay", CANCEL_DELAY)
        letter.update(status="cancelling", then="cancelled", due=self._later(delay))
        self.event(letter, "cancellation_requested")

    def delete(self, letter):
        """Remove a letter that is not under way."""
        if letter["status"] not in states.DELETABLE:
            raise self._refuse(letter, "deleted")
        self.book.remove("letters", letter["id"])
        self.book.remove("_due", letter["id"])
        for event in self.events_of(letter):
            self.book.remove("events", event["id"])

    def _refuse(self, letter, done):
        words = f"A letter in status {letter['status']} cannot be {done}."
        return ApiError(409, "letter_status", words, "/data/attributes/status")

    def _submit(self, letter, code):
        product = prices.concrete_product(letter["delivery_product"], letter["country"])
        if product is None:
            letter["status"] = "action_required"
            reason = "No delivery product for this country."
            self.event(letter, "unable_to_find_delivery_product", reason=reason)
            return
        letter["delivery_product"] = product
        self._set_price(letter)
        letter["submitted_at"] = iso(CLOCK.now())
        if not self._charge(letter):
            letter.update(status="awaiting_credits", due=None, then=None)
            reason = "The balance does not cover the price."
            self.event(letter, "waiting_for_funds", reason=reason)
            return
        letter["status"] = "submitted"
        self._plan_step(letter)
        self.event(letter, code)

    # === MONEY === #

    def _set_price(self, letter):
        product = prices.concrete_product(
            letter["delivery_product"] or "cheap", letter["country"]
        )
        if product is None or not letter["paper_types"]:
            return
        amount = prices.price(
            product,
            letter["paper_types"],
            letter["print_mode"] or "simplex",
            letter["print_spectrum"] or "grayscale",
        )
        letter["price_value"] = float(amount)

    def _charge(self, letter):
        owner = self.book.get("organisations", letter["organisation"])
        left = round(owner["billing_balance"] - letter["price_value"], 2)
        if left < 0:
            owner["missing_credits"] = -left
            self.book.put("organisations", owner)
            return False
        owner.update(billing_balance=left, missing_credits=0)
        self.book.put("organisations", owner)
        letter["charged"] = letter["price_value"]
        return True

    def _give_back(self, letter):
        owner = self.book.get("organisations", letter["organisation"])
        balance = owner["billing_balance"] + letter["charged"]
        owner["billing_balance"] = round(balance, 2)
        self.book.put("organisations", owner)
        letter["charged"] = 0

    def add_credits(self, organisation, amount):
        """Money on the account; letters that waited for it go on."""
        organisation["billing_balance"] += amount
        self.book.put("organisations", organisation)
        waiting = self.book.all(
            "letters", organisation=organisation["id"], status="awaiting_credits"
        )
        for letter in waiting:
            self._submit(letter, "submitted")

    # === MOVING ON === #

    def tick(self):
        """Do all that is due; a letter may take several steps at once."""
        while due := self._due():
            for key in due:
                self._move(self.book.get("letters", key))

    def _due(self):
        rows = self.book.execute(
            "SELECT id FROM objects WHERE kind = '_due' "
            "AND json_extract(data, '$.at') <= ? ORDER BY seq",
            CLOCK.now().timestamp(),
        )
        return [row["id"] for row in rows]

    def _move(self, letter):
        if letter["then"] == "validate":
            self.validate(letter)
        elif letter["then"] == "cancelled":
            letter.update(status="cancelled", due=None, then=None)
            self._give_back(letter)
            self.event(letter, "cancellation_completed")
        else:
            step = states.next_step(letter["status"], letter["delivery_product"])
            self.enter(letter, step.status, since=letter["due"])

    def enter(self, letter, status, reason=None, corrected_address=None, since=None):
        """Put a letter into a status, as post and print shop would report it.

        :param float since: epoch from which the next step counts, default now
        """
        letter["status"] = status
        if status in ("sent", "delivered") and not letter["tracking_number"]:
            if letter["delivery_product"] in states.TRACKED_PRODUCTS:
                letter["tracking_number"] = f"RR{uuid.uuid4().int % 10**9:09d}CH"
        if status in ("cancelled", "rejected") and letter["charged"]:
            self._give_back(letter)
        self._plan_step(letter, since)
        code = states.STATUS_EVENTS.get(status, status)
        self.event(letter, code, reason=reason, corrected_address=corrected_address)

    def _plan_step(self, letter, since=None):
        step = states.next_step(letter["status"], letter["delivery_product"])
        if step is None:
            letter.update(due=None, then=None)
            return
        speed = float(self.book.setting("speed", 1))
        letter.update(then="step", due=self._later(step.after / speed, since))

    @staticmethod
    def _later(seconds, since=None):
        return (since or CLOCK.now().timestamp()) + seconds

    # === EVENTS === #

    def save(self, letter):
        letter["updated_at"] = iso(CLOCK.now())
        if letter["due"] is None:
            self.book.remove("_due", letter["id"])
        else:
            self.book.put("_due", {"at": letter["due"]}, letter["id"])
        return self.book.put("letters", letter)

    def events_of(self, letter):
        return self.book.all("events", letter=letter["id"])

    def event(self, letter, code, reason=None, corrected_address=None, silent=False):
        """Write down what happened to a letter, save it, and tell who listens."""
        name, producer = states.EVENTS.get(code, (code.replace("_", " "), "Pingen"))
        now = iso(CLOCK.now())
        event = {
            "id": str(uuid.uuid4()),
            "letter": letter["id"],
            "organisation": letter["organisation"],
            "status": letter["status"],
            "code": code,
            "name": name,
            "producer": producer,
            "location": "",
            "has_image": False,
            "data": [],
            "reason": reason or name,
            "corrected_address": corrected_address,
            "emitted_at": now,
            "created_at": now,
            "updated_at": now,
        }
        self.book.put("events", event)
        letter["events_count"] = letter.get("events_count", 0) + 1
        self.save(letter)
        category = states.category_of(letter["status"])
        if category and not silent:
            self.announce(letter, event, category)
        return letter


def _printed(recipient):
    """A recipient of the request as it is printed."""
    street = f"{recipient.get('street') or ''} {recipient.get('number') or ''}".strip()
    box = recipient.get("pobox")
    town = f"{recipient['zip']} {recipient['city']}"
    lines = [recipient["name"], street or box, town]
    return "\n".join(line for line in lines if line)
