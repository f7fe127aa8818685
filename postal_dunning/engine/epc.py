"""QR code to pay by SEPA transfer (European Payments Council, EPC069-12)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import Decimal

import qrcode

MAX_AMOUNT = Decimal("999999999.99")


@dataclass(frozen=True)
class Transfer:
    """What the member's bank app fills in.

    :param amount: euros
    :param reference: creditor reference (RF…, ISO 11649), else empty
    :param text: free text, used only without ``reference``
    """

    name: str
    iban: str
    amount: Decimal
    reference: str = ""
    text: str = ""
    bic: str = ""


def build_payload(transfer: Transfer) -> str:
    """The text of the code, version 002, UTF-8.

    :raises ValueError: when name or IBAN is missing or the amount is not payable

    >>> build_payload(Transfer("De Linden", "NL91ABNA0417164300", Decimal("12.5"),
    ...                        reference="RF18539007547034")).splitlines()[7]
    'EUR12.50'
    """
    iban = transfer.iban.replace(" ", "").upper()
    amount = transfer.amount.quantize(Decimal("0.01"))
    if not transfer.name or not iban:
        raise ValueError("name and IBAN are needed")
    if not Decimal(0) < amount <= MAX_AMOUNT:
        raise ValueError("amount is not payable")
    reference = transfer.reference.replace(" ", "").upper()
    text = "" if reference else transfer.text[:140]
    return "\n".join(
        [
            "BCD",
            "002",
            "1",
            "SCT",
            transfer.bic,
            transfer.name[:70],
            iban,
            f"EUR{amount}",
            "",
            reference,
            text,
        ]
    ).rstrip("\n")


def draw_png(payload: str) -> bytes:
    """The code as a picture, error correction M as the standard asks.

    >>> draw_png("BCD")[:4]
    b'\\x89PNG'
    """
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=8, border=2
    )
    code.add_data(payload.encode())
    target = io.BytesIO()
    code.make_image().save(target, format="PNG")
    return target.getvalue()
