"""Lists as the vendor gives them: page, sort, filter, search, sparse fields."""

import json
from urllib.parse import urlencode

from .errors import ApiError

MAX_LIMIT = 100
DEFAULT_LIMIT = 20


def page(records, query, url, fields, search=()):
    """One page of records and the parts of the document around it.

    :param list records: dicts, oldest first
    :param dict query: the query string's parameters
    :param str url: the list's address, for the links
    :param tuple fields: names that may be sorted and filtered on
    :param tuple search: names that ``q`` looks in
    :return: the records of the page, and ``{"links": …, "meta": …}``
    """
    records = _filtered(records, query, fields)
    words = query.get("q", "").lower()
    if words:
        records = [
            record
            for record in records
            if any(words in str(record.get(name) or "").lower() for name in search)
        ]
    records = _sorted(records, query.get("sort"), fields)
    number = _number(query, "page[number]", 1)
    limit = _number(query, "page[limit]", DEFAULT_LIMIT, MAX_LIMIT)
    last = max(1, -(-len(records) // limit))
    start = (number - 1) * limit
    part = records[start : start + limit]
    meta = {
        "current_page": number,
        "last_page": last,
        "per_page": limit,
        "from": start + 1 if part else None,
        "to": start + len(part) if part else None,
        "total": len(records),
    }
    return part, {"links": _links(url, query, number, last), "meta": meta}


def sparse(resource, query):
    """The resource with only the attributes asked for in ``fields[type]``."""
    wanted = query.get(f"fields[{resource['type']}]")
    if not wanted:
        return resource
    names = wanted.split(",")
    attributes = {
        name: value for name, value in resource["attributes"].items() if name in names
    }
    return {**resource, "attributes": attributes}


def _number(query, name, default, maximum=None):
    value = query.get(name, default)
    try:
        value = int(value)
    except ValueError:
        value = 0
    if value < 1 or (maximum and value > maximum):
        raise ApiError(400, "invalid_parameter", f"{name} is out of range.", None, name)
    return value


def _links(url, query, number, last):
    def link(target):
        parameters = {**query, "page[number]": target}
        return f"{url}?{urlencode(parameters)}"

    return {
        "first": link(1),
        "last": link(last),
        "prev": link(number - 1) if number > 1 else None,
        "next": link(number + 1) if number < last else None,
        "self": link(number),
    }


def _sorted(records, sort, fields):
    for name in reversed((sort or "").split(",") if sort else []):
        field = name.lstrip("-")
        if field not in fields:
            raise ApiError(
                400, "invalid_parameter", f"Cannot sort on {field}.", None, "sort"
            )
        records = sorted(
            records,
            key=lambda record, field=field: (
                record.get(field) is not None,
                record.get(field) if record.get(field) is not None else 0,
            ),
            reverse=name.startswith("-"),
        )
    return records


def _filtered(records, query, fields):
    tree = {"and": []}
    if query.get("filter"):
        try:
            tree["and"].append(json.loads(query["filter"]))
        except ValueError as err:
            raise _bad_filter("The filter is not JSON.") from err
    for name, value in query.items():
        if name.startswith("filter[") and name.endswith("]"):
            tree["and"].append({name[7:-1]: value})
    _matches(tree, {}, fields)  # refuses also when there is nothing to filter
    return [record for record in records if _matches(tree, record, fields)]


def _matches(tree, record, fields):
    if not isinstance(tree, dict):
        raise _bad_filter("A filter is an object.")
    results = []
    for name, value in tree.items():
        if name in ("and", "or"):
            if not isinstance(value, list):
                raise _bad_filter(f"'{name}' takes a list.")
            parts = [_matches(part, record, fields) for part in value]
            results.append(all(parts) if name == "and" else any(parts))
        elif name in fields:
            results.append(str(record.get(name)) == str(value))
        else:
            raise _bad_filter(f"Cannot filter on {name}.")
    return all(results)


def _bad_filter(words):
    return ApiError(400, "invalid_parameter", words, None, "filter")
