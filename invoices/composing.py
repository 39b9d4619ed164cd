"""Facts in, HTML of a document out. No database, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from babel.numbers import format_decimal
from django.template.loader import render_to_string
from django.utils.translation import override

from .rules.invoicing import TaxLine
from .rules.money import exponent


class LineFacts(NamedTuple):
    """One line of an invoice. Rates in percent; `price` is printed with up to four decimals."""

    position: int
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_rate: Decimal
    net_amount: Decimal
    currency: str

    @property
    def price(self) -> str:
        least = "0" * exponent(self.currency)
        return format_decimal(self.unit_price, format=f"#,##0.{least}{'#' * (4 - len(least))}", locale="en_GB")


class ChargeFacts(NamedTuple):
    """What a late charge is for. `found` is the computation as kept with it (rules/interest/showing.py)."""

    is_interest: bool
    invoice_number: str
    invoice_issued_on: date
    invoice_due_on: date
    invoice_amount: Decimal
    found: Mapping[str, Any]

    @property
    def has_charged_before(self) -> bool:
        return bool(Decimal(self.found.get("charged_before") or 0))


class InvoiceFacts(NamedTuple):
    """What an invoice prints. `sender` is us with our bank details; `code` the QR of the transfer as SVG, or empty."""

    sender: object  # invoices.Organisation
    client_name: str
    client_address: str
    client_code: str
    client_tax_number: str
    language: str
    number: str
    state: str  # "", "Draft" or "Void", printed large
    issued_on: date
    due_on: date
    delivered_on: date | None
    their_reference: str
    currency: str
    lines: Sequence[LineFacts]
    taxes: Sequence[TaxLine]
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    open_amount: Decimal
    text: str
    terms_text: str
    transfer_reference: str
    iban: str
    code: str
    charge: ChargeFacts | None = None

    @property
    def title(self) -> str:
        return "Late charge" if self.charge else "Invoice"

    @property
    def paid_amount(self) -> Decimal:
        return self.total_amount - self.open_amount

    @property
    def has_discounts(self) -> bool:
        return any(line.discount_percent for line in self.lines)


def invoice_html(facts: InvoiceFacts) -> str:
    with override("en"):
        return render_to_string("documents/invoice.html", {"facts": facts, "sender": facts.sender})


class CreditNoteFacts(NamedTuple):
    """What a credit note prints. `taken_off` reduced the invoice; `on_account` can be allocated or paid out."""

    sender: object  # invoices.Organisation
    client_name: str
    client_address: str
    client_code: str
    client_tax_number: str
    language: str
    number: str
    issued_on: date
    invoice_number: str
    invoice_issued_on: date
    their_reference: str
    currency: str
    reason: str
    lines: Sequence[object]  # invoices.CreditNoteLine
    taxes: Sequence[TaxLine]
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    taken_off: Decimal

    @property
    def on_account(self) -> Decimal:
        return self.total_amount - self.taken_off


def credit_note_html(facts: CreditNoteFacts) -> str:
    with override("en"):
        return render_to_string("documents/credit_note.html", {"facts": facts, "sender": facts.sender})
