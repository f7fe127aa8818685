"""The one-time code: eight digits, written as two groups of four.

Eight and not six: with five tries a code and ten codes a day, guessing at all
accounts of an organisation of 5,000 members would open one of them within days
at six digits, and not within a year at eight (brake on wrong codes included).
"""

import re
import secrets

DIGITS = 8
GROUP = 4
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212._\u00a0\u200b]+")


def make_code() -> str:
    """Return a fresh code from the operating system's random source.

    >>> code = make_code()
    >>> len(code), code.isdigit()
    (8, True)
    """
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def normalise_code(text: object) -> str | None:
    """Return the eight digits of what a person typed or pasted, or ``None``.

    Spaces, dashes and dots are ignored; digits of other scripts are read as
    digits, because some phone keyboards produce them.

    >>> normalise_code(" 1234-5678 ")
    '12345678'
    >>> normalise_code("1234567") is None
    True
    """
    if not isinstance(text, str) or len(text) > 64:
        return None
    compact = _SEPARATORS.sub("", text)
    if len(compact) != DIGITS or not compact.isdecimal():
        return None
    return "".join(str(int(char)) for char in compact)


def format_code(code: str) -> str:
    """Return the code as people read it.

    >>> format_code("12345678")
    '1234 5678'
    """
    return " ".join(code[i : i + GROUP] for i in range(0, len(code), GROUP))
