"""The figures of the day: each from one grouped pass. Currencies are never added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Case, Count, IntegerField, Max, Min, Sum, Value, When
from django.utils.timezone import get_current_timezone, make_aware

from invoices.models import AuditEvent, Client, CreditNote, Invoice, Organisation, Receipt
from invoices.queries.schedules import later_parts
from invoices.rules.ageing import BUCKETS, LIMITS, bucket, days_past_due
from invoices.rules.money import ZERO, quantise

from ..models import Notice, OutgoingStatus

TOP = 8
AHEAD = 7  # days


class CurrencyFigures(NamedTuple):
    """One currency today; `buckets` in the order of `rules.ageing.BUCKETS`."""

    currency: str
    open_items: int
    overdue_items: int
    buckets: tuple[Decimal, ...]
    collected: Decimal
    on_account: Decimal

    @property
    def open_amount(self) -> Decimal:
        return sum(self.buckets, ZERO)

    @property
    def overdue_amount(self) -> Decimal:
        return sum(self.buckets[1:], ZERO)


class TopClient(NamedTuple):
    client_id: int
    name: str
    currency: str
    overdue_amount: Decimal
    oldest_due_on: date
    items: int


def currency_figures(today: date) -> list[CurrencyFigures]:
    """Our own currency first, then by number of open items."""
    counts, sums = _open_by_bucket(today)
    month = today.replace(day=1)
    received = Receipt.objects.filter(received_on__range=(month, today), reversed_on__isnull=True)
    collected = _by_currency(received, "amount")
    on_account = _by_currency(Receipt.objects.filter(unapplied_amount__gt=0), "unapplied_amount")
    for code, amount in _by_currency(CreditNote.objects.filter(unapplied_amount__gt=0), "unapplied_amount").items():
        on_account[code] = on_account.get(code, ZERO) + amount
    codes = {code for code, _ in sums} | collected.keys() | on_account.keys()
    figures = [
        CurrencyFigures(
            code,
            sum(counts.get((code, n), 0) for n in range(len(BUCKETS))),
            sum(counts.get((code, n), 0) for n in range(1, len(BUCKETS))),
            tuple(sums.get((code, n), ZERO) for n in range(len(BUCKETS))),
            collected.get(code, ZERO),
            on_account.get(code, ZERO),
        )
        for code in codes
    ]
    ours = Organisation.objects.filter(pk=1).values_list("currency", flat=True).first()
    return sorted(figures, key=lambda one: (one.currency != ours, -one.open_items, one.currency))


def _open_by_bucket(today: date) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], Decimal]]:
    edges = [When(due_on__gte=today - timedelta(days=limit), then=Value(n)) for n, limit in enumerate(LIMITS)]
    place = Case(*edges, default=Value(len(LIMITS)), output_field=IntegerField())
    rows = Invoice.objects.filter(open_amount__gt=0).annotate(bucket=place).order_by()
    counts, sums = {}, {}
    for code, n, items, amount in rows.values_list("currency", "bucket").annotate(i=Count("pk"), s=Sum("open_amount")):
        counts[code, n], sums[code, n] = items, quantise(amount, code)
    _move_later_parts(sums, today)
    return counts, sums


def _move_later_parts(sums: dict[tuple[str, int], Decimal], today: date) -> None:
    """The parts of an invoice that come after the current one stand by their own date, not by the invoice's."""
    for code, due_on, own_due_on, amount in later_parts().values_list(
        "invoice__currency", "invoice__due_on", "due_on", "amount"
    ):
        at, to = (BUCKETS.index(bucket(days_past_due(day, today))) for day in (due_on, own_due_on))
        sums[code, at] -= amount
        sums[code, to] = sums.get((code, to), ZERO) + amount


def _by_currency(rows: object, field: str) -> dict[str, Decimal]:
    grouped = rows.order_by().values_list("currency").annotate(s=Sum(field))  # type: ignore[attr-defined]
    return {code: quantise(amount, code) for code, amount in grouped}


def top_overdue(today: date, currency: str) -> list[TopClient]:
    """Who owes most that is overdue, in one currency."""
    rows = Invoice.objects.filter(open_amount__gt=0, due_on__lt=today, currency=currency).order_by()
    sums = rows.values_list("client_id").annotate(
        s=Sum("open_amount"), d=Min("due_on"), n=Count("pk"), part=Max("current_part")
    )
    found = list(sums.order_by("-s", "client_id")[:TOP])
    to_come = _parts_to_come([row[0] for row in found if row[-1]], today, currency)
    names = dict(Client.objects.filter(pk__in=[row[0] for row in found]).values_list("pk", "name"))
    top = [
        TopClient(pk, names[pk], currency, quantise(amount, currency) - to_come.get(pk, ZERO), due, n)
        for pk, amount, due, n, _ in found
    ]
    return sorted(top, key=lambda one: -one.overdue_amount)


def _parts_to_come(client_ids: Sequence[int], today: date, currency: str) -> dict[int, Decimal]:
    """Client -> what of his overdue invoices is in parts that are not due yet. No query without such clients."""
    if not client_ids:
        return {}
    of_invoice = {"client__in": client_ids, "currency": currency, "due_on__lt": today}
    parts = later_parts().filter(due_on__gte=today, **{f"invoice__{name}": value for name, value in of_invoice.items()})
    sums = parts.values_list("invoice__client_id").annotate(s=Sum("amount"))
    return {pk: quantise(amount, currency) for pk, amount in sums}


def left_today(today: date) -> list[tuple[str, int]]:
    """What left today, in the words of the audit trail, the most frequent first. Served by event_newest."""
    midnight = make_aware(datetime.combine(today, datetime.min.time()), get_current_timezone())
    rows = AuditEvent.objects.filter(at__gte=midnight, verb__in=("notice_sent", "call_recorded"), text__gt="")
    sent = rows.filter(verb="notice_sent").order_by().values_list("text").annotate(n=Count("pk"))
    calls = rows.filter(verb="call_recorded").count()
    found = [(text, n) for text, n in sent.order_by("-n", "text")]
    return [*found, ("Calls made", calls)] if calls else found


def ready_to_go() -> list[tuple[str, int]]:
    """What goes out with the next ticks: (level, how many). Served by notice_ready."""
    rows = Notice.objects.filter(status=OutgoingStatus.APPROVED).order_by().values_list("level__name")
    found = rows.annotate(n=Count("pk"), position=Max("level__position")).order_by("position")
    return [(name, n) for name, n, _ in found]


def reviews_ahead(today: date) -> Sequence[tuple[date, int]]:
    """Day -> how many clients collections looks at then, for the coming week. Served by client_to_review."""
    rows = Client.objects.filter(review_on__range=(today + timedelta(days=1), today + timedelta(days=AHEAD))).order_by()
    return list(rows.values_list("review_on").annotate(n=Count("pk")).order_by("review_on"))
