"""Fingerprints: the same money is recognised, truly equal money counts each time.

A bank re-uses its ids (every year, or every file), repeats days in overlapping files
and may deliver three payments on one day that are equal in every field. So the
fingerprint of a bank line is made of what the money *is*, plus a counter of equal
lines; the ids of the statement and of the entry inside it are left out.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from .bank_file import BankLine, Statement
from .names import normalise_iban


def provider_fingerprint(provider: str, kind: str, external_id: str) -> str:
    """Fingerprint of a payment at a service: its id, whatever connection brought it.

    >>> provider_fingerprint("mollie", "payment", "tr_7UhSN1zuXS")
    'mollie:payment:tr_7UhSN1zuXS'
    """
    return f"{provider}:{kind}:{external_id}"


def line_content(account: str, line: BankLine) -> str:
    """What a bank line is, as one string; stable over files, case and spaces."""
    parts = (
        normalise_iban(account),
        line.date.isoformat(),
        format(line.amount.normalize() + Decimal(0), "f"),
        line.currency,
        normalise_iban(line.counterparty_iban),
        _squeeze(line.counterparty_name),
        _squeeze(line.end_to_end_id),
        _squeeze(" ".join(line.structured)),
        _squeeze(" ".join(line.texts)),
        _squeeze(line.servicer_ref),
    )
    return "\x1f".join(parts)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text).upper()


def fingerprint_lines(
    statements: Iterable[Statement],
) -> Iterator[tuple[Statement, BankLine, str]]:
    """Give every line of the statements its fingerprint.

    Equal lines of one account are counted on from statement to statement; a statement
    whose id was already seen in the same file starts counting again, because it is the
    same statement twice and not new money.
    """
    counters: dict[str, Counter[str]] = {}
    seen: set[tuple[str, str]] = set()
    for statement in statements:
        identity = (statement.account, statement.identifier)
        if identity in seen:
            counter: Counter[str] = Counter()
        else:
            counter = counters.setdefault(statement.account, Counter())
            seen.add(identity)
        for line in statement.lines:
            content = line_content(statement.account, line)
            counter[content] += 1
            digest = hashlib.sha256(content.encode()).hexdigest()[:32]
            yield statement, line, f"bank:{digest}:{counter[content]}"
