"""The rules of law as the addon ships them, read from its files without Odoo."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from lxml import etree

from odoo.addons.postal_dunning.engine import law

DATA = Path(__file__).resolve().parents[1] / "data"


def _read_rule(record):
    values = {field.get("name"): field for field in record}

    def get_text(name, default=""):
        return values[name].text if name in values else default

    end = get_text("date_to")
    return law.Rule(
        country=values["country_id"].get("ref").removeprefix("base.").upper(),
        debtor=get_text("debtor_kind"),
        code=get_text("code"),
        value=Decimal(get_text("value")),
        valid_from=date.fromisoformat(get_text("date_from")),
        valid_to=date.fromisoformat(end) if end else None,
        source=get_text("source"),
        amount_from=Decimal(get_text("amount_from", "0")),
    )


@lru_cache(maxsize=1)
def read_rules():
    """Every rule of the data files.

    :rtype: tuple[law.Rule]
    """
    rules = []
    for path in sorted(DATA.glob("dunning_law_rule*.xml")):
        rules += [_read_rule(one) for one in etree.parse(str(path)).iter("record")]
    return tuple(rules)


def build_book(**replaced):
    """The book of the shipped rules, without the codes named.

    :param replaced: code → False leaves that code out
    """
    return law.RuleBook(one for one in read_rules() if replaced.get(one.code, True))
