"""What a visitor brings along: network address, page to return to."""

import ipaddress
import re
from urllib.parse import urlsplit

MAX_PATH = 1000
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_LOOPS = re.compile(r"^(/[A-Za-z_@]{2,12})?/(my/sign-in|web/login|web/session)(/|\?|$)")


def network_of(address: str) -> str:
    """Return the network that counts as one visitor.

    An IPv6 customer owns a whole /64, so single addresses would not limit
    anything there.

    >>> network_of("192.0.2.7")
    '192.0.2.7'
    >>> network_of("2001:db8:1:2:3:4:5:6")
    '2001:db8:1:2::'
    >>> network_of("somewhere")
    'unknown'
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return str(ip)


def local_path(value: object, default: str = "/my") -> str:
    """Return the page to go to after sign-in: a path on this site, or the default.

    Whatever a browser could read as another host is refused: schemes, ``//``,
    backslashes, control characters. Pages that sign in or out are refused too.

    >>> local_path("/my/invoices?page=2")
    '/my/invoices?page=2'
    >>> local_path("//evil.example/my")
    '/my'
    >>> local_path("https://evil.example")
    '/my'
    """
    if not isinstance(value, str) or not value.startswith("/"):
        return default
    if value.startswith("//") or len(value) > MAX_PATH or _FORBIDDEN.search(value):
        return default
    try:
        parts = urlsplit(value)
    except ValueError:
        return default
    if parts.scheme or parts.netloc or "//" in parts.path or _LOOPS.match(value):
        return default
    return value.rstrip("?")


def mask_mailbox(email: str) -> str:
    """Return an address that its owner recognises and others cannot use.

    >>> mask_mailbox("jan.jansen@example.org")
    'j…n@example.org'
    """
    name, _, host = email.rpartition("@")
    return f"{name[:1]}…{name[-1:]}@{host}"
