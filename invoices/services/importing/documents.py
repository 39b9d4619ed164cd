"""What is booked in bulk, as plain records: invoices and receipts, there already or to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ...models import Invoice, InvoiceStatus
from ...rules.money import ZERO
from ...rules.schedule import Due


@dataclass(slots=True)
class Bill:
    """An invoice being booked: one that exists already, or one to be written (`pk` 0 until then)."""

    number: str
    client_id: int
    currency: str
    total_amount: Decimal
    open_amount: Decimal
    issued_on: date
    due_on: date
    terms_id: int | None = None
    reference: str = ""
    status: str = InvoiceStatus.ISSUED.value
    closed_on: date | None = None
    tax_amount: Decimal = ZERO  # part of the total; files do not say it
    discount_percent: Decimal | None = None
    discount_until: date | None = None
    discount_grace_days: int = 0
    is_discount_pro_rata: bool = False
    pk: int = 0
    current_part: int = 0  # 0: due in one sum
    original_due_on: date | None = None
    parts: tuple[Due, ...] = ()  # of an invoice to be written

    @property
    def printed_on(self) -> date:
        return self.original_due_on or self.due_on


@dataclass(slots=True)
class Money:
    """A receipt to be written, and how much of it goes to which invoice."""

    client_id: int
    received_on: date
    amount: Decimal
    currency: str
    method: str
    reference: str
    fingerprint: str
    shares: list[tuple[Bill, Decimal]] = field(default_factory=list)
    # False: history as another program tells it, where what it left open is open.
    can_earn: bool = True
    pk: int = 0

    @property
    def unapplied_amount(self) -> Decimal:
        return self.amount - sum((amount for _, amount in self.shares), ZERO)


BILL_FIELDS = tuple(name for name in Bill.__slots__ if name != "parts")


def bills(**where: Any) -> list[Bill]:
    """Invoices with a number, as they stand."""
    rows = Invoice.objects.filter(number__isnull=False, **where).values_list(*BILL_FIELDS)
    return [Bill(*row) for row in rows]
