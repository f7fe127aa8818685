"""The vendor's payment methods, and how each shows in a transaction."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Method:
    """One method.

    :ivar str letter: first letter of its references
    :ivar bool collecting: CCV takes the money in and pays it out later
    :ivar tuple brands: brands to choose from, for cards
    :ivar bool refundable: whether its transactions may be refunded
    :ivar bool authorise_only: only ``transactionType`` ``authorise`` is possible
    """

    letter: str
    collecting: bool = False
    brands: tuple = ()
    refundable: bool = True
    authorise_only: bool = False
    details: dict = field(default_factory=dict)


CARD_DETAILS = {
    "maskedPan": "4111XXXXXXXX1111",
    "expiryDate": "1228",
    "acquirer": "Valitor",
    "acquirerResponseCode": "00",
    "acquirerResponseCodeDescription": "ApprovedOrCompletedSuccessfully",
    "authenticationProtocol": "3DS2",
    "authenticationStatus": "Y",
}
METHODS = {
    "ideal": Method("I", collecting=True),
    "card": Method(
        "C",
        brands=("visa", "mastercard", "maestro", "amex", "bcmc"),
        details=CARD_DETAILS,
    ),
    "paypal": Method("P"),
    "klarna": Method("K", collecting=True, authorise_only=True),
    "sofort": Method("S", collecting=True),
    "giropay": Method("G", collecting=True),
    "eps": Method("E", collecting=True),
    "banktransfer": Method("B", collecting=True),
    "payconiq": Method("Q", collecting=True),
    "applepay": Method("A", details=CARD_DETAILS),
    "googlepay": Method("O", details=CARD_DETAILS),
    "landingpage": Method("L", refundable=False),
    "terminal": Method("T"),
    "token": Method("N", refundable=False),
    "vault": Method("V", refundable=False),
}
DEFAULT_ENABLED = ("ideal", "card", "paypal", "klarna", "banktransfer", "landingpage")
ONLINE = ("ideal", "card", "paypal", "banktransfer", "payconiq", "applepay",
          "googlepay")  # fmt: skip
BANKS = (
    ("INGBNL2A", "ING"),
    ("RABONL2U", "Rabobank"),
    ("ABNANL2A", "ABN AMRO"),
    ("TRIONL2U", "Triodos Bank"),
)
CURRENCIES = ("eur", "chf", "gbp")
LANGUAGES = ("eng", "nld", "fra", "deu", "dan", "spa")
FAILURE_CODES = (
    "expired", "cancelled", "unsufficient_balance", "fraud_detected", "rejected",
    "card_refused", "insufficient_funds", "processing_error",
)  # fmt: skip


def options_of(name):
    """The options that the list of methods shows for one method.

    >>> options_of("card")[0]
    {'brand': 'visa'}
    >>> options_of("paypal")
    []
    """
    if name == "ideal":
        return [
            {"issuerid": code, "issuerdescription": words, "grouptype": "country",
             "group": "Nederland"}
            for code, words in BANKS
        ]  # fmt: skip
    return [{"brand": brand} for brand in METHODS[name].brands]
