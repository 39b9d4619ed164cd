"""What an import file says, as values. `None` in a field: the file does not say; what is known stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

# What a reader hands over per cell: text as written, or the typed value of a spreadsheet cell. An empty cell is "".
Cell = str | Decimal | date


class FileKind(StrEnum):
    CLIENTS = "clients"
    INVOICES = "invoices"
    RECEIPTS = "receipts"


class FileUnusable(Exception):
    """The file as a whole cannot be read. `str()` is one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One reason why a row was left out. `row` counts as a spreadsheet does: the header is row 1."""

    row: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClientRow:
    row: int
    code: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    currency: str | None = None
    language: str | None = None
    time_zone: str | None = None
    debtor_type: str | None = None
    terms: str | None = None
    credit_limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    row: int
    number: str
    client: str
    issued_on: date
    amount: Decimal
    due_on: date | None = None
    currency: str | None = None
    terms: str | None = None
    reference: str | None = None
    client_name: str | None = None
    client_email: str | None = None
    country: str | None = None
    settled_on: date | None = None
    paid_amount: Decimal | None = None
    open_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    row: int
    received_on: date
    amount: Decimal
    client: str | None = None
    invoice: str | None = None
    currency: str | None = None
    method: str | None = None
    reference: str | None = None


Row = ClientRow | InvoiceRow | ReceiptRow
