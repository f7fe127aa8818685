"""What a request must look like. Money is a number or a decimal string with a dot."""

import ipaddress
import re
from decimal import Decimal
from urllib.parse import urlsplit

from .errors import failure
from .methods import CURRENCIES, LANGUAGES, METHODS

_MONEY = re.compile(r"\d{1,9}(\.\d{1,2})?")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
TEXT_LIMITS = {"description": 255, "merchantOrderReference": 255, "metadata": 255}


def money(value, field="amount"):
    """An amount of the request.

    :rtype: Decimal
    :raises Refusal: 400 when it is no positive amount with two decimals at most
    """
    text = str(value)
    if isinstance(value, bool) or not _MONEY.fullmatch(text) or Decimal(text) <= 0:
        raise failure(400, "processing_error", f"Invalid {field}: {text}", field=field)
    return Decimal(text).quantize(Decimal("0.01"))


def required(data, *names):
    """:raises Refusal: 400 that names the first field that is missing"""
    for name in names:
        if data.get(name) in (None, ""):
            raise failure(
                400, "processing_error", f"Missing required field {name}", field=name
            )


def web_address(data, name):
    """A webhook address must be https; plain http only to this machine."""
    value = data.get(name)
    if value in (None, ""):
        return None
    parts = urlsplit(str(value))
    if parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts)):
        return value
    raise failure(400, "processing_error", f"{name} must be https", field=name)


def _is_here(parts):
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def payment(data, enabled):
    """:raises Refusal: 400 with what is wrong in a request for a payment"""
    required(data, "amount", "currency", "method", "returnUrl")
    money(data["amount"])
    if str(data["currency"]).lower() not in CURRENCIES:
        words = f"Currency {data['currency']} is not supported"
        raise failure(400, "unsupported_currency", words, field="currency")
    if data["method"] not in enabled:
        words = f"Method {data['method']} is not enabled"
        raise failure(400, "invalid_config", words, field="method")
    _choices(data, METHODS[data["method"]])
    _lengths(data)
    web_address(data, "webhookUrl")


def _choices(data, method):
    kind = data.get("transactionType", "sale")
    if kind not in ("sale", "authorise") or (
        method.authorise_only and kind != "authorise"
    ):
        words = f"transactionType {kind} is not possible"
        raise failure(400, "invalid_config", words, field="transactionType")
    if method.authorise_only and not data.get("orderLines"):
        raise failure(
            400, "processing_error", "orderLines are needed", field="orderLines"
        )
    if data.get("language", "eng") not in LANGUAGES:
        raise failure(400, "processing_error", "Unknown language", field="language")
    brand = data.get("brand")
    if brand and method.brands and brand not in method.brands:
        raise failure(400, "invalid_config", f"Unknown brand {brand}", field="brand")


def _lengths(data):
    for name, limit in TEXT_LIMITS.items():
        value = data.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > limit):
            words = f"{name} must be text of at most {limit} characters"
            raise failure(400, "processing_error", words, field=name)


def seconds(duration):
    """Length of an ISO 8601 duration of days and less, None when it is none.

    >>> seconds("P14D"), seconds("PT30M"), seconds("soon")
    (1209600, 1800, None)
    """
    found = _DURATION.fullmatch(str(duration))
    if not found or not any(found.groups()):
        return None
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest
