"""Products and prices of posting a letter.

The vendor's price list is not public in machine form. These are plausible net
prices in euro of 2026, made of postage by weight, paper and print, so that more
pages, colour and faster post cost more, as they do in reality.
"""

from decimal import Decimal

GENERIC = ("fast", "cheap", "bulk", "premium", "registered")
SPECTRA = ("grayscale", "color")
MODES = ("simplex", "duplex")
PAPER_TYPES = ("normal", "qr", "is", "isr", "isr+", "sepa_at", "sepa_de")

_BY_COUNTRY = {
    "NL": {
        "fast": "nlpost_priority",
        "cheap": "nlpost_priority",
        "bulk": "nlpost_priority",
    },
    "DE": {"fast": "dpag_standard", "cheap": "dpag_economy", "bulk": "dpag_economy"},
    "AT": {
        "fast": "atpost_priority",
        "cheap": "atpost_economy",
        "bulk": "atpost_economy",
    },
    "CH": {
        "fast": "postag_a",
        "cheap": "postag_b",
        "bulk": "postag_b2",
        "premium": "postag_aplus",
        "registered": "postag_registered",
    },
    "IN": {"fast": "indpost_speedmail", "cheap": "indpost_mail"},
}
_EUROPE = {"fast": "dhl_europe_priority", "cheap": "dhl_europe_priority"}
_WORLD = {"fast": "dhl_world_priority", "cheap": "dhl_world_priority"}
_EUROPEAN = {"BE", "FR", "GB", "LU", "ES", "IT", "PL", "DK", "SE", "IE", "PT", "CZ"}

# postage for up to 20, 50 and 500 grams
_POSTAGE = {
    "nlpost_priority": ("1.40", "2.80", "4.20"),
    "dpag_standard": ("0.95", "1.10", "1.80"),
    "dpag_economy": ("0.89", "1.02", "1.65"),
    "dhl_europe_priority": ("1.72", "2.95", "5.60"),
    "dhl_world_priority": ("2.05", "3.60", "7.20"),
    "atpost_economy": ("0.93", "1.35", "2.40"),
    "atpost_priority": ("1.20", "1.75", "2.90"),
    "postag_a": ("1.25", "1.45", "2.60"),
    "postag_b": ("1.05", "1.20", "2.10"),
    "postag_b2": ("0.95", "1.10", "1.95"),
    "postag_aplus": ("2.80", "3.10", "4.40"),
    "postag_registered": ("6.40", "6.60", "7.90"),
    "indpost_mail": ("0.40", "0.70", "1.20"),
    "indpost_speedmail": ("0.80", "1.20", "2.00"),
}
PRODUCTS = (*GENERIC, *_POSTAGE)
_ENVELOPE = Decimal("0.16")
_SHEET = Decimal("0.035")
_PAGE = {"grayscale": Decimal("0.055"), "color": Decimal("0.145")}
_SLIP = Decimal("0.040")  # pre-printed or perforated paper
_SHEET_GRAMS = Decimal("5.0")
_ENVELOPE_GRAMS = Decimal("4.5")
_CENT = Decimal("0.01")


def concrete_product(product, country):
    """The post product a choice ends up as, or None when there is none.

    >>> concrete_product("cheap", "NL"), concrete_product("cheap", "BE")
    ('nlpost_priority', 'dhl_europe_priority')
    >>> concrete_product("registered", "NL") is None
    True
    """
    known = _BY_COUNTRY.get(country, _EUROPE if country in _EUROPEAN else _WORLD)
    if product in known:
        return known[product]
    return product if product in known.values() else None


def price(product, paper_types, print_mode, print_spectrum):
    """Price in euro without VAT of one letter.

    :param str product: a concrete product
    :param list paper_types: one entry per page
    :rtype: Decimal

    >>> price("nlpost_priority", ["normal"], "simplex", "grayscale")
    Decimal('1.65')
    >>> price("dpag_standard", ["normal"] * 2, "simplex", "color")
    Decimal('1.47')
    """
    pages = len(paper_types)
    sheets = pages if print_mode == "simplex" else (pages + 1) // 2
    grams = _ENVELOPE_GRAMS + sheets * _SHEET_GRAMS
    light, middle, heavy = (Decimal(step) for step in _POSTAGE[product])
    postage = light if grams <= 20 else middle if grams <= 50 else heavy
    slips = sum(_SLIP for paper in paper_types if paper != "normal")
    printing = pages * _PAGE[print_spectrum] + sheets * _SHEET + slips
    return (postage + _ENVELOPE + printing).quantize(_CENT)
