"""The life of a letter: which status follows which, and the event that tells it.

The vendor declares ``status`` as a plain string and publishes no diagram; the order
here is the one its clients and a captured life show.
"""

from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Step:
    """One step of a letter after it was sent.

    :ivar str status: the status it enters
    :ivar int after: seconds it takes from the status before, in real life
    :ivar str code: code of the event
    """

    status: str
    after: int
    code: str


COURSE = (
    Step("submitted", 0, "submitted"),
    Step("transferring", 5 * MINUTE, "transferred_to_printcenter"),
    Step("accepted", 10 * MINUTE, "accepted"),
    Step("processing", HOUR, "processing"),
    Step("printing", 2 * HOUR, "initiated_sending"),
    Step("sent", 3 * HOUR, "transferred_to_distributor"),
    Step("delivered", 2 * DAY, "delivered"),
)
COURSE_STATUSES = tuple(step.status for step in COURSE)
TRACKED_PRODUCTS = ("postag_registered", "postag_aplus")

DELETABLE = ("valid", "invalid", "unprintable", "action_required", "cancelled",
             "validating", "rejected", "expired")  # fmt: skip
CANCELLABLE = ("submitted", "inspection", "awaiting_credits", "transferring",
               "accepted", "processing")  # fmt: skip

EVENTS = {
    "created": ("Created", "Pingen"),
    "file_not_found": ("File not found", "Pingen"),
    "file_not_readable": ("File not readable", "Pingen"),
    "file_not_a4_portrait": ("Pages are not A4 portrait", "Pingen"),
    "file_too_many_pages": ("Too many pages", "Pingen"),
    "file_size_over_limit": ("File too large", "Pingen"),
    "invalid_pdf_binary_content": ("File is not a PDF", "Pingen"),
    "content_passed_inspection": ("Content passed inspection", "Pingen"),
    "content_failed_inspection": ("Content failed inspection", "Pingen"),
    "address_position_changed": ("Address position changed", "Pingen"),
    "submitted": ("Submitted", "Pingen"),
    "auto_submitted": ("Submitted automatically", "Pingen"),
    "waiting_for_funds": ("Waiting for credits", "Pingen"),
    "waiting_for_funds_expired": ("Credits did not arrive", "Pingen"),
    "unable_to_find_delivery_product": ("No delivery product", "Pingen"),
    "transferred_to_printcenter": ("Handed to print centre", "Pingen"),
    "accepted": ("Accepted by print centre", "Printcenter"),
    "processing": ("Being processed", "Printcenter"),
    "initiated_sending": ("Being printed", "Printcenter"),
    "rejected_from_printcenter": ("Rejected by print centre", "Printcenter"),
    "transferred_to_distributor": ("Handed to distributor", "Printcenter"),
    "delivered": ("Delivered", "PostNL"),
    "undeliverable": ("Undeliverable", "PostNL"),
    "cancellation_requested": ("Cancellation requested", "Pingen"),
    "cancellation_completed": ("Cancelled", "Pingen"),
    "cancellation_rejected": ("Cancellation refused", "Printcenter"),
}
STATUS_EVENTS = {
    **{step.status: step.code for step in COURSE},
    "inspection": "content_passed_inspection",
    "undeliverable": "undeliverable",
    "rejected": "rejected_from_printcenter",
    "cancelled": "cancellation_completed",
    "expired": "waiting_for_funds_expired",
    "action_required": "content_failed_inspection",
}
ISSUE_STATUSES = ("action_required", "invalid", "unprintable", "awaiting_credits",
                  "rejected", "expired")  # fmt: skip
CATEGORIES = ("issues", "sent", "undeliverable", "delivered", "channel_subscriptions")


def next_step(status, product):
    """The step that follows by itself, or None at the end of the course.

    Plain post is not tracked: it ends at ``sent``.

    >>> next_step("printing", "nlpost_priority").status
    'sent'
    >>> next_step("sent", "nlpost_priority") is None
    True
    """
    if status not in COURSE_STATUSES[:-1]:
        return None
    step = COURSE[COURSE_STATUSES.index(status) + 1]
    if step.status == "delivered" and product not in TRACKED_PRODUCTS:
        return None
    return step


def category_of(status):
    """Webhook category that tells of this status, or None.

    >>> category_of("sent"), category_of("action_required"), category_of("printing")
    ('sent', 'issues', None)
    """
    if status in ISSUE_STATUSES:
        return "issues"
    return status if status in CATEGORIES else None


def abilities(letter):
    """What may be done with a letter now: ``ok`` or a reason code, by ability.

    :param dict letter: with ``status`` and ``has_file``
    """
    status = letter["status"]
    editable = status in ("valid", "action_required", "invalid", "unprintable")

    def when(condition, reason="state"):
        return "ok" if condition else reason

    return {
        "cancel": when(status in CANCELLABLE),
        "delete": when(status in DELETABLE),
        "submit": when(status == "valid"),
        "send-simplex": when(status == "valid"),
        "edit": when(editable),
        "get-pdf-raw": when(letter.get("has_file"), "not_found"),
        "get-pdf-validation": when(letter.get("has_file"), "not_found"),
        "change-paper-type": when(status == "valid"),
        "change-window-position": when(editable),
        "create-coverpage": when(status == "action_required"),
        "fix-overwrite-restricted-areas": when(status == "action_required"),
        "fix-coverpage": when(status == "action_required"),
        "fix-country": when(status == "action_required"),
        "fix-regular-paper": when(status == "action_required"),
        "fix-address": when(status == "action_required"),
    }
