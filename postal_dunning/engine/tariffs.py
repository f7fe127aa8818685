"""Is a tariff that somebody configures above what the law grants?

The caps hold whatever is configured (:mod:`~.fees`); this tells the person who types a
tariff before a debtor or a court does. NL: a tariff or a clause above the scale of the
decree (BWBR0031432) can lose the costs of law as well, and a consumer pays nothing for
a reminder (art. 6:96 par. 5-6 BW). DE: the highest court struck a flat fee down (BGH
VIII ZR 95/18), lower ones let small sums pass.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from . import fees, law

NL_ABOVE = "NL-ABOVE-SCALE"
DE_RISK = "DE-FLAT-FEE-RISK"


def find_tariff_problem(
    book: law.RuleBook,
    country: str,
    kind: str,
    tariff: Decimal,
    least: Decimal,
    day: date,
) -> tuple[str, Decimal | None]:
    """What is wrong with a tariff for consumers, and the most that is accepted.

    :param kind: ``costs`` of collection or price of the ``reminder``
    :param least: smallest debt that it is asked for
    :return: code of the problem (empty for none) and the limit, if there is one
    """
    if tariff <= 0:
        return "", None
    if country == "NL":
        if kind == "reminder":
            return fees.NL_COSTS_ONLY, None
        most = fees.get_scale(book, country, law.CONSUMER, least, day)
        is_above = most is not None and tariff > most
        return (NL_ABOVE, most) if is_above else ("", None)
    if country == "DE":
        most = book.get_value(country, law.CONSUMER, "reminder_max", day)
        if most is not None:
            return (fees.DE_FLAT if tariff > most else DE_RISK), most
    return "", None
