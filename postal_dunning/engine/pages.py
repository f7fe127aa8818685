"""How many pages a letter of ours will have, before it is made.

The letters are tables of one-line rows, so the number follows from the rows and from
how much text stands above them. The sizes below were measured on rendered letters in
all languages; the real letter is counted again before it is handed over.
"""

from __future__ import annotations

import math

#: rows of items or invoice lines that fit on a page without an address
ROWS_PER_PAGE = 39
#: rows that fit on the first page of a reminder with two lines of text
REMINDER_ROWS = 8.9
#: rows that fit on the first page of an invoice
INVOICE_ROWS = 14
#: characters of text in one line
LINE_CHARS = 95
#: lines of text a reminder has room for without losing a row
FREE_LINES = 2
#: rows that one more line of text takes
LINE_ROWS = 0.7


def count_lines(*texts: str) -> int:
    """Lines that paragraphs take.

    >>> count_lines("short", "x" * 100, "")
    3
    """
    return sum(math.ceil(len(text) / LINE_CHARS) for text in texts)


def estimate(rows: int, room: float) -> int:
    """Pages for so many rows.

    :param room: rows that fit on the first page; below 0 when the text alone is longer

    >>> estimate(8, REMINDER_ROWS), estimate(9, REMINDER_ROWS)
    (1, 2)
    """
    rest = rows - math.floor(room)
    return 1 if rest <= 0 else 1 + math.ceil(rest / ROWS_PER_PAGE)


def estimate_reminder(rows: int, *texts: str) -> int:
    """Pages of a reminder about so many items.

    :param texts: the paragraphs above the items, as plain text

    >>> estimate_reminder(2, "x" * 1000), estimate_reminder(3, "x" * 1000)
    (1, 2)
    """
    lines = max(count_lines(*texts) - FREE_LINES, 0)
    return estimate(rows, REMINDER_ROWS - LINE_ROWS * lines)


def estimate_invoice(rows: int) -> int:
    """Pages of an invoice with so many lines.

    >>> estimate_invoice(14), estimate_invoice(15), estimate_invoice(54)
    (1, 2, 3)
    """
    return estimate(rows, INVOICE_ROWS)
