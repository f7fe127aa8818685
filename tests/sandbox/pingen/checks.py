"""What a request to make or send a letter must look like."""

from . import prices
from .errors import ApiError

RECIPIENT_LENGTHS = {"name": 45, "street": 40, "number": 10, "pobox": 45, "zip": 8,
                     "city": 25, "country": 2}  # fmt: skip
RECIPIENT_REQUIRED = ("name", "zip", "city", "country")
POINTER = "/data/attributes/"


def attributes_of(document, kind, key=None):
    """The attributes of a JSON:API document of the given type.

    :raises ApiError: 400 when the shape is wrong, 409 when type or id differ
    """
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("attributes", {}), dict):
        raise ApiError(400, "invalid_document", "No JSON:API document.", "/data")
    if data.get("type") != kind:
        raise ApiError(409, "type_mismatch", f"The type must be {kind}.", "/data/type")
    if key is not None and data.get("id") != key:
        raise ApiError(409, "id_mismatch", "The id differs from the path.", "/data/id")
    return data.get("attributes", {})


def check_create(attributes):
    """:raises ApiError: 422 naming every field that is wrong"""
    problems = _required(
        attributes, ("file_original_name", "file_url", "file_url_signature",
                     "address_position", "auto_send")
    )  # fmt: skip
    problems += _choice(attributes, "address_position", ("left", "right"))
    if not isinstance(attributes.get("auto_send", False), bool):
        problems.append((f"{POINTER}auto_send", "Must be true or false."))
    if len(str(attributes.get("file_original_name", ""))) > 255:
        problems.append((f"{POINTER}file_original_name", "At most 255 characters."))
    problems += _delivery(attributes, required=attributes.get("auto_send") is True)
    problems += _meta_data(attributes)
    _raise(problems)


def check_send(attributes):
    """:raises ApiError: 422 naming every field that is wrong"""
    _raise(_delivery(attributes, required=True) + _meta_data(attributes))


def check_price(attributes):
    """:raises ApiError: 422 naming every field that is wrong"""
    problems = _delivery(attributes, required=True)
    papers = attributes.get("paper_types")
    if not isinstance(papers, list) or not papers:
        problems.append((f"{POINTER}paper_types", "One entry per page is needed."))
    elif not set(papers) <= set(prices.PAPER_TYPES):
        problems.append((f"{POINTER}paper_types", "Unknown paper type."))
    country = attributes.get("country")
    if not isinstance(country, str) or len(country) != 2 or not country.isupper():
        problems.append((f"{POINTER}country", "Two capital letters are needed."))
    _raise(problems)


def check_webhook(attributes, categories):
    """:raises ApiError: 422 naming every field that is wrong"""
    problems = _required(attributes, ("event_category", "url", "signing_key"))
    problems += _choice(attributes, "event_category", categories)
    if len(str(attributes.get("signing_key", ""))) > 32:
        problems.append((f"{POINTER}signing_key", "At most 32 characters."))
    url = str(attributes.get("url", ""))
    if url and not url.startswith(("http://", "https://")):
        problems.append((f"{POINTER}url", "Must be a web address."))
    _raise(problems)


def _raise(problems):
    if problems:
        raise ApiError.of_fields(problems)


def _required(attributes, names):
    return [
        (POINTER + name, "This value should not be blank.")
        for name in names
        if attributes.get(name) in (None, "")
    ]


def _choice(attributes, name, choices):
    if attributes.get(name) in (None, "", *choices):
        return []
    return [(POINTER + name, f"Must be one of: {', '.join(choices)}.")]


def _delivery(attributes, required):
    names = ("delivery_product", "print_mode", "print_spectrum")
    problems = _required(attributes, names) if required else []
    problems += _choice(attributes, "print_mode", prices.MODES)
    problems += _choice(attributes, "print_spectrum", prices.SPECTRA)
    problems += _choice(attributes, "delivery_product", prices.PRODUCTS)
    if attributes.get("delivery_product") == "registered":
        meta = attributes.get("meta_data")
        if not isinstance(meta, dict) or not meta.get("recipient"):
            problems.append(
                (f"{POINTER}meta_data/recipient", "Required for registered post.")
            )
    return problems


def _meta_data(attributes):
    meta = attributes.get("meta_data")
    if meta is None:
        return []
    if not isinstance(meta, dict) or set(meta) - {"recipient", "sender"}:
        return [(f"{POINTER}meta_data", "Only recipient and sender are known.")]
    problems = []
    for role, address in meta.items():
        problems += _address(f"{POINTER}meta_data/{role}/", address)
    return problems


def _address(pointer, address):
    if not isinstance(address, dict):
        return [(pointer.rstrip("/"), "Must be an object.")]
    problems = [
        (pointer + name, "This value should not be blank.")
        for name in RECIPIENT_REQUIRED
        if not address.get(name)
    ]
    problems += [
        (pointer + name, f"At most {limit} characters.")
        for name, limit in RECIPIENT_LENGTHS.items()
        if len(str(address.get(name) or "")) > limit
    ]
    if not str(address.get("country") or "NL").isupper():
        problems.append((f"{pointer}country", "Two capital letters are needed."))
    return problems
