"""What the printer looks at: zones of the first page, countries and page limits.

All measures are millimetres from the top left corner of an A4 sheet, as the
vendor's help pages give them (seen August 2026). The width of the border is not
published; five millimetres is an assumption.
"""

from dataclasses import dataclass

A4_WIDTH = 210.0
A4_HEIGHT = 297.0
A4_TOLERANCE = 2.0
BORDER = 5.0
MAX_BYTES = 8 * 1024 * 1024
POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Zone:
    """A rectangle on the page.

    >>> Zone(22, 60, 85.5, 25.5).contains(30, 70)
    True
    >>> Zone(22, 60, 85.5, 25.5).contains(30, 90)
    False
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self):
        return self.x + self.width

    @property
    def bottom(self):
        return self.y + self.height

    def contains(self, x, y):
        return self.x <= x <= self.right and self.y <= y <= self.bottom


ADDRESS = {"left": Zone(22, 60, 85.5, 25.5), "right": Zone(118, 60, 85.5, 25.5)}
POSTAGE = {"left": Zone(20, 40, 89.5, 20), "right": Zone(116, 40, 89.5, 20)}

PAGE_LIMITS = {
    "CH": 120, "DE": 320, "AT": 320, "NL": 14, "BE": 320, "FR": 320,
    "GB": 500, "IN": 16,
}  # fmt: skip
PAGE_LIMIT_ELSEWHERE = 120

COUNTRY_NAMES = {
    "NL": ("nederland", "netherlands", "the netherlands", "niederlande", "pays-bas"),
    "BE": ("belgië", "belgie", "belgium", "belgien", "belgique"),
    "DE": ("duitsland", "germany", "deutschland", "allemagne"),
    "AT": ("oostenrijk", "austria", "österreich", "autriche"),
    "CH": ("zwitserland", "switzerland", "schweiz", "suisse", "svizzera"),
    "FR": ("frankrijk", "france", "frankreich"),
    "GB": ("verenigd koninkrijk", "united kingdom", "great britain"),
    "LU": ("luxemburg", "luxembourg"),
    "ES": ("spanje", "spain", "spanien", "españa", "espagne"),
    "IT": ("italië", "italy", "italien", "italia", "italie"),
    "US": ("verenigde staten", "united states", "usa"),
}


def page_limit(country):
    """Pages a letter to this country may have.

    >>> page_limit("NL"), page_limit("JP")
    (14, 120)
    """
    return PAGE_LIMITS.get(country, PAGE_LIMIT_ELSEWHERE)


def country_of(address, default):
    """Country code read from the last line of an address.

    >>> country_of("J. Jansen\\nDorpsstraat 1\\n1234 AB Utrecht", "NL")
    'NL'
    >>> country_of("J. Jansen\\nHauptstr. 1\\n10115 Berlin\\nDEUTSCHLAND", "NL")
    'DE'
    """
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    if not lines:
        return default
    last = lines[-1].lower()
    for code, names in COUNTRY_NAMES.items():
        if last in names or last == code.lower():
            return code
    return default
