"""Filters of the list of transactions, and its paging by reference."""

from decimal import Decimal, InvalidOperation

from .errors import failure

PAGE_SIZE = 50
EQUAL = ("merchantOrderReference", "type", "method", "status")
LISTS = {"references": "reference", "originalReferences": "originalReference"}
KNOWN = {
    *EQUAL, *LISTS, "referenceBefore", "referenceAfter", "createdBefore",
    "createdAfter", "amountMinimum", "amountMaximum", "paidout", "paidoutAfter",
    "includeRelatedTransactions",
}  # fmt: skip


def select(transactions, given, limit=PAGE_SIZE):
    """One page of an account's transactions, oldest first.

    :param list transactions: all of the account, oldest first
    :param dict given: the query's parameters; unknown ones are refused
    :raises Refusal: 400 on a parameter that is not known or not right
    """
    unknown = set(given) - KNOWN
    if unknown:
        name = min(unknown)
        raise failure(400, "processing_error", f"Unknown parameter {name}", field=name)
    found = _around(transactions, given)
    for test in _tests(given):
        found = [item for item in found if test(item)]
    if "referenceBefore" in given and "referenceAfter" not in given:
        return found[-limit:]
    return found[:limit]


def _around(transactions, given):
    places = {item["reference"]: place for place, item in enumerate(transactions)}
    start, end = 0, len(transactions)
    if given.get("referenceAfter"):
        start = _place(places, given["referenceAfter"]) + 1
    if given.get("referenceBefore"):
        end = _place(places, given["referenceBefore"])
    return transactions[start:end]


def _place(places, reference):
    if reference not in places:
        words = f"Transaction {reference} was not found"
        raise failure(404, "unknown_reference", words)
    return places[reference]


def _tests(given):
    for name in EQUAL:
        if name in given:
            yield lambda item, name=name: str(item.get(name)) == given[name]
    for name, field in LISTS.items():
        if name in given:
            wanted = given[name].split(",")
            yield lambda item, field=field, wanted=wanted: item.get(field) in wanted
    yield from _ranges(given)
    if "paidout" in given:
        yield lambda item: item.get("paidout", "never") == given["paidout"]


def _ranges(given):
    if "createdAfter" in given:
        after = _number(given, "createdAfter")
        yield lambda item: item["created"] > after
    if "createdBefore" in given:
        before = _number(given, "createdBefore")
        yield lambda item: item["created"] < before
    if "amountMinimum" in given:
        minimum = _number(given, "amountMinimum")
        yield lambda item: Decimal(str(item["amount"])) >= minimum
    if "amountMaximum" in given:
        maximum = _number(given, "amountMaximum")
        yield lambda item: Decimal(str(item["amount"])) <= maximum
    if "paidoutAfter" in given:
        moment = _number(given, "paidoutAfter")
        yield lambda item: item.get("paidoutDate", 0) > moment


def _number(given, name):
    try:
        return Decimal(given[name])
    except InvalidOperation:
        words = f"{name} is not a number"
        raise failure(400, "processing_error", words, field=name) from None
