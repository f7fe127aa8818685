"""Postal addresses: what must be there and how it is written per country."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: most lines that fit the window at the font size of our letters
MAX_LINES = 6
#: longest line that fits the window
MAX_LINE_LENGTH = 45

ZIP_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "NL": re.compile(r"[1-9]\d{3} ?[A-Z]{2}"),
        "BE": re.compile(r"[1-9]\d{3}"),
        "DE": re.compile(r"\d{5}"),
    }
)


@dataclass(frozen=True)
class PostalAddress:
    """An address as stored on a contact.

    :param country: ISO 3166-1 alpha-2, upper case
    :param country_name: the country's name, for the last line of foreign mail
    """

    name: str
    street: str
    zip: str
    city: str
    country: str
    street2: str = ""
    country_name: str = ""
    company_name: str = ""


def _clean(text: str) -> str:
    return " ".join((text or "").split())


def find_problems(address: PostalAddress) -> list[str]:
    """Codes of what is missing or wrong, empty when the address is complete.

    >>> find_problems(PostalAddress("J. Bos", "Dam 1", "1012 JS", "Amsterdam", "NL"))
    []
    >>> find_problems(PostalAddress("J. Bos", "", "1012", "Amsterdam", "NL"))
    ['STREET-MISSING', 'ZIP-FORMAT']
    """
    problems = [
        code
        for code, value in (
            ("NAME-MISSING", address.name or address.company_name),
            ("STREET-MISSING", address.street),
            ("ZIP-MISSING", address.zip),
            ("CITY-MISSING", address.city),
            ("COUNTRY-MISSING", address.country),
        )
        if not _clean(value)
    ]
    pattern = ZIP_PATTERNS.get(address.country)
    zip_code = _clean(address.zip).upper()
    if zip_code and pattern and not pattern.fullmatch(zip_code):
        problems.append("ZIP-FORMAT")
    lines = format_lines(address, "")
    if len(lines) > MAX_LINES:
        problems.append("TOO-MANY-LINES")
    if any(len(line) > MAX_LINE_LENGTH for line in lines):
        problems.append("LINE-TOO-LONG")
    return problems


def _format_town(address: PostalAddress) -> str:
    zip_code, city = _clean(address.zip).upper(), _clean(address.city)
    if address.country == "NL":
        digits = re.fullmatch(r"(\d{4}) ?([A-Z]{2})", zip_code)
        if digits:
            zip_code = f"{digits[1]} {digits[2]}"
        return f"{zip_code}  {city.upper()}".strip()
    return f"{zip_code} {city}".strip()


def format_lines(address: PostalAddress, sender_country: str) -> list[str]:
    """The lines as printed in the window.

    The country is written, in capitals, only when the letter crosses a border.

    >>> format_lines(
    ...     PostalAddress("J. Bos", "Dam 1", "1012js", "Amsterdam", "NL"), "NL")
    ['J. Bos', 'Dam 1', '1012 JS  AMSTERDAM']
    >>> format_lines(
    ...     PostalAddress("A. Maes", "Markt 2", "9000", "Gent", "BE",
    ...                   country_name="Belgium"), "NL")
    ['A. Maes', 'Markt 2', '9000 Gent', 'BELGIUM']
    """
    lines = [
        _clean(address.company_name),
        _clean(address.name),
        _clean(address.street),
        _clean(address.street2),
        _format_town(address),
    ]
    if address.country != sender_country:
        lines.append(_clean(address.country_name).upper())
    return [line for line in lines if line]


#: a house number with what follows it: "12", "12 a", "114/3", "12 bte 4"
_NUMBER = re.compile(r"(?P<street>.*\S)[ ,]+(?P<number>\d\S*(?: \S+)*)")


def get_parts(address: PostalAddress) -> dict[str, str]:
    """The address in parts of limited length, as registered post asks for them.

    >>> parts = get_parts(PostalAddress("J. Bos", "Dam 1 a", "1012 JS", "Ede", "NL"))
    >>> parts["street"], parts["number"], parts["zip"]
    ('Dam', '1 a', '1012 JS')
    """
    street = _clean(address.street)
    found = _NUMBER.fullmatch(street)
    if found and len(found["number"]) <= 10:
        street, number = found["street"], found["number"]
    else:
        number = ""
    parts = {
        "name": _clean(address.name or address.company_name)[:45],
        "street": street[:40],
        "number": number,
        "zip": _clean(address.zip)[:8],
        "city": _clean(address.city)[:25],
        "country": address.country,
    }
    return {key: text for key, text in parts.items() if text}
