"""Zones of an A4 letter, in millimetres from the top left corner.

Source: layout help of the print service (default layout, window left), seen
November 2026. The right window has the same size and height; its ``x`` and the
width of the border are the usual values of the trade. The side that envelopes of a
country usually have is the trade's habit too: left by NEN 1026 (NL) and DIN 5008 (DE),
right in Belgium, France and Switzerland.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PAGE_WIDTH = 210.0
PAGE_HEIGHT = 297.0
#: allowed difference of a page's size, in millimetres
PAGE_TOLERANCE = 1.5
POINTS_PER_MM = 72 / 25.4

LEFT = "left"
RIGHT = "right"

#: position that follows the country of the recipient
BY_COUNTRY = "country"
#: countries whose envelopes usually have the window at the right
RIGHT_COUNTRIES = frozenset({"BE", "CH", "FR"})

#: highest number of pages per country of destination (ISO 3166-1 alpha-2)
PAGE_LIMITS: Mapping[str, int] = MappingProxyType(
    {
        "NL": 14,
        "IN": 16,
        "CH": 120,
        "DE": 320,
        "AT": 320,
        "BE": 320,
        "FR": 320,
        "GB": 500,
    }
)
PAGE_LIMIT_ELSEWHERE = 120
MAX_BYTES = 8 * 2**20


@dataclass(frozen=True)
class Zone:
    """A rectangle on the page.

    >>> Zone(22, 60, 85.5, 25.5).right
    107.5
    >>> Zone(0, 0, 10, 10).contains(Zone(1, 1, 5, 5))
    True
    >>> Zone(0, 0, 10, 10).overlaps(Zone(9, 9, 5, 5))
    True
    >>> Zone(0, 0, 10, 10).overlaps(Zone(10, 0, 5, 5))
    False
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def contains(self, other: Zone, slack: float = 0.0) -> bool:
        """Whether ``other`` lies inside, give or take ``slack`` millimetres."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def overlaps(self, other: Zone) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True)
class Layout:
    """Where the recipient stands and what stays empty on a letter."""

    position: str
    window: Zone
    postage: Zone
    border: float = 5.0
    page_limits: Mapping[str, int] = field(default_factory=lambda: PAGE_LIMITS)
    max_bytes: int = MAX_BYTES

    def get_page_limit(self, country: str) -> int:
        """Highest number of pages for a letter to ``country``.

        >>> get_layout("left").get_page_limit("NL")
        14
        >>> get_layout("left").get_page_limit("SE")
        120
        """
        return self.page_limits.get(country, PAGE_LIMIT_ELSEWHERE)

    def get_border_zones(self) -> tuple[Zone, ...]:
        """The four strips along the edges of every page."""
        inner = PAGE_HEIGHT - 2 * self.border
        return (
            Zone(0, 0, PAGE_WIDTH, self.border),
            Zone(0, PAGE_HEIGHT - self.border, PAGE_WIDTH, self.border),
            Zone(0, self.border, self.border, inner),
            Zone(PAGE_WIDTH - self.border, self.border, self.border, inner),
        )


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        LEFT: Layout(LEFT, Zone(22, 60, 85.5, 25.5), Zone(20, 40, 89.5, 20)),
        RIGHT: Layout(RIGHT, Zone(118, 60, 85.5, 25.5), Zone(116, 40, 89.0, 20)),
    }
)


def get_layout(position: str) -> Layout:
    """The layout for a window at the ``"left"`` or ``"right"``.

    :raises KeyError: for any other word
    """
    return LAYOUTS[position]


def get_position(wanted: str, country: str) -> str:
    """Side of the window for a letter to ``country``.

    :param wanted: ``"left"``, ``"right"`` or ``"country"``

    >>> get_position("country", "BE"), get_position("country", "DE")
    ('right', 'left')
    >>> get_position("right", "DE")
    'right'
    """
    if wanted != BY_COUNTRY:
        return wanted
    return RIGHT if country in RIGHT_COUNTRIES else LEFT
