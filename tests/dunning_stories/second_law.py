"""The rules of law, written a second time from the texts, in whole cents.

Nothing of the product is imported: tables and calendars are here once more, and every
sum is made another way (day by day, in fractions), so that a mistake in one of the two
shows.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import cache

DAY = timedelta(days=1)

#: percent a year from a day on; the last one holds to the end of 2026
NL_CONSUMER = ((2023, 1, 1, "4"), (2023, 7, 1, "6"), (2024, 1, 1, "7"),
               (2025, 1, 1, "6"), (2026, 1, 1, "4"))  # fmt: skip
NL_TRADE = ((2023, 1, 1, "10.5"), (2023, 7, 1, "12"), (2024, 1, 1, "12.5"),
            (2024, 7, 1, "12.25"), (2025, 1, 1, "11.15"), (2025, 7, 1, "10.15"),
            (2026, 7, 1, "10.4"))  # fmt: skip
BE_TRADE = ((2023, 1, 1, "10.5"), (2023, 7, 1, "12"), (2024, 1, 1, "12.5"),
            (2025, 1, 1, "11.5"), (2025, 7, 1, "10.5"))  # fmt: skip
BE_CIVIL = ((2023, 1, 1, "5.25"), (2024, 1, 1, "5.75"), (2025, 1, 1, "4.5"))
DE_BASE = ((2023, 1, 1, "1.62"), (2023, 7, 1, "3.12"), (2024, 1, 1, "3.62"),
           (2024, 7, 1, "3.37"), (2025, 1, 1, "2.27"), (2025, 7, 1, "1.27"),
           (2026, 7, 1, "1.52"))  # fmt: skip
LAST_KNOWN = date(2026, 12, 31)


def look_up(table, day: date) -> Fraction | None:
    """The percentage of a day."""
    if day > LAST_KNOWN:
        return None
    found = None
    for year, month, first, percent in table:
        if date(year, month, first) <= day:
            found = Fraction(percent)
    return found


@cache
def get_percent(country: str, kind: str, agreed: str, day: date) -> Fraction | None:
    """Interest of one day: the law's, or what was agreed below its cap."""
    if country == "DE":
        base = look_up(DE_BASE, day)
        legal = None if base is None else base + (5 if kind == "consumer" else 9)
    elif country == "NL":
        legal = look_up(NL_CONSUMER if kind == "consumer" else NL_TRADE, day)
    else:
        is_civil = kind == "consumer" and not agreed
        legal = look_up(BE_CIVIL if is_civil else BE_TRADE, day)
    if legal is None or not agreed:
        return legal
    return min(legal, Fraction(agreed))


# === CALENDARS === #


def get_easter(year: int) -> date:
    """Easter Sunday after Meeus, Jones and Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, four = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap - shift + 15) % 30
    weeks, days = divmod(rest, 4)
    sunday = (32 + 2 * four + 2 * weeks - moon - days) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


_HOLIDAYS: dict[tuple[str, int], set[date]] = {}


def get_holidays(country: str, year: int) -> set[date]:
    """Holidays of the whole country."""
    if (country, year) in _HOLIDAYS:
        return _HOLIDAYS[country, year]
    easter = get_easter(year)
    days = {date(year, 1, 1), date(year, 12, 25), easter, easter + 1 * DAY}
    days |= {easter + 39 * DAY, easter + 49 * DAY, easter + 50 * DAY}
    if country == "NL":
        kings = date(year, 4, 27)
        days |= {easter - 2 * DAY, date(year, 5, 5), date(year, 12, 26)}
        days.add(kings - DAY if kings.isoweekday() == 7 else kings)
    elif country == "BE":
        for month, day in ((5, 1), (7, 21), (8, 15), (11, 1), (11, 11)):
            days.add(date(year, month, day))
    else:
        days |= {easter - 2 * DAY, date(year, 5, 1), date(year, 10, 3)}
        days.add(date(year, 12, 26))
    _HOLIDAYS[country, year] = days
    return days


def is_free(country: str, day: date) -> bool:
    return day in get_holidays(country, day.year)


def works(country: str, day: date) -> bool:
    return day.isoweekday() < 6 and not is_free(country, day)


def get_first_lawful_day(country: str, kind: str, channel: str, sent: date) -> date:
    """First day on which more than a free reminder may follow a notice."""
    if kind == "business" or country == "DE":
        return sent + DAY
    if country == "BE":
        start = sent
        if channel == "email":
            start = sent + DAY
        else:
            working = 0
            while working < 3:
                start += DAY
                working += works("BE", start)
        return start + 14 * DAY
    delivered, posts = sent, 0
    while channel == "post" and posts < 2:
        delivered += DAY
        posts += delivered.isoweekday() in (2, 3, 4, 5, 6) and not is_free(
            "NL", delivered
        )
    last = delivered + 14 * DAY + 2 * DAY
    while not works("NL", last):
        last += DAY
    return last + DAY


# === SUMS === #


def round_half_up(value: Fraction) -> int:
    """Whole cents."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def get_nl_costs(cents: int) -> int:
    """Besluit vergoeding voor buitengerechtelijke incassokosten art. 2."""
    steps = ((250_000, 15), (250_000, 10), (500_000, 5), (19_000_000, 1))
    left, total = cents, Fraction(0)
    for width, percent in steps:
        part = min(left, width)
        total += Fraction(part * percent, 100)
        left -= part
    total += Fraction(left, 200)
    return min(max(round_half_up(total), 4_000), 677_500)


def get_be_damages(cents: int) -> int:
    """Art. XIX.4 WER."""
    if cents <= 15_000:
        return 2_000
    if cents <= 50_000:
        return 3_000 + round_half_up(Fraction(cents - 15_000, 10))
    return min(6_500 + round_half_up(Fraction(cents - 50_000, 20)), 200_000)


def get_scale(country: str, cents: int) -> int:
    return get_nl_costs(cents) if country == "NL" else get_be_damages(cents)


def get_interest(
    country: str,
    kind: str,
    agreed: str,
    bill,
    start: date,
    until: date,
    *,
    is_thirty: bool = False,
) -> int | None:
    """Interest from ``start`` to the day before ``until``, ``None`` without a rate.

    Counted day by day; in the Netherlands a full year's interest bears interest.

    :param is_thirty: in Germany each month may have thirty days
    """
    is_thirty = is_thirty and country == "DE"
    done, sums, years, day = Fraction(0), {}, 1, start
    while day < until:
        if country == "NL" and day == shift_years(start, years):
            done, sums, years = done + add_up(sums, done), {}, years + 1
        cents = bill.get_open(day)
        if cents > 0:
            percent = get_percent(country, kind, agreed, day)
            if percent is None:
                return None
            length = 360 if is_thirty else date(day.year, 12, 31).timetuple().tm_yday
            entry = sums.setdefault((percent, length), [0, 0])
            weight = get_weight(day) if is_thirty else 1
            entry[0] += cents * weight
            entry[1] += weight
        day += DAY
    return round_half_up(done + add_up(sums, done))


def get_weight(day: date) -> int:
    """Days that one day stands for when each month has thirty.

    The last of February stands for what is missing; of a long month the 31st counts and
    the 30th does not.
    """
    is_last = (day + DAY).day == 1
    if day.month == 2 and is_last:
        return 31 - day.day
    return int(day.day != 30 or is_last)


def add_up(sums, added: Fraction) -> Fraction:
    """Interest of counted days, over the bill and over what was added to it."""
    return sum(
        (
            (cents + added * days) * percent / (100 * length)
            for (percent, length), (cents, days) in sums.items()
        ),
        Fraction(0),
    )


def shift_years(day: date, years: int) -> date:
    """The anniversary; 1 March for the leap day in a common year."""
    if (day.month, day.day) == (2, 29):
        is_leap = date(day.year + years, 12, 31).timetuple().tm_yday == 366
        return (
            date(day.year + years, 2, 29) if is_leap else date(day.year + years, 3, 1)
        )
    return date(day.year + years, day.month, day.day)
