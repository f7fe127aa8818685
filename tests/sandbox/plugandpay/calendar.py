"""Dates of a schedule."""

import calendar
from datetime import date

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def add_interval(day, interval):
    """The same day one interval later, or the month's last day.

    >>> add_interval(date(2026, 1, 31), "monthly")
    datetime.date(2026, 2, 28)
    >>> add_interval(date(2026, 11, 15), "quarterly")
    datetime.date(2027, 2, 15)
    """
    month = day.month - 1 + MONTHS[interval]
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
