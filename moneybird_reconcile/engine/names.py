"""Compare names the way a clerk does: spelling may differ, initials may not."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

_NOISE = re.compile(
    r"\b(HR|MW|DHR|MEVR|MR|MRS|HERR|FRAU|MME|EO|EN|OF|CJ|BV|NV|GMBH|VOF|STICHTING)\b"
)
STRONG = 90
WEAK = 75


@lru_cache(maxsize=2**17)
def normalise_name(name: str) -> str:
    """Upper case, no accents, no titles, single spaces.

    >>> normalise_name("Mw. J.P. de Vriès e/o A. Bakker")
    'J P DE VRIES A BAKKER'
    """
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).upper()
    plain = plain.replace("E/O", " ")
    plain = re.sub(r"[^0-9A-Z]+", " ", plain)
    return " ".join(_NOISE.sub(" ", plain).split())


def similarity(first: str, second: str) -> int:
    """Likeness of two names, 0 to 100.

    >>> similarity("J. de Vries", "Jan de Vries") >= WEAK
    True
    >>> similarity("P. de Vries", "Jan de Vries") < WEAK
    True
    >>> similarity("Jan de Vries", "Fatima Yilmaz") < 60
    True
    """
    left, right = normalise_name(first), normalise_name(second)
    if not left or not right:
        return 0
    score = int(
        max(fuzz.token_sort_ratio(left, right), fuzz.token_set_ratio(left, right))
    )
    if score >= WEAK and _initials_clash(left.split(), right.split()):
        return WEAK - 15
    return score


def _initials_clash(left: list[str], right: list[str]) -> bool:
    """The same family name with other first letters is another person."""
    family = set(left) & set(right)
    given_left = {word[0] for word in left if word not in family}
    given_right = {word[0] for word in right if word not in family}
    return bool(given_left and given_right and not given_left & given_right)


def family_words(name: str) -> set[str]:
    """The words of a name that are long enough to look a customer up by.

    >>> sorted(family_words("Mw. J.P. de Vries"))
    ['VRIES']
    """
    return {word for word in normalise_name(name).split() if len(word) >= 4}


def normalise_iban(value: str) -> str:
    """An account number without spaces, upper case.

    >>> normalise_iban("nl91 abna 0417 1643 00")
    'NL91ABNA0417164300'
    """
    return re.sub(r"[^0-9A-Z]", "", (value or "").upper())
