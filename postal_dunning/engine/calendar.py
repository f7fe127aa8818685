"""Working days and postal days of NL, BE and DE.

Only holidays of the whole country count: a letter may arrive later than
calculated in a region with more of them, never earlier than the law allows.
Sources: NL Algemene termijnenwet art. 3; BE royal decree of 18 April 1974;
DE the holidays that all states share.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

SATURDAY, SUNDAY, MONDAY = 5, 6, 0
ONE_DAY = timedelta(days=1)

#: fixed days as (month, day)
FIXED = {
    "NL": ((1, 1), (5, 5), (12, 25), (12, 26)),
    "BE": (
        (1, 1),
        (5, 1),
        (7, 21),
        (8, 15),
        (11, 1),
        (11, 11),
        (12, 25),
    ),
    "DE": ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)),
}
#: days counted from Easter Sunday
FROM_EASTER = {
    "NL": (-2, 0, 1, 39, 49, 50),
    "BE": (0, 1, 39, 49, 50),
    "DE": (-2, 0, 1, 39, 49, 50),
}


class CalendarMissing(LookupError):
    """No holidays are known for the country: nothing may be calculated."""


def _get_kings_day(year: int) -> date:
    """27 April, the day before when that is a Sunday."""
    day = date(year, 4, 27)
    return day - ONE_DAY if day.weekday() == SUNDAY else day


@lru_cache(maxsize=256)
def get_holidays(country: str, year: int) -> frozenset[date]:
    """National holidays of a year.

    :raises CalendarMissing: for a country without data

    >>> date(2025, 4, 26) in get_holidays("NL", 2025)
    True
    >>> date(2026, 4, 3) in get_holidays("BE", 2026)
    False
    """
    if country not in FIXED:
        raise CalendarMissing(country)
    sunday = easter(year)
    days = {date(year, month, day) for month, day in FIXED[country]}
    days |= {sunday + timedelta(days=offset) for offset in FROM_EASTER[country]}
    if country == "NL":
        days.add(_get_kings_day(year))
    return frozenset(days)


def is_holiday(day: date, country: str) -> bool:
    return day in get_holidays(country, day.year)


def is_working_day(day: date, country: str) -> bool:
    """Monday to Friday, no holiday."""
    return day.weekday() < SATURDAY and not is_holiday(day, country)


def is_postal_day(day: date, country: str) -> bool:
    """A day on which letters are delivered (NL: Tuesday to Saturday)."""
    closed = (SUNDAY, MONDAY) if country == "NL" else (SUNDAY,)
    return day.weekday() not in closed and not is_holiday(day, country)


def add_working_days(day: date, count: int, country: str) -> date:
    """The ``count``-th working day after ``day``.

    >>> add_working_days(date(2026, 12, 23), 2, "BE")
    datetime.date(2026, 12, 28)
    """
    for _step in range(count):
        day += ONE_DAY
        while not is_working_day(day, country):
            day += ONE_DAY
    return day


def add_postal_days(day: date, count: int, country: str) -> date:
    """The ``count``-th day of delivery after ``day``.

    >>> add_postal_days(date(2026, 11, 20), 2, "NL")  # a Friday
    datetime.date(2026, 11, 24)
    """
    for _step in range(count):
        day += ONE_DAY
        while not is_postal_day(day, country):
            day += ONE_DAY
    return day


def move_to_working_day(day: date, country: str) -> date:
    """``day`` itself, or the next working day."""
    while not is_working_day(day, country):
        day += ONE_DAY
    return day
