"""The sentences for every reason code and every piece of evidence.

The engine speaks in codes with values; here they become words in the reader's language.
"""

# Constants are translated when they are shown, by `tell`; there is no env here.
# pylint: disable=prefer-env-translation
from collections import defaultdict
from collections.abc import Mapping

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

REASONS = {
    # why a receipt is where it is
    "not_paid": _lt("Not paid yet: %(provider)s says “%(status)s”."),
    "never_paid": _lt("Will not be paid: %(provider)s says “%(status)s”."),
    "status_unknown": _lt(
        "%(provider)s gives a status we do not know: “%(status)s”. Look there first."
    ),
    "kind_unknown": _lt(
        "%(provider)s gives a kind of payment we do not know: “%(kind)s”."
    ),
    "currency_unknown": _lt("Currency “%(currency)s” is not active here."),
    "needs_person": _lt("Please choose: the best candidate scores %(score)s of 100."),
    "no_open_item": _lt("No open item fits. We look again every night."),
    "money_out": _lt(
        "Money out that fits no credit note. It stays on the bank journal."
    ),
    "linked": _lt("Belongs to payment %(reference)s of Odoo, which books it itself."),
    "booked": _lt("Booked on %(items)s."),
    "booked_elsewhere": _lt("Entry %(entry)s was reconciled outside this screen."),
    "booked_partly": _lt("%(amount)s is left over after booking on %(items)s."),
    "forwarding": _lt("On its way to Moneybird."),
    "undone": _lt("The match was undone by %(user)s."),
    "returned": _lt("Taken back; %(items)s is open again."),
    "return_of_unmatched": _lt(
        "Takes back a payment that is not matched. Match that one first, or leave both "
        "out."
    ),
    "return_of_transaction": _lt(
        "Takes back payment %(reference)s of Odoo. Refund or reverse it there."
    ),
    "return_too_much": _lt(
        "Takes back more than was booked of its payment. Look at it together."
    ),
    "no_transfer_account": _lt("The company has no account for money under way."),
    "payout_difference": _lt("The parts leave %(amount)s of the payout unexplained."),
    "payout_unknown": _lt(
        "%(count)s payments of this payout are not here yet (%(names)s). Fetch them "
        "first."
    ),
    "payout_amount": _lt("Payment %(name)s has another amount than in the payout."),
    "payout_at_moneybird": _lt(
        "Payment %(name)s is booked at Moneybird; its payout belongs there too."
    ),
    "payout_account": _lt("Choose an account for “%(name)s”."),
    "payout_own_payment": _lt("Payment %(reference)s of Odoo has no entry yet."),
    "payout_reference": _lt("Told by payment marks only. Fill in what the bank got."),
    "no_journal": _lt("%(provider)s has no clearing journal for method “%(method)s”."),
    "currency_journal": _lt(
        "Journal %(journal)s is not kept in %(currency)s. Book this one by hand."
    ),
    "currency_item": _lt(
        "%(item)s is open in %(open)s, the payment came in %(currency)s, and no "
        "account is chosen for the difference."
    ),
    "currency_remote": _lt(
        "%(item)s is open in %(open)s, the payment came in %(currency)s. Book this one "
        "at Moneybird."
    ),
    "return_other_currency": _lt(
        "Takes back a payment of an item in another currency. Undo that match, or book "
        "this one by hand."
    ),
    "period_closed": _lt("The books are closed on %(date)s."),
    "booking_failed": _lt("Booking was refused: %(message)s"),
    "changed_after": _lt(
        "Was booked, but %(provider)s now says “%(status)s”. Check, and undo if needed."
    ),
    # Moneybird
    "item_paid": _lt("%(item)s has only %(open)s open at Moneybird."),
    "period_locked": _lt("The period of %(date)s is closed at Moneybird."),
    "plan_limit": _lt("Your Moneybird plan does not allow more: %(message)s"),
    "scope_missing": _lt(
        "The Moneybird connection lacks a right (%(message)s). Connect it again."
    ),
    "rejected": _lt("Moneybird refused the payment: %(message)s"),
    "result_unknown": _lt(
        "The answer of Moneybird was lost. We look whether it is there."
    ),
    "result_unknown_long": _lt(
        "The answer of Moneybird stays lost and the payment is not there. We look each "
        "day. Check there too; Process posts it again if it still is not there."
    ),
    "disconnected": _lt("Moneybird is not connected."),
    "write_off_waits": _lt("The write-off follows its payment."),
    "write_off_alone": _lt("Not written off: its payment is not at Moneybird."),
    "booked_in_odoo": _lt(
        "%(amount)s of this payment is booked in Odoo. The rest belongs there too, or "
        "undo that first."
    ),
    "booked_at_moneybird": _lt(
        "%(amount)s of this payment is booked at Moneybird. The rest belongs there "
        "too, or undo that first."
    ),
    "booked_in_payout": _lt(
        "This payment is part of payout %(payout)s in Odoo and cannot leave it."
    ),
    "waits": _lt("Moneybird is tried again at %(time)s: %(message)s"),
    # daily checks
    "check_missing": _lt("Paid there, but not here. The next sync fetches it."),
    "check_amount": _lt("The amounts differ."),
    "check_not_booked": _lt("Not booked yet: %(reason)s"),
    "check_gone": _lt("In the books, but not paid there (any more)."),
    "check_no_line": _lt("Stands in the file, but not like this on the bank journal."),
    "check_payment": _lt("Moneybird has another amount for this payment."),
    "check_payment_gone": _lt("The payment is not at Moneybird any more."),
    "check_open": _lt(
        "Open for different amounts in the two ledgers; %(leader)s leads."
    ),
    # reading facts
    "amount_unreadable": _lt("The amount “%(value)s” cannot be read."),
    "field_missing": _lt("The field “%(field)s” is missing."),
    "date_unreadable": _lt("The date “%(value)s” cannot be read."),
    "id_unreadable": _lt("“%(value)s” is not an id."),
    # reading files
    "line_unreadable": _lt("Line %(line)s cannot be read: “%(value)s” is no amount."),
    "file_too_large": _lt("The file is too large."),
    "upload_too_large": _lt(
        "The file is larger than %(limit)s MB, the most that one upload may be. Pack "
        "it as ZIP, or export a shorter period from the bank."
    ),
    "unpacked_too_large": _lt(
        "The file is larger than %(limit)s MB. Export a shorter period from the bank."
    ),
    "archive_broken": _lt("The archive is damaged or cut off."),
    "archive_locked": _lt("The archive is locked with a password. Unpack it first."),
    "archive_empty": _lt("The archive holds no file."),
    "archive_full": _lt("The archive holds more than %(limit)s files."),
    "xml_broken": _lt("The file is damaged or cut off (%(detail)s)."),
    "encoding_wrong": _lt("The file is not in the encoding it says."),
    "doctype_refused": _lt(
        "The file holds a document type, which bank files never do."
    ),
    "not_camt": _lt("This is not a CAMT.052, CAMT.053 or CAMT.054 file."),
    "mt940_broken": _lt("The MT940 file is damaged here."),
    "balance_missing": _lt("A statement has no opening or no closing balance."),
    "entry_ref_missing": _lt(
        "An entry of this %(format)s file has no reference of the bank, so it would "
        "count twice when the statement comes. Import CAMT.053 instead."
    ),
    "mapping_missing": _lt(
        "This is neither CAMT nor MT940. For a CSV file choose its columns."
    ),
    "csv_broken": _lt("The CSV file is damaged here."),
    "columns_wrong": _lt("This line has more or fewer columns than the headings."),
    "column_missing": _lt("There is no column “%(column)s”."),
    "no_statement": _lt("The file holds no statement."),
    "import_refused": _lt("Nothing was imported. %(message)s"),
    "import_stopped": _lt(
        "All payments are here, but some could not be booked: %(message)s They are "
        "tried again within the hour."
    ),
    "account_missing": _lt("A statement names no account."),
    "entries_missing": _lt(
        "The statement says it has %(expected)s entries, but %(found)s are there."
    ),
    "balance_wrong": _lt(
        "The balance is wrong: %(opening)s plus %(booked)s is not %(closing)s."
    ),
    "direction_missing": _lt(
        "An entry does not say whether money came in or went out."
    ),
    "date_missing": _lt("An entry has no date."),
    "currency_mixed": _lt(
        "An entry is in %(entry)s, but the account is kept in %(account)s."
    ),
}

EVIDENCE = {
    "structured_found": _lt("Reference %(reference)s is on it, check digit right"),
    "transaction_found": _lt("Payment %(reference)s was made for it"),
    "end_to_end_found": _lt("End-to-end reference %(reference)s is the same"),
    "number_found": _lt("Number %(number)s is written on the payment"),
    "number_part_found": _lt("Part of number %(number)s is written on the payment"),
    "number_similar": _lt("Number %(written)s is one slip away from %(number)s"),
    "other_reference": _lt("The payment names %(reference)s, which is not on it"),
    "named_not_paid": _lt("The payment names %(number)s too"),
    "order_found": _lt("Order %(reference)s is the same"),
    "amount_equal": _lt("Amount equal"),
    "order_of_law": _lt("In the order of the law: costs, interest, then the rest"),
    "amount_lower": _lt("%(amount)s paid, %(open)s open"),
    "amount_higher": _lt("%(amount)s paid, only %(open)s open"),
    "fee_withheld": _lt(
        "%(amount)s paid, %(open)s open: a fee of %(fee)s was withheld on the way"
    ),
    "fee_perhaps": _lt(
        "%(amount)s paid, %(open)s open: perhaps a fee of %(fee)s was withheld"
    ),
    "fee_stated": _lt(
        "%(amount)s came in, the source withheld %(fee)s: %(gross)s was paid"
    ),
    "currency_rate": _lt(
        "%(amount)s paid, %(open)s open, which is %(worth)s at the rate of that day"
    ),
    "instalment_equal": _lt(
        "Amount equal to instalment %(number)s of %(count)s, the next one due"
    ),
    "instalment_later": _lt(
        "Amount equal to instalment %(number)s of %(count)s; others are due before"
    ),
    "receipts_add_up": _lt("%(count)s payments together are what is open"),
    "several_ways": _lt("Other items of this customer add up to it as well"),
    "taken_before": _lt("Another payment of this run pays it already"),
    "amounts_add_up": _lt("The amounts of %(count)s items add up"),
    "currency_differs": _lt("Paid in %(receipt)s, open in %(item)s"),
    "currency_converted": _lt("Paid as %(amount)s, booked as %(receipt)s by the bank"),
    "iban_known": _lt("Account …%(tail)s is the customer's"),
    "iban_seen": _lt("Account …%(tail)s paid for this customer before: %(count)s×"),
    "iban_of_other": _lt("Account …%(tail)s is known from another customer"),
    "name_equal": _lt("Payer “%(payer)s” is the customer"),
    "name_similar": _lt("Payer “%(payer)s” looks like “%(customer)s”"),
    "name_differs": _lt("Payer “%(payer)s” is not “%(customer)s”"),
    "before_document": _lt("Paid on %(paid)s, before the document of %(made)s"),
    "near_due": _lt("Paid about when it is due (%(due)s)"),
    "takes_back": _lt("Takes back payment %(payment)s"),
    "rule_account": _lt(
        "Rule: payments of “%(payer)s” go on this account (right %(count)s times)"
    ),
    "by_hand": _lt("Chosen by hand"),
}

# What a service calls itself in a sentence.
PROVIDERS = {
    "ccv": "CCV",
    "mollie": "Mollie",
    "moneybird": "Moneybird",
    "bank": _lt("the bank"),
}


def tell(env, table: Mapping, code: str, values: Mapping | None) -> str:
    """Make the sentence of a code in the language of ``env``.

    :param values: what the sentence needs; a missing value becomes "?"
    """
    source = table.get(code)
    if source is None:
        return code
    template = env._(source)
    known = {key: str(value) for key, value in (values or {}).items()}
    if known.get("provider") in PROVIDERS:
        name = PROVIDERS[known["provider"]]
        known["provider"] = name if isinstance(name, str) else env._(name)
    return template % defaultdict(lambda: "?", known)
