"""A page turned into a picture of itself: nothing on it does anything.

For staff who look at what one member sees. The headers forbid scripts and forms as
well (see the controller); here what would only disappoint is taken away.
"""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from lxml import html

SHOWN = re.compile(
    r"^/my(/home|/account|/payment_method|/(subscriptions|invoices)(/\d+)?)?$"
)
_LANGUAGE = re.compile(r"^/(?!my/)[A-Za-z]{2,3}(_[A-Za-z@]+)?(?=/)")
_FIELDS = "//input | //button | //select | //textarea"
_SECRETS = "//input[@name='csrf_token'] | //input[@name='access_token']"


def is_shown(path: str) -> bool:
    """Whether the page only shows something of the member.

    >>> is_shown("/my/invoices/12"), is_shown("/my/subscriptions/12/cancel")
    (True, False)
    >>> is_shown("/my"), is_shown("//other.example/my"), is_shown("/my/data/download")
    (True, False, False)
    """
    return bool(SHOWN.fullmatch(path))


def freeze(text: str, here: str, banner: str) -> str:
    """Return the page without scripts, forms and ways out.

    :param text: the page as the member gets it
    :param here: address under which the pages are shown, without its query
    :param banner: HTML put on top
    """
    page = html.document_fromstring(text)
    for gone in page.xpath(f"//script | //template | //iframe | {_SECRETS}"):
        gone.drop_tree()
    for form in page.xpath("//form"):
        form.attrib.pop("action", None)
    for field in page.xpath(_FIELDS):
        field.set("disabled", "disabled")
    for link in page.xpath("//a[@href]"):
        target = _get_target(link.get("href"), here)
        if target:
            link.set("href", target)
        else:
            del link.attrib["href"]
    page.body.insert(0, html.fragment_fromstring(banner))
    return str(html.tostring(page, encoding="unicode", doctype="<!DOCTYPE html>"))


def _get_target(address: str, here: str) -> str:
    """Return the address of the same page here; empty where a link leads elsewhere.

    >>> _get_target("/nl/my/invoices?filterby=invoices", "/portal/preview/7")
    '/portal/preview/7?page=/my/invoices&filterby=invoices'
    >>> _get_target("/shop", "/portal/preview/7")
    ''
    >>> _get_target("https://other.example/my", "/portal/preview/7")
    ''
    """
    parts = urlsplit(address)
    path = _LANGUAGE.sub("", parts.path)
    if parts.netloc or parts.scheme or not is_shown(path):
        return ""
    rest = [(k, v) for k, v in parse_qsl(parts.query) if k not in ("page", "more")]
    query = urlencode(rest)
    return f"{here}?page={quote(path)}" + (f"&{query}" if query else "")
