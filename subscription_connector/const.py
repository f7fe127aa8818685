"""Constants of the addon."""

#: Subscriptions per transaction when drafts are made and posted.
BITE = 200

#: Bites that a lane looks at to find one that no other lane is at work on.
LANES = 4

#: Invoices sent in one go. Their PDFs are then rendered by one call; core stays at
#: ten as well, because larger calls were seen to lose headers.
SEND_BITE = 10

#: Missed periods billed for one subscription in one run; the rest follows in
#: the next run, so that a wrong date cannot make a flood of invoices at once.
CATCH_UP_CAP = 24

#: A charge that is still "in progress" after this many minutes lost its worker.
STALE_MINUTES = 10

#: When an unknown result is asked for again, in minutes after the last question.
ASK_MINUTES = (1, 5, 60, 360, 1440)

#: Days after which an unknown result is handed to a person.
ASK_DAYS = 7

#: Days after which a payment that is still under way is handed to a person. A direct
#: debit takes a week at most.
PENDING_DAYS = 14

#: Providers of Odoo's own that can be asked what became of a charge (see
#: ``payment_transaction_ask.py``); the others wait for a person.
LOOKUP_PROVIDERS = ("adyen", "demo", "stripe")

#: A request that was lost may still arrive within this time, in minutes.
ARRIVAL_MINUTES = 2

#: Payments of a customer that one question to Stripe reads (the API's largest page;
#: docs.stripe.com/api/payment_intents/list, read on 2026-11-25).
STRIPE_PAGE = 100

#: Codes of ``payment.method`` that collect from a bank account by mandate (module
#: payment, data/payment_method_data.xml, read on 2026-11-25).
DIRECT_DEBIT_METHODS = (
    "ach_direct_debit",
    "bacs_direct_debit",
    "becs_direct_debit",
    "sepa_direct_debit",
)

INTERVAL_UNITS = [
    ("day", "Days"),
    ("week", "Weeks"),
    ("month", "Months"),
    ("quarter", "Quarters"),
    ("year", "Years"),
]

COLLECTIONS = [
    ("token", "Saved payment method"),
    ("invoice", "Invoice, paid by the customer"),
    ("outside", "Billed by an outside service"),
]

CANCEL_MODES = [
    ("period", "At the end of a period"),
    ("day", "On any day, the rest is credited"),
]
SETTLEMENTS = [
    ("none", "Nothing: what was billed stays billed"),
    ("credit", "Credit the billed days of the pause"),
    ("shift", "Use the billed days after the pause"),
]
