"""What clients did in the year up to a day, as the rating reads it: many at a time, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Count, Min, Q, QuerySet

from ..models import (
    Allocation,
    Client,
    Invoice,
    InvoiceStatus,
    PaymentPlan,
    PlanStatus,
    Receipt,
    ReversalReason,
    WriteOff,
    WriteOffReason,
    WriteOffStatus,
)
from ..rules.ageing import days_past_due
from ..rules.behaviour import Settled, behaviour
from ..rules.risk import Record
from .among import Chosen, among

YEAR = timedelta(days=365)
HALF_YEAR = timedelta(days=182)
WENT_BACK = (ReversalReason.RETURNED_DEBIT, ReversalReason.CHARGEBACK, ReversalReason.BOUNCED_CHEQUE)
# The newest payments of one client that are looked at; the year of a very busy client is told by them.
MOST_PAYMENTS = 2_000


def records(client_ids: Collection[int], on: date) -> dict[int, Record]:
    """Client -> his record, but for the promises, which `reminders` knows. Five queries for any number of clients.

    Days late are weighted within the currency in which most was paid; amounts of different currencies are not added.
    A payment counts on the day the money came, not on the day it was allocated.
    """
    chosen, since = among(client_ids), on - YEAR
    paid = _payments(chosen, since, on)
    returned = _returned(chosen, since, on)
    written_off = _written_off(chosen, since, on)
    broken = _broken_plans(chosen, since, on)
    oldest = _oldest_due(chosen, on)
    found = {}
    for pk in client_ids:
        oldest_days = days_past_due(oldest[pk], on) if pk in oldest else 0
        record = _paying(paid.get(pk, []), on)
        found[pk] = record._replace(
            returned=returned.get(pk, 0),
            written_off=written_off.get(pk, 0),
            plans_broken=broken.get(pk, 0),
            oldest_days=max(oldest_days, 0),
        )
    return found


def _paying(payments: list[tuple[str, Settled]], on: date) -> Record:
    by_currency: dict[str, list[Settled]] = defaultdict(list)
    for currency, payment in payments:
        by_currency[currency].append(payment)
    main = max(by_currency.values(), key=len, default=[])
    whole = behaviour(main)
    if whole is None:
        return Record()
    middle = on - HALF_YEAR
    recent = behaviour([p for p in main if p.paid_on > middle])
    former = behaviour([p for p in main if p.paid_on <= middle])
    return Record(
        paid_items=len({payment.invoice_id for _, payment in payments}),
        days_late=whole.weighted_days_late,
        recent_days_late=recent.weighted_days_late if recent else None,
        former_days_late=former.weighted_days_late if former else None,
        on_time_share=whole.on_time_share,
    )


def _payments(chosen: Chosen, since: date, on: date) -> dict[int, list[tuple[str, Settled]]]:
    """What stands allocated of the money that came in the year, per client the newest first."""
    rows = Allocation.objects.filter(
        receipt__client_id__in=chosen,
        receipt__received_on__gt=since,
        receipt__received_on__lte=on,
        receipt__reversed_on__isnull=True,
        amount__gt=0,
        reversed_by__isnull=True,
    ).order_by("-receipt__received_on", "-pk")
    names = ("issued_on", "due_on")
    found: dict[int, list[tuple[str, Settled]]] = defaultdict(list)
    for client_id, currency, *dates, paid_on, amount, invoice_id in rows.values_list(
        "receipt__client_id",
        "invoice__currency",
        *(f"invoice__{name}" for name in names),
        "receipt__received_on",
        "amount",
        "invoice_id",
    ).iterator(2_000):
        if len(found[client_id]) < MOST_PAYMENTS:
            found[client_id].append((currency, Settled(*dates, paid_on, amount, invoice_id)))
    return found


def _returned(chosen: Chosen, since: date, on: date) -> dict[int, int]:
    rows = Receipt.objects.filter(client_id__in=chosen, reversed_on__gt=since, reversed_on__lte=on)
    return _counts(rows.filter(reversal_reason__in=WENT_BACK), "client_id")


def _written_off(chosen: Chosen, since: date, on: date) -> dict[int, int]:
    """Losses because he does not pay: small differences and what we gave up of our own will tell nothing."""
    losses = (WriteOffReason.UNCOLLECTABLE, WriteOffReason.INSOLVENCY, WriteOffReason.TIME_BARRED)
    rows = WriteOff.objects.filter(invoice__client_id__in=chosen, status=WriteOffStatus.BOOKED, reason__in=losses)
    return _counts(rows.filter(decided_on__gt=since, decided_on__lte=on), "invoice__client_id")


def _broken_plans(chosen: Chosen, since: date, on: date) -> dict[int, int]:
    rows = PaymentPlan.objects.filter(client_id__in=chosen, status=PlanStatus.BROKEN)
    return _counts(rows.filter(ended_on__gt=since, ended_on__lte=on), "client_id")


def _counts(rows: QuerySet, by: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(n=Count("pk")))


def _oldest_due(chosen: Chosen, on: date) -> dict[int, date]:
    """The earliest due date among the invoices that were open on the day."""
    was_open = Q(closed_on__isnull=True) | Q(closed_on__gt=on)
    rows = Invoice.objects.filter(was_open, client_id__in=chosen, status=InvoiceStatus.ISSUED, issued_on__lte=on)
    return dict(rows.order_by().values_list("client_id").annotate(d=Min("due_on")))


def limited_clients(rows: QuerySet[Client], after: int, chunk: int) -> list[int]:
    """The next of these clients, by key, who have a credit limit: those whose rating decides something."""
    found = rows.filter(pk__gt=after, credit_limit__isnull=False).order_by("pk")
    return list(found.values_list("pk", flat=True)[:chunk])
