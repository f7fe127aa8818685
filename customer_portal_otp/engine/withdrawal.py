"""Time limits of withdrawing from a contract made at a distance.

Directive 2011/83/EU articles 9, 13 and 14; how periods end: Regulation (EEC, Euratom)
1182/71 article 3.
"""

from datetime import date, datetime, timedelta

WITHDRAW_DAYS = 14
REFUND_DAYS = 14
OBJECT_DAYS = 3  # ours: long enough to read a mail, well within those to pay back
_SATURDAY = 5


def last_day(concluded: date) -> date:
    """Return the last day on which a consumer may withdraw from a service.

    The day of conclusion does not count; a period that would end at a weekend ends
    with the next working day.

    >>> last_day(date(2026, 11, 2))
    datetime.date(2026, 11, 16)
    >>> last_day(date(2026, 11, 7))  # a Saturday, so is the fourteenth day after it
    datetime.date(2026, 11, 23)
    """
    day = concluded + timedelta(days=WITHDRAW_DAYS)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day


def refund_until(declared: date) -> date:
    """Return the day by which what was paid is back with the consumer.

    >>> refund_until(date(2026, 11, 16))
    datetime.date(2026, 11, 30)
    """
    return declared + timedelta(days=REFUND_DAYS)


def object_until(declared: datetime) -> datetime:
    """Return until when a withdrawal declared without sign-in can be taken back.

    >>> object_until(datetime(2026, 11, 16, 9, 30))
    datetime.datetime(2026, 11, 19, 9, 30)
    """
    return declared + timedelta(days=OBJECT_DAYS)
