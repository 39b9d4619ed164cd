"""How the cells of each field are read: kind, limit, and the records that the rows become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from .codes import country_code, currency_code, debtor_type_code, language_code, method_code, time_zone_name
from .records import Cell, ClientRow, FileKind, InvoiceRow, ReceiptRow
from .text import clean, clean_email

Reader = Callable[[Cell], Any]


def text_up_to(limit: int) -> Reader:
    return lambda cell: clean(cell, limit)


def coded(read: Callable[[str], str | None]) -> Reader:
    known = lru_cache(maxsize=1024)(read)
    return lambda cell: known(clean(cell, 80))


# As long as the columns of the database are.
_TEXTS: Mapping[str, Reader] = {
    "code": text_up_to(40),
    "client": text_up_to(40),
    "number": text_up_to(40),
    "invoice": text_up_to(40),
    "name": text_up_to(200),
    "client_name": text_up_to(200),
    "email": clean_email,
    "client_email": clean_email,
    "phone": text_up_to(40),
    "terms": text_up_to(80),
    "country": coded(country_code),
    "currency": coded(currency_code),
    "language": coded(language_code),
    "time_zone": coded(time_zone_name),
    "debtor_type": coded(debtor_type_code),
    "method": coded(method_code),
}

TEXTS: Mapping[FileKind, Mapping[str, Reader]] = {
    FileKind.CLIENTS: _TEXTS,
    FileKind.INVOICES: {**_TEXTS, "reference": text_up_to(80)},
    FileKind.RECEIPTS: {**_TEXTS, "reference": text_up_to(140)},
}
DATES = frozenset({"issued_on", "due_on", "settled_on", "received_on"})
AMOUNTS = frozenset({"amount", "paid_amount", "open_amount", "credit_limit"})
RECORDS: Mapping[FileKind, Callable[..., Any]] = {
    FileKind.CLIENTS: ClientRow,
    FileKind.INVOICES: InvoiceRow,
    FileKind.RECEIPTS: ReceiptRow,
}
