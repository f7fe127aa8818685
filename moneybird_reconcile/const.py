"""Constants of the addon."""

from .engine import matcher

RECEIPT_STATES = [
    ("reading", "Being read in"),
    ("waiting", "Waiting"),
    ("open", "To match"),
    ("error", "Error"),
    ("matched", "Done"),
    ("ignored", "Left out"),
]
SOURCES = [("ccv", "CCV"), ("mollie", "Mollie"), ("bank", "Bank file")]
RECEIPT_PROVIDERS = ("ccv", "mollie")

THRESHOLD = matcher.THRESHOLD
FETCH_OVERLAP_DAYS = 2
FIRST_FETCH_DAYS = 60
MAX_UPLOAD = 32 * 2**20

# https://developer.moneybird.com (events, 2026-08-21): groups of events that we want
MONEYBIRD_EVENTS = (
    "sales_invoice_state_changed",
    "external_sales_invoice_state_changed",
    "payment_registered",
    "payment_destroyed",
)
# https://developer.moneybird.com: verifying signatures, five minutes
SIGNATURE_TOLERANCE = 300
UNKNOWN_WAIT_SECONDS = 60
# after this a lost answer is only looked for; posting again needs a person
UNKNOWN_ALONE_DAYS = 7
