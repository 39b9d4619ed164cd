"""Facts in, HTML of a statement of account out. No database, no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import override

from .rules.ageing import BUCKETS
from .rules.money import ZERO
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
