"""What the demo club says, in four languages."""

import csv
import pathlib

FILE = pathlib.Path(__file__).with_name("words.csv")
SOURCE = "en_US"
LANGUAGES = ("nl_NL", "de_DE", "fr_FR")
# What a plan gives, by the plan's code.
CARDS = {
    "sportlid": "All training sessions and matches, and a key to the changing room.",
    "jeugdlid": "Up to 18 years: two sessions a week and the summer tournament.",
    "donateur": "You do not play but want the club to go on: thank you.",
}


def read():
    """Return the translations: dict of English text to dict of language to text."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {row.pop(SOURCE): row for row in csv.DictReader(lines)}


def translate(record, name):
    """Write the translations of the English text that ``record[name]`` holds."""
    for lang, text in read()[record.with_context(lang=SOURCE)[name]].items():
        record.with_context(lang=lang)[name] = text
