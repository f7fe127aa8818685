"""The vendor's error body."""

import secrets

from ..service import Refusal


def failure(status, code, message, **more):
    """An error answer.

    :param int status: HTTP status
    :param str code: the failure code
    :param more: further keys, such as ``field`` or ``balance``
    :rtype: Refusal
    """
    return Refusal(status, error_body(code, message, **more))


def error_body(code, message, **more):
    """:rtype: dict"""
    return {
        "type": "process_error",
        "message": message,
        "reference": secrets.token_hex(4),
        "failureCode": code,
        **more,
    }
