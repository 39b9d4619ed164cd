"""What an experiment showed, and how often clients paid after which step.

Paid means by money: receipts, allocated to what was asked for within so many days from the day of the assignment on,
that day and the last one included; a credit note or a write-off is no payment. Only clients whose time is over count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Value

from invoices.models import Entry, EntryKind
from invoices.queries.among import among

from ..models import Assignment, Experiment, NoticeLine, Variant
from ..rules.statistics import Arm

WINDOWS = (7, 14)
MONEY = (EntryKind.ALLOCATED, EntryKind.UNALLOCATED)
LOOKED_BACK = 365
CHUNK = 1000
ZERO = Decimal(0)


class Paid(NamedTuple):
    """Within `days`: clients counted as an Arm, and per currency what was asked for and what came."""

    days: int
    arm: Arm
    asked: dict[str, Decimal]
    came: dict[str, Decimal]


class ArmResult(NamedTuple):
    variant: Variant
    assigned: int
    windows: tuple[Paid, ...]


def results_of(experiment: Experiment, today: date) -> list[ArmResult]:
    """One for each arm, in the order of its making. Streams the assignments: memory does not grow with clients."""
    variants = list(experiment.variants.order_by("pk"))
    sums = {(variant.pk, days): _Sum() for variant in variants for days in WINDOWS}
    assigned: dict[int, int] = defaultdict(int)
    rows = Assignment.objects.filter(experiment=experiment).order_by("pk").iterator(CHUNK)
    for chunk in _chunks(rows):
        payments = _payments(chunk)
        for row in chunk:
            assigned[row.variant_id] += 1
            for days in WINDOWS:
                last_on = row.assigned_on + timedelta(days=days)
                if last_on < today:  # what is paid on a day is paid that evening
                    sums[row.variant_id, days].add(row, _paid_by(row, payments, last_on))
    return [
        ArmResult(variant, assigned[variant.pk], tuple(sums[variant.pk, days].result(days) for days in WINDOWS))
        for variant in variants
    ]


class _Sum:
    def __init__(self) -> None:
        self._clients = self._paid = 0
        self._asked: dict[str, Decimal] = defaultdict(Decimal)
        self._came: dict[str, Decimal] = defaultdict(Decimal)

    def add(self, row: Assignment, paid: Decimal) -> None:
        self._clients += 1
        self._paid += paid >= row.amount
        self._asked[row.currency] += row.amount
        self._came[row.currency] += paid

    def result(self, days: int) -> Paid:
        return Paid(days, Arm(self._clients, self._paid), dict(self._asked), dict(self._came))


def _chunks(rows: Iterable[Assignment]) -> Iterable[list[Assignment]]:
    chunk: list[Assignment] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _payments(chunk: Sequence[Assignment]) -> dict[int, list[tuple[date, Decimal]]]:
    """Invoice -> the money allocated to it, by day; a receipt that went back counts against it."""
    ids = {invoice_id for row in chunk for invoice_id in row.invoice_ids}
    first_on = min(row.assigned_on for row in chunk)
    found: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    rows = Entry.objects.filter(
        invoice_id__in=among(ids), kind__in=MONEY, booked_on__gte=first_on, allocation__receipt__isnull=False
    )
    for invoice_id, on, amount in rows.values_list("invoice_id", "booked_on", "amount"):
        found[invoice_id].append((on, -amount))
    return found


def _paid_by(row: Assignment, payments: dict[int, list[tuple[date, Decimal]]], last_on: date) -> Decimal:
    """Of what was asked for on that day: never more than it, never less than nothing."""
    came = [
        amount
        for invoice_id in row.invoice_ids
        for on, amount in payments.get(invoice_id, ())
        if row.assigned_on <= on <= last_on
    ]
    return max(min(sum(came, ZERO), row.amount), ZERO)


class Rate(NamedTuple):
    """Of `lines` invoices in sent notices so many were settled within 7 and within 14 days."""

    label: str
    lines: int
    settled: tuple[int, ...]


BY = {
    "level": ("Level", ("notice__level__procedure__name", "notice__level__position", "notice__level__name")),
    "words": ("Words", ("notice__level__template", "notice__variant__template")),
    "channel": ("Channel", ("notice__channel",)),
    "segment": ("Segment", ("notice__client__segment",)),
}


def rates_by(what: str, today: date) -> list[Rate]:
    """How many invoices were settled soon after a notice, by level, words, channel or segment of the client.

    Over the last LOOKED_BACK days, of notices whose longest time is over. No comparison: later levels go to those who
    did not pay before.
    """
    last_on, first_on = today - timedelta(days=max(WINDOWS) + 1), today - timedelta(days=LOOKED_BACK)
    rows = NoticeLine.objects.filter(is_live=True, notice__sent_on__gte=first_on, notice__sent_on__lte=last_on)
    fields = BY[what][1]
    counts = {f"within_{days}": Count("pk", filter=_settled_within(days)) for days in WINDOWS}
    found = rows.exclude(notice__channel="decide").order_by().values_list(*fields).annotate(lines=Count("pk"), **counts)
    return [
        Rate(_label(what, row[: len(fields)]), row[len(fields)], row[len(fields) + 1 :])
        for row in sorted(found, key=str)
    ]


def _settled_within(days: int) -> Q:
    span = ExpressionWrapper(Value(timedelta(days=days)), output_field=DurationField())
    return Q(invoice__closed_on__lte=F("reached_on") + span, invoice__closed_on__gte=F("reached_on"))


def _label(what: str, values: Sequence[object]) -> str:
    if what == "level":
        return f"{values[0]}: {values[1]} {values[2]}"
    if what == "words":
        return str(values[1] or values[0])
    return str(values[0] or "none")
