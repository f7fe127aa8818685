"""What goes in and comes out of asking for a code and checking it."""

from dataclasses import dataclass, field

PROVEN = "proven"
WRONG = "wrong"
CLOSED = "closed"
PAUSED = "paused"


@dataclass(frozen=True)
class Ask:
    """One visitor asks for a code.

    :ivar email: normalised address
    :ivar ip: address of the visitor, as the web server sees it
    :ivar redirect: local path to go to afterwards
    :ivar device: what the visitor uses, for the mail ("Firefox, Windows")
    :ivar old_token: the browser's token from an earlier ask; that code ends
    :ivar is_known_device: this browser signed in with this address before
    :ivar purpose: what the code is for, see ``const``
    :ivar user_id: id of the user who is signed in, 0 for a visitor
    """

    email: str
    ip: str
    lang: str
    company_id: int
    base_url: str
    redirect: str = "/my"
    device: str = ""
    old_token: str = ""
    is_known_device: bool = False
    purpose: str = "sign_in"
    user_id: int = 0


@dataclass(frozen=True)
class Asked:
    """Answer to an :class:`Ask`; ``token`` goes into the browser's cookie.

    :ivar reason: empty, or the limit that was met (see ``limits``)
    """

    token: str = ""
    reason: str = ""
    wait_minutes: int = 0


@dataclass(frozen=True)
class Proof:
    """Answer to a code: ``PROVEN``, ``WRONG``, ``CLOSED`` or ``PAUSED``."""

    outcome: str
    email: str = ""
    tries_left: int = field(default=0, compare=False)
