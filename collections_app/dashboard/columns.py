"""What a list page is declared with: columns, filters, bulk actions, links, tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from collections_app import formats
from collections_app.templatetags.ui import badge, late, money_html, when
from invoices.rules.money import quantise

EMPTY_CELL = mark_safe(f'<span class="muted">{formats.NOTHING}</span>')


def value_at(row: Any, path: str) -> Any:
    """Follow a path of attributes (`client__name`); a method is called, a missing link gives None."""
    for name in path.split("__"):
        if row is None:
            return None
        row = getattr(row, name)
    return row() if callable(row) else row


@dataclass(frozen=True)
class Column:
    """One column. `field` is a path or a function of the row.

    kind: text, money (with `currency`, a path or function), number, date, moment, days (past due), badge (a state).
    sort: True sorts by `field`; a path or annotation sorts by that. link: the row's page. css: extra class of cells.
    """

    field: str | Callable[[Any], Any]
    label: str
    kind: str = "text"
    sort: bool | str = False
    link: Callable[[Any], str] | None = None
    currency: str | Callable[[Any], str] = "currency"
    css: str = ""

    @property
    def name(self) -> str:
        return self.field if isinstance(self.field, str) else slugify(self.label).replace("-", "_")

    @property
    def sort_field(self) -> str:
        return self.sort if isinstance(self.sort, str) else (self.name if self.sort else "")

    @property
    def classes(self) -> str:
        figure = "num" if self.kind in ("money", "number") else f"kind-{self.kind}"
        return f"{figure} {self.css}".strip()

    def value(self, row: Any) -> Any:
        return value_at(row, self.field) if isinstance(self.field, str) else self.field(row)

    def currency_of(self, row: Any) -> str:
        return value_at(row, self.currency) if isinstance(self.currency, str) else self.currency(row)

    def words(self, row: Any, value: Any) -> Any:
        """The state as people say it: Django's display text of a choice where the field has choices."""
        display = getattr(row, f"get_{self.field}_display", None) if isinstance(self.field, str) else None
        return display() if display else value

    def html(self, row: Any) -> SafeString:
        """The inside of the cell, escaped."""
        value = self.value(row)
        inner = EMPTY_CELL if value in (None, "") else KINDS[self.kind](self, row, value)
        url = self.link(row) if self.link else ""
        return format_html('<a href="{}">{}</a>', url, inner) if url else inner

    def plain(self, row: Any) -> Any:
        """The value for an export: a typed figure or date, or the words of a state."""
        value = self.value(row)
        if self.kind == "money" and value is not None:
            return quantise(value, self.currency_of(row))
        if value is None or isinstance(value, Decimal | int | float | date | datetime):
            return value
        return str(self.words(row, value))


KINDS: dict[str, Callable[[Column, Any, Any], SafeString]] = {
    "text": lambda column, row, value: conditional_escape(column.words(row, value)),
    "money": lambda column, row, value: money_html(value, column.currency_of(row)),
    "number": lambda column, row, value: conditional_escape(formats.number(value, 2)),
    "date": lambda column, row, value: when(value),
    "moment": lambda column, row, value: when(value),
    "days": lambda column, row, value: late(value),
    "badge": lambda column, row, value: badge(column.words(row, value), formats.tone(value)),
}

Choices = Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Filter:
    """One filter. `apply` is a lookup (`status`, `due_on__gte`) or a function of rows and value.

    kind: choice (with `choices`, or a function that gives them), date, text. `default` counts while the address has no
    word on it; "All" is the empty value.
    """

    name: str
    label: str
    apply: str | Callable[[QuerySet, Any], QuerySet]
    choices: Choices | Callable[[], Choices] = ()
    kind: str = "choice"
    default: str = ""

    def options(self) -> list[tuple[str, str]]:
        choices = self.choices() if callable(self.choices) else self.choices
        return [(str(value), str(label)) for value, label in choices if value not in (None, "")]

    def parse(self, raw: str, options: Sequence[tuple[str, str]]) -> Any:
        """The value; ValueError with a sentence when it is not one."""
        if self.kind == "date":
            return date_or_error(raw, self.label)
        if self.kind == "choice" and raw not in dict(options):
            raise ValueError(f"{self.label}: “{raw}” is not one of the choices, so this filter is off.")
        return raw

    def narrow(self, rows: QuerySet, value: Any) -> QuerySet:
        return rows.filter(**{self.apply: value}) if isinstance(self.apply, str) else self.apply(rows, value)


def date_or_error(raw: str, label: str) -> date:
    try:
        found = parse_date(raw)
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"{label}: “{raw}” is not a date such as 2026-11-22, so this filter is off.")
    return found


@dataclass(frozen=True)
class BulkAction:
    """Something to do with the ticked rows: `run` calls one service and answers with a sentence for the reader."""

    name: str
    label: str
    run: Callable[[HttpRequest, list[Model]], str]
    permission: str = "work"
    icon: str = ""
    kind: str = ""
    key: str = ""
    confirm: str = ""


@dataclass(frozen=True)
class Link:
    """A button in the page's head, to a named page; left out when the page is missing or not permitted."""

    label: str
    url_name: str
    icon: str = "plus"
    key: str = ""
    permission: str = "view"
    kind: str = "primary"
