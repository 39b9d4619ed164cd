"""What an invoice row says is still open, and since when."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .records import InvoiceRow


class Settlement(NamedTuple):
    """The file's statement that only `open_amount` is left; `on` None: it does not say since when."""

    open_amount: Decimal
    on: date | None


def settlement_of(row: InvoiceRow) -> Settlement | None:
    """What the row says was paid: by its open amount, else its paid amount, else its settled date; None: nothing."""
    if row.open_amount is not None:
        return Settlement(row.open_amount, row.settled_on)
    if row.paid_amount is not None:
        return Settlement(max(row.amount - row.paid_amount, Decimal(0)), row.settled_on)
    return Settlement(Decimal(0), row.settled_on) if row.settled_on else None


def settlement_fingerprint(number: str, settlement: Settlement) -> str:
    """Recognises the same statement in the same file again, also after the receipt made from it was reversed."""
    return fingerprint("settled", number, settlement.on, settlement.open_amount)


def fingerprint(*parts: object) -> str:
    """SHA-256 over what identifies a row; amounts without trailing zeros, so that 5 and 5.00 are the same."""
    words = [f"{part.normalize():f}" if isinstance(part, Decimal) else str(part) for part in parts]
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()
