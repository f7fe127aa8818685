"""Where a client may connect to."""

from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit


class HostError(ValueError):
    """The address may not be used; the text says why."""


def is_loopback(host: str) -> bool:
    """Return whether ``host`` names this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("10.0.0.1")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_base_url(url: str, *, allow_loopback: bool) -> str:
    """Return the cleaned base address ``scheme://host[:port][/prefix]``.

    :param allow_loopback: plain http to this machine is fine (tests)
    :raises HostError: not https, user names in it, a query, no host

    >>> check_base_url("https://api.example.com/", allow_loopback=False)
    'https://api.example.com'
    >>> check_base_url("http://127.0.0.1:8079/mollie", allow_loopback=True)
    'http://127.0.0.1:8079/mollie'
    >>> try:
    ...     check_base_url("http://api.example.com", allow_loopback=True)
    ... except HostError as err:
    ...     print(err)
    The address must start with https://.
    """
    try:
        parts = urlsplit(url.strip())
        host, _port = parts.hostname or "", parts.port
    except ValueError as err:
        raise HostError("The address cannot be read.") from err
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise HostError("The address is not of the form https://host/path.")
    local = allow_loopback and is_loopback(host)
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise HostError("The address must start with https://.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def join_below(base_url: str, path: str) -> str:
    """Return the full address of ``path``, never outside ``base_url``.

    ``path`` is a path, or an absolute address that a service gave us (next page).

    :raises HostError: the address leads to another host or out of the prefix

    >>> join_below("https://api.example.com/v2", "/orders?page=2")
    'https://api.example.com/v2/orders?page=2'
    >>> join_below("https://api.example.com", "https://api.example.com/next")
    'https://api.example.com/next'
    >>> try:
    ...     join_below("https://api.example.com", "https://evil.example/next")
    ... except HostError as err:
    ...     print(err)
    The address lies outside the service's own host.
    """
    if "://" in path.split("?", 1)[0]:
        url = path
    else:
        url = f"{base_url}/{path.lstrip('/')}"
    outside = HostError("The address lies outside the service's own host.")
    try:
        parts, base = urlsplit(url), urlsplit(base_url)
        same = (parts.scheme, parts.hostname, parts.port) == (
            base.scheme,
            base.hostname,
            base.port,
        )
    except ValueError as err:
        raise outside from err
    resolved = urlsplit(urljoin(url, parts.path or "/")).path
    below = resolved == base.path or resolved.startswith(f"{base.path.rstrip('/')}/")
    if not same or not below or "@" in parts.netloc or "\\" in url:
        raise outside
    if any(piece in ("..", ".") for piece in parts.path.split("/")):
        raise outside
    return url
