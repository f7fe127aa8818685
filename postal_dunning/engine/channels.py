"""Which channel a message takes: the customer's wish, the default, a fall-back."""

from __future__ import annotations

from dataclasses import dataclass, replace

EMAIL = "email"
POST = "post"
SMS = "sms"
PEPPOL = "peppol"
MANUAL = "manual"

#: where a message goes when its channel cannot be used
FALLBACKS = {
    EMAIL: (POST, MANUAL),
    POST: (EMAIL, MANUAL),
    SMS: (EMAIL, POST, MANUAL),
    PEPPOL: (EMAIL, POST, MANUAL),
    MANUAL: (),
}

NO_EMAIL = "NO-EMAIL"
EMAIL_BOUNCED = "EMAIL-BOUNCED"
EMAIL_UNPROVEN = "EMAIL-UNPROVEN"
NO_ADDRESS = "NO-ADDRESS"
POST_RETURNED = "POST-RETURNED"
POST_REFUSED = "POST-REFUSED"
POST_OFF = "POST-OFF"
NO_PHONE = "NO-PHONE"
PHONE_BLOCKED = "PHONE-BLOCKED"
SMS_FAILED = "SMS-FAILED"
SMS_NO_DOCUMENT = "SMS-NO-DOCUMENT"
NO_PEPPOL = "NO-PEPPOL"
PEPPOL_FAILED = "PEPPOL-FAILED"


@dataclass(frozen=True)
class Reach:
    """How somebody can be reached, as codes of what stands in the way."""

    email_problem: str = ""
    post_problem: str = ""
    sms_problem: str = ""
    peppol_problem: str = ""

    def get_problem(self, channel: str) -> str:
        return str(getattr(self, f"{channel}_problem", ""))

    def for_document(self) -> Reach:
        """For messages that are a document: an invoice, a formal notice.

        A text on a telephone carries no document and proves no reception.

        >>> Reach().for_document().sms_problem
        'SMS-NO-DOCUMENT'
        """
        return replace(self, sms_problem=self.sms_problem or SMS_NO_DOCUMENT)


@dataclass(frozen=True)
class Choice:
    """The channel taken, where the wish came from and why it was left."""

    channel: str
    origin: str  # "step", "customer" or "type"
    wanted: str
    problem: str = ""


def choose(step: str, customer: str, default: str, reach: Reach) -> Choice:
    """Pick the channel of one message.

    The customer's preference overrides the default of the communication type
    (acceptance row Z4); a step that a person does by hand stays by hand.

    >>> choose("", "post", "email", Reach()).channel
    'post'
    >>> choose("manual", "post", "email", Reach()).channel
    'manual'
    >>> choose("", "", "post", Reach(post_problem="NO-ADDRESS"))
    Choice(channel='email', origin='type', wanted='post', problem='NO-ADDRESS')
    >>> choose("", "sms", "email", Reach(sms_problem="NO-PHONE")).channel
    'email'
    """
    if step == MANUAL:
        wanted, origin = MANUAL, "step"
    elif customer:
        wanted, origin = customer, "customer"
    elif step:
        wanted, origin = step, "step"
    else:
        wanted, origin = default or EMAIL, "type"
    problem = reach.get_problem(wanted)
    if not problem:
        return Choice(wanted, origin, wanted)
    for other in FALLBACKS[wanted]:
        if not reach.get_problem(other):
            return Choice(other, origin, wanted, problem)
    return Choice(MANUAL, origin, wanted, problem)
