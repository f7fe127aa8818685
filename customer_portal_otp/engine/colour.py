"""The accent colour of an organisation, made readable.

WCAG 2.1 AA asks for a contrast of 4.5 between text and background.
"""

import re
from functools import lru_cache

_HEX = re.compile(r"^#([0-9a-fA-F]{6})$")
MIN_CONTRAST = 4.5


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (``#rrggbb``), 1 to 21.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=64)
def accent(colour: object) -> tuple[str, str] | None:
    """Return (accent, text colour on it) or ``None`` without a usable colour.

    >>> accent("#ffdd00")
    ('#ffdd00', '#000000')
    >>> accent("#1d4ed8")
    ('#1d4ed8', '#ffffff')
    >>> accent("blue; }") is None
    True
    """
    if not isinstance(colour, str) or not _HEX.match(colour):
        return None
    white = contrast(colour, "#ffffff")
    text = "#ffffff" if white >= MIN_CONTRAST else "#000000"
    return colour.lower(), text
