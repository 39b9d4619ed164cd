"""Paging by key: page 20,000 costs what page 1 does, and rows that arrive meanwhile do not shift the pages.

A key is the sort value and primary key of the row at the edge of a page, signed, so that it can neither be forged nor
carried to another sort. Rows without a value come last in both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.signing import BadSignature, dumps, loads
from django.db.models import F, Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP

# Order matters: a datetime is a date, a bool is an int.
WRITERS: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (bool, "b", bool),
    (Decimal, "d", str),
    (datetime, "m", datetime.isoformat),
    (date, "D", date.isoformat),
    (int, "i", int),
    (float, "f", float),
    (str, "s", str),
)
READERS: Mapping[str, Callable[[Any], Any]] = {
    "b": bool,
    "d": Decimal,
    "m": datetime.fromisoformat,
    "D": date.fromisoformat,
    "i": int,
    "f": float,
    "s": str,
    "n": lambda value: None,
}


@dataclass(frozen=True)
class Order:
    """One sort: `field` of the queryset (a path or an annotation), downwards or not; the primary key breaks ties."""

    field: str
    is_down: bool = False
    is_nullable: bool = False

    @classmethod
    def parse(cls, text: str, rows: QuerySet) -> Order:
        field = text.lstrip("-")
        return cls(field, text.startswith("-"), is_nullable(rows, field))

    @property
    def salt(self) -> str:
        return f"dashboard.keyset.{self.field}.{self.is_down}"


def is_nullable(rows: QuerySet, path: str) -> bool:
    """Whether the path can be NULL. Annotations count as nullable: a sum over no rows is NULL."""
    if path in rows.query.annotations:
        return True
    model: type[Model] | None = rows.model
    for name in path.split(LOOKUP_SEP):
        if model is None:
            return True
        if name == "pk":
            return False
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if field.null or not field.concrete:
            return True
        model = field.related_model
    return False


def ordered(rows: QuerySet, order: Order, *, backwards: bool = False) -> QuerySet:
    """The rows in the order, or exactly reversed. Plain where nothing is NULL, so that a plain index serves it."""
    down = order.is_down != backwards
    tie = "-pk" if down else "pk"
    if order.field == "pk":
        return rows.order_by(tie)
    if not order.is_nullable:
        return rows.order_by(f"-{order.field}" if down else order.field, tie)
    nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
    return rows.order_by(F(order.field).desc(**nulls) if down else F(order.field).asc(**nulls), tie)


def beyond(order: Order, key: tuple[Any, int], *, backwards: bool = False) -> Q:
    """The condition for rows after the key, or before it."""
    value, pk = key
    op = "lt" if order.is_down != backwards else "gt"
    tie = Q((f"pk__{op}", pk))
    if order.field == "pk":
        return tie
    is_null = Q((f"{order.field}__isnull", True))
    if value is None:
        return (is_null & tie) | ~is_null if backwards else is_null & tie
    # The first half bounds the index range, the second settles ties inside it.
    condition = Q((f"{order.field}__{op}e", value)) & (Q((f"{order.field}__{op}", value)) | tie)
    return condition | is_null if order.is_nullable and not backwards else condition


def write_key(order: Order, row: Model) -> str:
    """The signed key of a row."""
    value: Any = row
    for name in order.field.split(LOOKUP_SEP):
        value = getattr(value, name, None)
    if value is None:
        return dumps(["n", None, row.pk], salt=order.salt)
    for kind, tag, write in WRITERS:
        if isinstance(value, kind):
            return dumps([tag, write(value), row.pk], salt=order.salt)
    raise TypeError(f"{order.field} holds {type(value).__name__}, which cannot be a page key.")


def read_key(order: Order, text: str | None) -> tuple[Any, Any] | None:
    """The value and primary key in a key; None when there is none, or it is damaged, forged or of another sort."""
    if not text:
        return None
    try:
        tag, value, pk = loads(text, salt=order.salt)
        return READERS[tag](value), pk
    except (BadSignature, KeyError, TypeError, ValueError, InvalidOperation):
        return None


@dataclass(frozen=True)
class Page:
    """One page: its rows, and the keys of its neighbours (empty where there is none)."""

    rows: list[Model]
    previous: str = ""
    next: str = ""


def page(rows: QuerySet, order: Order, size: int, *, after: str | None = None, before: str | None = None) -> Page:
    """The page after or before a key; the first page without a usable key, or when nothing is left there."""
    if key := read_key(order, before):
        found = list(ordered(rows.filter(beyond(order, key, backwards=True)), order, backwards=True)[: size + 1])
        if len(found) > size:
            kept = found[:size][::-1]
            return Page(kept, write_key(order, kept[0]), write_key(order, kept[-1]))
    elif key := read_key(order, after):
        found = list(ordered(rows.filter(beyond(order, key)), order)[: size + 1])
        if kept := found[:size]:
            return Page(kept, write_key(order, kept[0]), write_key(order, kept[-1]) if len(found) > size else "")
    found = list(ordered(rows, order)[: size + 1])
    kept = found[:size]
    return Page(kept, "", write_key(order, kept[-1]) if len(found) > size else "")
