"""References that a payer's bank carries back to us: ISO 11649 creditor references, and the QR code of a transfer."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import segno
from segno import helpers

from .swiss_qr import COUNTRIES, creditor_of, swiss_code, swiss_data

LARGEST_TRANSFER = Decimal("999999999.99")


def rf_reference(body: str) -> str:
    """ISO 11649: "RF", two check digits (ISO 7064, mod 97-10), up to 21 letters and digits.

    539007547034 is RF18539007547034.

    Raises ValueError for anything else in `body`.
    """
    if not body.isascii() or not body.isalnum() or len(body) > 21:
        raise ValueError(f"{body!r} cannot become a creditor reference; use up to 21 letters and digits.")
    digits = "".join(str(int(character, 36)) for character in body + "RF00")
    return f"RF{98 - int(digits) % 97:02d}{body.upper()}"


def client_reference(client_id: int) -> str:
    """For a transfer that pays several invoices of one client: allocated oldest first."""
    return rf_reference(f"C{client_id:06d}")


def invoice_reference(invoice_id: int) -> str:
    return rf_reference(f"I{invoice_id:06d}")


def in_fours(text: str) -> str:
    """As printed: "RF18 5390 0754 7034", "DE02 1203 ..."."""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


class Transfer(NamedTuple):
    """Whom a payer's banking app is to pay, and how much. `address` as printed: a Swiss code carries it."""

    holder: str
    iban: str
    bic: str
    amount: Decimal
    reference: str
    address: str = ""


def transfer_code(transfer: Transfer, currency: str) -> str:
    """The QR code as inline SVG: EPC069-12 for euros, or the Swiss one for an account there; else empty."""
    if transfer.iban[:2].upper() in COUNTRIES:
        creditor = creditor_of(transfer.holder, transfer.address, transfer.iban[:2].upper())
        if creditor is None:
            return ""
        return swiss_code(swiss_data(creditor, transfer.iban, transfer.amount, currency, transfer.reference))
    if currency != "EUR" or not transfer.iban or not 0 < transfer.amount <= LARGEST_TRANSFER:
        return ""
    try:
        code = helpers.make_epc_qr(
            name=transfer.holder[:70],
            iban=transfer.iban.replace(" ", ""),
            amount=transfer.amount.quantize(Decimal("0.01")),
            reference=transfer.reference,
            bic=transfer.bic or None,
            encoding="utf-8",
        )
    except (ValueError, segno.DataOverflowError):
        return ""  # the account's data do not fit the standard; the printed details are there anyway
    return str(code.svg_inline(border=0, omitsize=True, dark="#000"))


def link_code(url: str) -> str:
    """A web address as a QR code, inline SVG."""
    return str(segno.make(url, micro=False).svg_inline(border=0, omitsize=True, dark="#000"))
