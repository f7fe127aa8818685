"""Constants of the addon. Source: Mollie API v2, seen on 2026-08-21."""

from datetime import timedelta

#: Payment methods whose first payment gives a mandate for SEPA direct debit, by
#: Odoo's codes (docs.mollie.com, recurring payments). A card gives a card mandate.
FIRST_METHODS = ("ideal", "bancontact", "belfius", "eps", "kbc_cbc")

#: The smallest first payment that gives a mandate, in euros.
VALIDATION_AMOUNT = 0.01

#: Minutes after which a pending payment or refund is read again without a webhook.
SWEEP_MINUTES = 30

#: A request that was lost may still arrive within this time, in minutes.
ARRIVAL_MINUTES = 2

#: Payments of a customer that one look-up reads (the API's largest page).
PAGE = 250

REFUND_PENDING = ("queued", "pending", "processing")

#: How far back the list of chargebacks is read, without a webhook. A direct debit can
#: be taken back for eight weeks, but the sweep looks at when that happened.
CHARGEBACK_WINDOW = timedelta(days=30)

#: A payment that was refused took no money.
REFUSED = ("failed", "canceled", "expired")

#: How far the clock of Mollie and ours may be apart.
CLOCKS_APART = timedelta(hours=1)
