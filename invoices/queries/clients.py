"""Reads about clients for lists and pages: what each owes, in his own currency; other currencies are never added in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Count, DecimalField, Exists, Min, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from ..models import Client, Contact, CreditNote, Invoice, Receipt
from ..rules.ageing import AgedBalance, days_past_due
from . import search
from .schedules import later_parts, pieces_of
from .search import holds

MONEY = DecimalField(max_digits=18, decimal_places=3)
# A search looks for this many clients first, then for their rows: a join with OR over big tables takes seconds.
SEARCH_CAP = 500


def _open_items() -> QuerySet:
    return Invoice.objects.filter(client=OuterRef("pk"), open_amount__gt=0).order_by()


def _sum_open(items: QuerySet) -> Coalesce:
    own = items.filter(currency=OuterRef("currency"))
    sums = own.values("client").annotate(s=Sum("open_amount")).values("s")
    return Coalesce(Subquery(sums), Value(Decimal(0)), output_field=MONEY)


def _parts_to_come(today: date) -> Coalesce:
    """What of the overdue invoices in parts is not due yet."""
    of_client = {"invoice__client": OuterRef("pk"), "invoice__currency": OuterRef("currency")}
    parts = later_parts().filter(**of_client, invoice__due_on__lt=today, due_on__gte=today)
    sums = parts.values("invoice__client").annotate(s=Sum("amount")).values("s")
    return Coalesce(Subquery(sums), Value(Decimal(0)), output_field=MONEY)


def clients_with_figures(today: date) -> QuerySet[Client]:
    """Clients with `overdue_amount`, `owed_amount` (own currency), `oldest_due_on` and `has_other_currency`."""
    items = _open_items()
    oldest = items.values("client").annotate(d=Min("due_on")).values("d")
    return Client.objects.select_related("account_manager").annotate(
        overdue_amount=_sum_open(items.filter(due_on__lt=today)) - _parts_to_come(today),
        owed_amount=_sum_open(items),
        oldest_due_on=Subquery(oldest, output_field=models.DateField()),
        has_other_currency=Exists(items.exclude(currency=OuterRef("currency"))),
    )


def with_overdue(rows: QuerySet[Client], today: date) -> QuerySet[Client]:
    return rows.filter(Exists(_open_items().filter(due_on__lt=today)))


def client_ids_matching(text: str) -> list[int]:
    """Up to SEARCH_CAP clients whose code, name, legal name or contact matches; each look-up runs on its own index."""
    ids = list(Client.objects.filter(holds(search.CLIENT, text)).order_by().values_list("pk", flat=True)[:SEARCH_CAP])
    if len(ids) < SEARCH_CAP:
        people = Contact.objects.filter(holds(search.CONTACT, text)).order_by()
        ids += people.values_list("client_id", flat=True)[: SEARCH_CAP - len(ids)]
    return ids


def client_options(text: str, limit: int = 20) -> QuerySet[Client]:
    """Active clients to choose from: those whose code, name or legal name holds the text."""
    return Client.objects.filter(holds(search.CLIENT, text), is_active=True).order_by("name", "pk")[:limit]


def open_items_of(client_id: int) -> QuerySet[Invoice]:
    return Invoice.objects.filter(client_id=client_id, open_amount__gt=0).order_by("due_on", "pk")


def balances_of(items: Iterable[Invoice], credit: dict[str, Decimal], today: date) -> dict[str, AgedBalance]:
    """Currency -> what is open by bucket, each part by its own date, with money on account in its own column."""
    balances: dict[str, AgedBalance] = {}
    for piece in pieces_of(items):
        balance = balances.setdefault(piece.invoice.currency, AgedBalance())
        balance.add(piece.amount, days_past_due(piece.due_on, today))
    for currency, amount in credit.items():
        balances.setdefault(currency, AgedBalance()).credit += amount
    return dict(sorted(balances.items(), key=lambda pair: -pair[1].open_amount))


def credit_of(client_id: int) -> dict[str, Decimal]:
    """Currency -> money on account, from receipts and credit notes."""
    sums: dict[str, Decimal] = {}
    for model in (Receipt, CreditNote):
        rows = model.objects.filter(client_id=client_id, unapplied_amount__gt=0).order_by()
        for currency, amount in rows.values_list("currency", "unapplied_amount"):
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums


def item_counts(client_id: int) -> dict[str, int]:
    """How many invoices of each status the client has."""
    rows = Invoice.objects.filter(client_id=client_id).order_by().values("status").annotate(n=Count("pk"))
    return dict(rows.values_list("status", "n"))


def paid_late_by(client_id: int, last: int = 50) -> int | None:
    """The median of days from due date to settlement over the last settled invoices; None without any."""
    settled = Invoice.objects.filter(client_id=client_id, status="issued", closed_on__isnull=False)
    dates = settled.order_by("-closed_on").values_list("due_on", "closed_on")[:last]
    days = sorted((closed - due).days for due, closed in dates)
    if not days:
        return None
    middle = len(days) // 2
    return days[middle] if len(days) % 2 else round((days[middle - 1] + days[middle]) / 2)
