"""Facts of the print service, seen November 2026 (https://api.pingen.com)."""

# pylint: disable=prefer-env-translation

from odoo.tools.translate import LazyTranslate

from odoo.addons.connection_base.engine.provider_spec import (
    CredentialField,
    OAuthSpec,
    ProviderSpec,
)

_lt = LazyTranslate(__name__)

PINGEN = ProviderSpec(
    code="pingen",
    name="Pingen",
    hosts={
        "live": {
            "api": "https://api.pingen.com",
            "auth": "https://identity.pingen.com",
        },
        "test": {
            "api": "https://api-staging.pingen.com",
            "auth": "https://identity-staging.pingen.com",
        },
    },
    auth=("oauth_client",),
    credentials={
        "oauth_client": (
            CredentialField("client_id", _lt("Client ID"), secret=False),
            CredentialField("client_secret", _lt("Client secret")),
            CredentialField(
                "organisation",
                _lt("Organisation ID (only with several)"),
                secret=False,
                required=False,
            ),
        )
    },
    oauth=OAuthSpec(
        authorize_path="/auth/authorize",
        token_path="/auth/access-tokens",  # noqa: S106
        scopes=("letter", "webhook", "organisation_read"),
    ),
    icon="/postal_dunning/static/description/pingen.png",
    multiple=False,
    sync_minutes=60,
    webhook=True,
    description=_lt("Invoices and reminders by post, printed and sent for you."),
)

WEBHOOK_CATEGORIES = ("issues", "sent", "undeliverable", "delivered")
SIGNING_KEY = "webhook_signing_key"

#: states of a letter that core's own queue never looks at
WAITING = "pingen_waiting"
HANDING_OVER = "pingen_handover"
SUBMITTED = "pingen_submitted"
CANCELLING = "pingen_cancelling"
UNDELIVERABLE = "pingen_undeliverable"
OPEN_STATES = (WAITING, HANDING_OVER, CANCELLING)
QUEUE_STATES = (WAITING, HANDING_OVER)
AT_PRINTER = (SUBMITTED, CANCELLING)
#: states of any letter that will bring nothing
DEAD_LETTERS = ("error", "canceled", UNDELIVERABLE)

#: failures of core's mails that lie with the addressee; others are our own server's
ADDRESS_FAILURES = ("mail_bounce", "mail_email_invalid", "mail_email_missing")

#: status at the service → what it means here
CHECKING = frozenset({"validating", "fixing"})
REFUSED = frozenset(
    {"invalid", "unprintable", "action_required", "rejected", "expired"}
)
UNDER_WAY = frozenset(
    {
        "submitted",
        "inspection",
        "awaiting_credits",
        "transferring",
        "accepted",
        "processing",
        "printing",
    }
)
ON_THE_ROAD = frozenset({"sent", "delivered"})

#: how letters are sent and printed, by the service's own words
PRODUCTS = [
    ("cheap", "Cheapest"),
    ("fast", "Fast"),
    ("bulk", "Bulk"),
    ("premium", "Premium"),
    ("registered", "Registered"),
]
PRINT_MODES = [("simplex", "One side"), ("duplex", "Both sides")]
SPECTRA = [("grayscale", "Black and white"), ("color", "Colour")]

#: minutes until the next try after the n-th failure
RETRY_MINUTES = (1, 5, 60, 360, 1440)
#: seconds between two looks at a letter that is being checked
POLL_SECONDS = 15
#: days in which a sent letter may still come back
RETURN_DAYS = 30

#: context: channels that failed for what is said again, with the code of why
TRIED = "postal_dunning_tried"
#: context: id of the message that is said again
INSTEAD_OF = "postal_dunning_instead_of"
