"""Find and check the references that people and banks write on a payment.

Sources: ISO 11649 (RF creditor reference, check digits ISO 7064 MOD 97-10), the Belgian
structured communication (ten digits and their remainder by 97), the Dutch
betalingskenmerk (eleven-test over at most sixteen digits).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

KIND_RF = "rf"
KIND_BELGIAN = "be"
KIND_DUTCH = "nl"

_RF_START = re.compile(r"RF\d{2}", re.IGNORECASE)
_BELGIAN = re.compile(r"(?<![0-9])(\d{3})[ /]?(\d{4})[ /]?(\d{5})(?![0-9])")
_DIGITS = re.compile(r"(?<![0-9A-Za-z])\d(?:[ .]?\d){8,15}(?![0-9A-Za-z])")
_MISTYPED = re.compile(r"(?<=[0-9])[OI]{1,4}(?=[0-9])|(?<=[/ .-])[OI]{1,4}(?=[0-9])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_DATE_OR_AMOUNT = re.compile(
    r"\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{2}|\d{4})\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b\d{1,6}[.,]\d{2}\b"
)
_NUMBER = re.compile(r"\d+(?:[-/.]\d+)*")
_DIGIT = re.compile(r"[0-9]")
_RUNS = re.compile(r"[A-Z]+|[0-9]+")
_DUTCH_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
_DUTCH_LENGTHS = (9, 10, 11, 12, 13, 14, 16)
MAX_TEXT = 2000
MAX_JOIN = 6
MIN_DIGITS = 4
CACHE = 2**18


@dataclass(frozen=True)
class Reference:
    """A structured reference whose check digit is right.

    :param kind: ``rf``, ``be`` or ``nl``
    :param value: without spaces and ornaments, upper case
    """

    kind: str
    value: str


def is_rf(value: str) -> bool:
    """Tell whether the text is an RF reference with right check digits.

    >>> is_rf("RF18 5390 0754 7034"), is_rf("RF19539007547034"), is_rf("RF18")
    (True, False, False)
    """
    text = re.sub(r"\s", "", value).upper()
    if not re.fullmatch(r"RF\d{2}[0-9A-Z]{1,21}", text):
        return False
    number = "".join(str(int(char, 36)) for char in text[4:] + text[:4])
    return int(number) % 97 == 1


def is_belgian(value: str) -> bool:
    """Tell whether the text is a Belgian structured communication.

    >>> is_belgian("+++090/9337/55493+++"), is_belgian("090933755494")
    (True, False)
    """
    digits = re.sub(r"[+*/\s]", "", value)
    if not re.fullmatch(r"\d{12}", digits):
        return False
    return (int(digits[:10]) % 97 or 97) == int(digits[10:])


def is_dutch(value: str) -> bool:
    """Tell whether the text is a Dutch betalingskenmerk with a right check digit.

    Seven digits carry no check digit and are therefore not accepted as structured.

    >>> is_dutch("1000 0000 0000 0001"), is_dutch("2000000000000001")
    (False, False)
    >>> is_dutch("9000000000000001"), is_dutch("1234567")
    (True, False)
    """
    digits = re.sub(r"[\s.]", "", value)
    if not digits.isdigit() or len(digits) not in _DUTCH_LENGTHS:
        return False
    total = sum(
        int(digit) * _DUTCH_WEIGHTS[place % len(_DUTCH_WEIGHTS)]
        for place, digit in enumerate(reversed(digits[1:]))
    )
    check = 11 - total % 11
    return {11: 0, 10: 1}.get(check, check) == int(digits[0])


def find_structured(texts: Iterable[str]) -> tuple[Reference, ...]:
    """Find every structured reference in the texts, in order, each once.

    >>> texts = ["Betreft rf18 5390 0754 7034 dank", "+++090/9337/55493+++"]
    >>> [(reference.kind, reference.value) for reference in find_structured(texts)]
    [('rf', 'RF18539007547034'), ('be', '090933755493')]
    """
    found: dict[Reference, None] = {}
    for text in texts:
        text = text[:MAX_TEXT]
        written = tuple(_find_rf(text))
        for reference in (*written, *_find_numeric(text)):
            if reference in written or not any(
                reference.value in other.value for other in written
            ):
                found.setdefault(reference)
    return tuple(found)


def _find_rf(text: str) -> Iterator[Reference]:
    """The longest valid RF reference from each place where one can begin.

    A bank may break it with spaces, and other words may follow without a sign between
    them, so every length is tried, longest first.
    """
    for start in _RF_START.finditer(text):
        parts = text[start.start() : start.start() + 40].upper().split()
        joined = ""
        best = ""
        for part in parts:
            clean = re.match(r"[0-9A-Z]*", part)
            joined += clean.group() if clean else ""
            if is_rf(joined):
                best = joined
            if clean is None or clean.group() != part:
                break
        if best:
            yield Reference(KIND_RF, best)


def _find_numeric(text: str) -> Iterator[Reference]:
    for match in _BELGIAN.finditer(text):
        digits = "".join(match.groups())
        if is_belgian(digits):
            yield Reference(KIND_BELGIAN, digits)
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"[ .]", "", match.group())
        if is_dutch(digits):
            yield Reference(KIND_DUTCH, digits)


@lru_cache(maxsize=CACHE)
def normalise_reference(value: str) -> str:
    """Bring a reference into the spelling used for comparing.

    >>> normalise_reference("+++090/9337/55493+++")
    '090933755493'
    """
    return re.sub(r"[^0-9A-Z]", "", value.upper())


@lru_cache(maxsize=CACHE)
def number_keys(number: str) -> tuple[str, ...]:
    """The keys under which a document number is looked up.

    A number with letters is compared run by run without leading zeros, and glued. A
    number of digits alone keeps its zeros, else "2026-11" (a month) would be found as
    invoice 2026-0011.

    >>> number_keys("INV/2026/00042")
    ('INV.2026.42', 'INV202600042')
    >>> number_keys("2026-0042")
    ('=2026.0042', '20260042')
    """
    upper = number.upper()
    runs = _RUNS.findall(upper)
    glued = normalise_reference(upper)
    if all(run.isdigit() for run in runs):
        return "=" + ".".join(runs), glued
    return ".".join(_bare(run) for run in runs), glued


@lru_cache(maxsize=CACHE)
def short_number_key(number: str) -> str | None:
    """The digits of a number that has a prefix: what people copy most.

    >>> short_number_key("INV/2026/00042"), short_number_key("2026-0042")
    ('=2026.00042', None)
    """
    runs = _RUNS.findall(number.upper())
    digits = [run for run in runs if run.isdigit()]
    if len(digits) in (0, len(runs)) or len(digits[-1]) < MIN_DIGITS:
        return None
    return "=" + ".".join(digits)


def spellings(texts: Iterable[str]) -> frozenset[str]:
    """Every key under which a document number written in the texts could be found.

    >>> {"INV.2026.42", "INV202600042", "=2026.00042"} <= spellings(["inv-2026-00042"])
    True
    >>> "INV202600042" in spellings(["Factuur INV202600042"])
    True
    """
    keys: set[str] = set()
    for text in texts:
        upper = _as_digits(text[:MAX_TEXT].upper())
        runs = _RUNS.findall(upper)
        keys.update(_joined([_bare(run) for run in runs], "."))
        keys.update("=" + key for key in _joined(runs, "."))
        keys.update(_joined(re.findall(r"[0-9A-Z]+", upper), ""))
    return frozenset(keys)


def _as_digits(text: str) -> str:
    """Letters that were meant as digits: an O or an I between or before digits.

    >>> _as_digits("INV/2O26/OO042"), _as_digits("VOORSCHOT 12"), _as_digits("RFI8")
    ('INV/2026/00042', 'VOORSCHOT 12', 'RFI8')
    """
    if not _MISTYPED.search(text):
        return text
    return _MISTYPED.sub(
        lambda match: match.group().replace("O", "0").replace("I", "1"), text
    )


def loose_numbers(texts: Iterable[str]) -> tuple[str, ...]:
    """Numbers that may be a document's or a customer's, as digits, each once.

    Years, dates and amounts are left out.

    >>> loose_numbers(["Contributie 2026 lid 10342", "fact. INV/2026/00042 22-11-2026"])
    ('10342', '202600042')
    >>> loose_numbers(["12,50 van NL02 INGB 0001 2345 67"])
    ()
    """
    found: dict[str, None] = {}
    for text in texts:
        clean = _IBAN.sub(" ", text[:MAX_TEXT])
        clean = _DATE_OR_AMOUNT.sub(" ", clean)
        for match in _NUMBER.finditer(clean):
            digits = re.sub(r"\D", "", match.group())
            if len(digits) < MIN_DIGITS or looks_like_date(digits):
                continue
            if not (len(digits) == 4 and digits[:2] in ("19", "20")):
                found.setdefault(digits)
    return tuple(found)


def typed_wrong(loose: Iterable[str], numbers: Iterable[str]) -> str:
    """The number on a receipt that is one slip away from a document number.

    A slip is one digit wrong, missing or too many, or two digits swapped.

    >>> typed_wrong(["202600024"], ["INV/2026/00042"])
    '202600024'
    >>> typed_wrong(["202600084"], ["INV/2026/00042"])
    ''
    """
    digits = [re.sub(r"\D", "", number) for number in numbers]
    for written in loose:
        for number in digits:
            if len(number) >= MIN_DIGITS + 2 and written != number:
                if OSA.distance(written, number, score_cutoff=1) == 1:
                    return written
    return ""


def looks_like_date(key: str) -> bool:
    """Tell whether a key could just as well be a date.

    >>> [looks_like_date(key) for key in ("20261122", "22112026", "20260042")]
    [True, True, False]
    """
    if not re.fullmatch(r"\d{8}", key):
        return False
    for year, month, day in (
        (key[:4], key[4:6], key[6:]),
        (key[4:], key[2:4], key[:2]),
    ):
        if year[:2] in ("19", "20") and 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            return True
    return False


def _bare(run: str) -> str:
    return run.lstrip("0") or "0"


def _joined(parts: list[str], glue: str) -> Iterator[str]:
    for start in range(len(parts)):
        for end in range(start + 1, min(start + MAX_JOIN, len(parts)) + 1):
            yield glue.join(parts[start:end])


@lru_cache(maxsize=CACHE)
def is_telling(number: str) -> bool:
    """Tell whether a number is long enough to be evidence at all.

    "Label 12" must never point at invoice 12.

    >>> is_telling("12"), is_telling("INV/2026/00042")
    (False, True)
    """
    return len(_DIGIT.findall(number)) >= MIN_DIGITS
