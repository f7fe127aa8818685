"""What can go wrong when we talk to an outside service.

Plain Python: the clients raise these, the models catch them. The text of every
exception is a sentence for people, without secrets and without personal data.
"""


class ProviderError(Exception):
    """Something went wrong at, or on the way to, an outside service.

    :param reason: short code of a common trouble, by which the screens find the
        sentence in the reader's language; empty when the message says it all
    """

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class TemporaryError(ProviderError):
    """The call was not done and may be tried again later.

    :param retry_after: seconds to wait as asked by the service, or ``None``
    """

    def __init__(
        self, message: str, retry_after: float | None = None, *, reason: str = ""
    ) -> None:
        super().__init__(message, reason=reason)
        self.retry_after = retry_after


class UnknownResultError(TemporaryError):
    """A write whose answer was lost: it may or may not have been done.

    Never repeat such a write blindly: look it up at the service first, or repeat
    it with the same idempotency key while the service still honours that key.
    """


class RejectedError(ProviderError):
    """The service understood the call and refused it (4xx).

    :param status: HTTP status
    :param code: the service's own error code, when it gives one
    :param payload: the parsed error body (dict), its text, or ``None``
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        payload: "dict | list | str | None" = None,
        reason: str = "",
    ) -> None:
        super().__init__(message, reason=reason)
        self.status = status
        self.code = code
        self.payload = payload


class AuthError(ProviderError):
    """The service does not accept our credentials, or they lack a right.

    :param status: HTTP status, usually 401 or 403
    """

    def __init__(self, message: str, *, status: int = 401, reason: str = "") -> None:
        super().__init__(message, reason=reason)
        self.status = status


class InvalidAnswerError(ProviderError):
    """The answer is not what the service documents: not JSON, too large, cut."""
