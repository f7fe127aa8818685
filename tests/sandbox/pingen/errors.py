"""Refusals in the shape of JSON:API."""

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Payload Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
}


class ApiError(Exception):
    """An answer with one or more errors.

    :param int status: HTTP status
    :param str code: machine-readable code
    :param str detail: words
    :param str pointer: JSON pointer into the request
    :param str parameter: name of the query parameter that is wrong
    """

    def __init__(self, status, code, detail, pointer=None, parameter=None):
        super().__init__(detail)
        self.status = status
        self.errors = [error(status, code, detail, pointer, parameter)]

    @classmethod
    def of_fields(cls, problems):
        """A 422 with one error per field.

        :param list problems: pairs of JSON pointer and words
        """
        refusal = cls(422, "validation_failed", "")
        refusal.errors = [
            error(422, "validation_failed", words, pointer)
            for pointer, words in problems
        ]
        return refusal

    @property
    def document(self):
        return {"errors": self.errors}


def error(status, code, detail, pointer=None, parameter=None):
    """One error object."""
    source = {}
    if pointer is not None:
        source["pointer"] = pointer
    if parameter is not None:
        source["parameter"] = parameter
    return {
        "code": code,
        "title": TITLES.get(status, "Error"),
        "detail": detail,
        "source": source,
    }
