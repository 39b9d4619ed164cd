"""Facts in, a statement of account as HTML or CSV out. No database, no network."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import override

from .rules.ageing import BUCKETS
from .rules.money import ZERO, plain
from .rules.spreadsheets import harmless
from .rules.statement import StatementKind

# More would be a book: the CSV has every line, the sums below the table are of all of them.
LINES_PRINTED = 200
BUCKET_NAMES = ("Not due", "1–30 days", "31–60 days", "61–90 days", "Over 90 days")


class StatementFacts(NamedTuple):
    """What a statement prints. `currencies` are records of `queries.statements`; `sender` is us."""

    sender: object  # invoices.Organisation
    client_name: str
    client_address: str
    client_code: str
    language: str
    first_on: date
    last_on: date
    kind: StatementKind
    currencies: Sequence[Any]
    iban: str
    transfer_reference: str
    url: str = ""  # where every line can be had
    has_csv: bool = False  # a file with every line comes with it


class Part(NamedTuple):
    """One currency as printed: the lines that fit, and what the others come to."""

    account: Any
    lines: Sequence[Any]
    left_out: int
    left_out_amount: Decimal
    buckets: list[tuple[str, Decimal]]


def statement_html(facts: StatementFacts) -> str:
    context = {
        "facts": facts,
        "sender": facts.sender,
        "parts": [_part(one, facts.kind) for one in facts.currencies],
        "is_open_item": facts.kind is StatementKind.OPEN_ITEM,
    }
    with override("en"):
        return render_to_string("documents/statement.html", context)


def _part(account: Any, kind: StatementKind) -> Part:
    if kind is StatementKind.OPEN_ITEM:
        lines = account.open_items
        rest = sum((item.open_amount for item in lines[LINES_PRINTED:]), ZERO)
    else:
        lines = account.movements.rows
        rest = sum((row.amount for row in lines[LINES_PRINTED:]), ZERO)
    amounts = [account.ageing.buckets[name].amount for name in BUCKETS]
    buckets = list(zip(BUCKET_NAMES, amounts, strict=True))
    return Part(account, lines[:LINES_PRINTED], max(len(lines) - LINES_PRINTED, 0), rest, buckets)


class StatementLine(NamedTuple):
    """One line of the CSV: an open item, money on account, or a movement; then the balance it leads to."""

    on: date
    what: str
    document: str
    due_on: date | None
    days_past_due: int | None
    amount: Decimal
    balance: Decimal
    currency: str


def statement_lines(found: Any, kind: StatementKind) -> Iterator[StatementLine]:
    """Every line of an `AccountStatement`, each with the balance it leads to in its own currency."""
    return _open_items(found) if kind is StatementKind.OPEN_ITEM else _movements(found)


def _open_items(found: Any) -> Iterator[StatementLine]:
    for one in found.currencies:
        balance = ZERO
        for item in one.open_items:
            balance += item.open_amount
            days = item.days_past_due
            yield StatementLine(
                item.issued_on, "Invoice", item.number, item.due_on, days, item.open_amount, balance, one.currency
            )
        for credit in one.credits:
            balance -= credit.amount
            yield StatementLine(
                credit.on, "On account", credit.document, None, None, -credit.amount, balance, one.currency
            )


def _movements(found: Any) -> Iterator[StatementLine]:
    for one in found.currencies:
        opening = one.movements.opening
        yield StatementLine(found.period.first_on, "Brought forward", "", None, None, opening, opening, one.currency)
        for row in one.movements.rows:
            yield StatementLine(row.on, row.what, row.document, None, None, row.amount, row.balance, one.currency)


CSV_HEAD = ("Date", "What", "Document", "Due", "Days past due", "Amount", "Currency", "Balance")


def statement_csv(found: Any, kind: StatementKind) -> bytes:
    """All lines, with the byte order mark without which Excel reads UTF-8 as Windows-1252."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_HEAD)
    for line in statement_lines(found, kind):
        due_on = line.due_on.isoformat() if line.due_on else ""
        days = "" if line.days_past_due is None else line.days_past_due
        figures = plain(line.amount, line.currency), line.currency, plain(line.balance, line.currency)
        writer.writerow([line.on.isoformat(), line.what, harmless(line.document), due_on, days, *figures])
    return out.getvalue().encode("utf-8-sig")


def is_long(found: Any, kind: StatementKind) -> bool:
    """Whether a currency has more lines than are printed."""
    is_open_item = kind is StatementKind.OPEN_ITEM
    return any(len(one.open_items if is_open_item else one.movements.rows) > LINES_PRINTED for one in found.currencies)
