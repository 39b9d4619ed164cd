"""The entries of a period, and their control totals: opening + movements = closing = open items - money on account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Min, QuerySet, Sum

from ..models import Entry, EntryKind
from ..rules.money import ZERO, quantise
from ..rules.periods import Period
from .aged import aged_currencies


class KindTotal(NamedTuple):
    """All entries of a kind in one currency. Allocations come in pairs, so theirs is 0."""

    kind: EntryKind
    entries: int
    amount: Decimal


class ControlTotals(NamedTuple):
    """One currency. `open_items` and `on_account` are those of the ageing report of the last day."""

    currency: str
    opening: Decimal
    kinds: tuple[KindTotal, ...]
    open_items: Decimal
    on_account: Decimal

    @property
    def entries(self) -> int:
        return sum(one.entries for one in self.kinds)

    @property
    def moved(self) -> Decimal:
        return sum((one.amount for one in self.kinds), ZERO)

    @property
    def closing(self) -> Decimal:
        return self.opening + self.moved

    @property
    def difference(self) -> Decimal:
        """0 in good books."""
        return self.closing - (self.open_items - self.on_account)


def control_totals(period: Period) -> list[ControlTotals]:
    """Per currency in which something was booked in the period, or stood before it or after. Four or five queries."""
    before = _sums(Entry.objects.filter(booked_on__lt=period.first_on))
    kinds = _by_kind(period)
    aged = {one.currency: one for one in aged_currencies(period.last_on)}
    return [
        ControlTotals(
            currency,
            before.get(currency, ZERO),
            tuple(kinds.get(currency, ())),
            aged[currency].open_amount if currency in aged else ZERO,
            aged[currency].credit if currency in aged else ZERO,
        )
        for currency in sorted({*before, *kinds, *aged})
    ]


def _sums(entries: QuerySet[Entry]) -> dict[str, Decimal]:
    rows = entries.values_list("currency").annotate(sum=Sum("amount")).order_by()
    # Half a cent of SQLite's floating sums below zero would print as -0.00; adding zero takes the sign away.
    return {currency: exact for currency, amount in rows if (exact := quantise(amount, currency) + ZERO)}


def _by_kind(period: Period) -> dict[str, list[KindTotal]]:
    """In the order in which the kinds are declared."""
    rows = Entry.objects.filter(booked_on__range=period).values_list("currency", "kind")
    found: dict[str, list[KindTotal]] = {}
    for currency, kind, count, amount in rows.annotate(count=Count("pk"), sum=Sum("amount")).order_by():
        found.setdefault(currency, []).append(KindTotal(EntryKind(kind), count, quantise(amount, currency) + ZERO))
    order = list(EntryKind)
    return {currency: sorted(kinds, key=lambda one: order.index(one.kind)) for currency, kinds in found.items()}


def entries_of(period: Period, *, kind: str = "", currency: str = "") -> QuerySet[Entry]:
    """In the order of booking, with every document at hand. Stream it: a year may have millions."""
    rows = Entry.objects.filter(booked_on__range=period)
    if kind:
        rows = rows.filter(kind=kind)
    if currency:
        rows = rows.filter(currency=currency)
    documents = ("client", "invoice", "receipt", "credit_note", "write_off", "recorded_by")
    return rows.select_related(*documents).order_by("booked_on", "pk")


def first_booked_on() -> date | None:
    """The day of the first entry; None in empty books."""
    return Entry.objects.aggregate(first=Min("booked_on"))["first"]
