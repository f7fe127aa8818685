"""How long what has to be kept is kept, by country.

Sources, as of 2026: NL article 52 AWR (7 years); BE article 60 VAT code (10 years);
DE § 147 AO as changed by the fourth bureaucracy relief act (vouchers 8 years). The term
begins with the end of the year of the document. Elsewhere the longest of these is
assumed: nothing is promised to be deleted too early.
"""

from datetime import date

YEARS = {"NL": 7, "BE": 10, "DE": 8}
LONGEST = max(YEARS.values())
SIGN_IN_MONTHS = 12


def keep_until(day: date, country: str) -> date:
    """Return the last day on which an invoice of ``day`` has to be kept.

    :param country: code of the organisation's country

    >>> keep_until(date(2026, 3, 1), "NL")
    datetime.date(2033, 12, 31)
    >>> keep_until(date(2026, 3, 1), "FR")
    datetime.date(2036, 12, 31)
    """
    return date(day.year + YEARS.get(country, LONGEST), 12, 31)
