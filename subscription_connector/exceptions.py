"""Errors of the addon."""


class AnswerLostError(Exception):
    """A provider was called and it is not known what it did.

    No ``ValidationError`` on purpose: the code of several providers takes each of those
    for a refusal of the payment.
    """
