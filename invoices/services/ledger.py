"""The one place that moves what is owed.

Every change is an `Entry`, and the stored `open_amount` or `unapplied_amount` moves in the same statement block,
under the client's row lock. Nothing else in the product writes these two columns.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, DateField, F, Max, Q, Value, When
from django.db.models.functions import Round

from ..errors import ExceedsOpen, PeriodLocked
from ..models import Client, CreditNote, Discount, Entry, EntryKind, Invoice, Receipt, Settlement, WriteOff
from ..queries.organisation import organisation
from ..rules.money import plain
from .audit import Actor, user_or_none
from .parts import keep_current_parts


def lock_client(client_id: int) -> Client:
    """The client's row, locked until the transaction ends. Whatever changes what he owes takes this lock first."""
    return Client.objects.select_for_update(no_key=True).get(pk=client_id)


def lock_clients(client_ids: Collection[int]) -> dict[int, Client]:
    """Several rows as `lock_client`, in the order of their keys: two that want each other's never wait for each other.

    Who needs more than one takes all of them at once, and no other lock of a client before.
    """
    rows = Client.objects.select_for_update(no_key=True).filter(pk__in=client_ids).order_by("pk")
    return {client.pk: client for client in rows}


def wake(client_ids: Collection[int], on: date) -> None:
    """Have collections look at these clients on `on`, or earlier if that was arranged already."""
    later = Q(review_on__isnull=True) | Q(review_on__gt=on)
    Client.objects.filter(later, pk__in=client_ids).update(review_on=on)


def require_open_period(booked_on: date) -> None:
    """Raises PeriodLocked when the books are closed through that day. Called inside the transaction that books."""
    if sentence := locked_sentence(booked_on, locked_through()):
        raise PeriodLocked(sentence)


def locked_sentence(booked_on: date, through: date | None) -> str:
    """Why nothing can be booked on that day; empty when it can."""
    if through is None or booked_on > through:
        return ""
    return (
        f"The books are closed through {through:%d %B %Y}; {booked_on:%d %B %Y} cannot be booked on. "
        "Choose a later date, or have a manager open the period."
    )


def locked_through() -> date | None:
    """The last closed day. On PostgreSQL nobody closes a month until the transaction that asked has ended.

    FOR SHARE: any number of bookings at once, which `services.periods` waits for, and which wait for it.
    """
    if connection.vendor != "postgresql":  # SQLite has one writer at a time anyway
        return organisation().locked_through
    with connection.cursor() as cursor:
        cursor.execute("SELECT locked_through FROM invoices_organisation WHERE id = 1 FOR SHARE")
        row = cursor.fetchone()
    return row[0] if row else None


# What has an amount on account: money that came in, or a document that reduces what is owed.
Source = Receipt | CreditNote


def keys_of(source: Source | None) -> dict[str, Receipt | CreditNote | None]:
    """The source as the columns of entries, allocations and refunds name it."""
    is_note = isinstance(source, CreditNote)
    return {"receipt": None if is_note else source, "credit_note": source if is_note else None}


def day_for(on: date, *, invoice: Invoice | None = None, source: Source | None = None) -> date:
    """The first day from `on` that an amount may be taken off the invoice, the source, or both.

    Not before either was last raised (issued, received, undone): some day between would show less than nothing.
    """
    raised = Q()
    if invoice:
        raised |= Q(invoice=invoice, amount__gt=0)
    if source:
        own = {name: row for name, row in keys_of(source).items() if row}
        raised |= Q(invoice__isnull=True, amount__lt=0, **own)
    last = Entry.objects.filter(raised).aggregate(last=Max("booked_on"))["last"]
    return max(on, last) if last else on


class Movement(NamedTuple):
    """One entry to be: positive `amount` is owed more. Moves the invoice's open amount, else what is
    on account of the receipt or credit note.
    """

    kind: EntryKind
    amount: Decimal
    invoice: Invoice | None = None
    receipt: Receipt | None = None
    allocation_id: int | None = None
    credit_note: CreditNote | None = None
    write_off: WriteOff | None = None
    discount: Discount | None = None
    settlement: Settlement | None = None

    @property
    def currency(self) -> str:
        return (self.invoice or self.receipt or self.credit_note).currency


def post(client: Client, movements: Collection[Movement], *, booked_on: date, actor: Actor) -> None:
    """Write the entries and move the stored amounts, and with these the part of an invoice that is due.

    The caller holds `lock_client(client.pk)`.

    Raises ExceedsOpen, before anything is kept, when an amount would fall below zero or rise above its document;
    PeriodLocked when the day is in a closed month.
    """
    require_open_period(booked_on)
    by = user_or_none(actor)
    Entry.objects.bulk_create(
        Entry(
            client=client,
            invoice=m.invoice,
            receipt=m.receipt,
            allocation_id=m.allocation_id,
            credit_note=m.credit_note,
            write_off=m.write_off,
            discount=m.discount,
            settlement=m.settlement,
            kind=m.kind,
            amount=m.amount,
            currency=m.currency,
            booked_on=booked_on,
            recorded_by=by,
        )
        for m in movements
    )
    for movement in movements:
        if movement.invoice:
            _move_open_amount(movement.invoice, movement.amount, booked_on)
        else:
            _move_unapplied_amount(movement.receipt or movement.credit_note, -movement.amount)
    if in_parts := {m.invoice.pk for m in movements if m.invoice and m.invoice.current_part}:
        keep_current_parts(in_parts)
    wake([client.pk], booked_on)


def _moved(column: str, amount: Decimal) -> Round:
    """The column moved by `amount`. SQLite computes in floating point: rounded, the sum is the exact amount again."""
    return Round(F(column) + amount, precision=3)


def _move_open_amount(invoice: Invoice, amount: Decimal, on: date) -> None:
    rest = _moved("open_amount", amount)
    moved = Invoice.objects.filter(pk=invoice.pk, open_amount__gte=-amount, total_amount__gte=rest).update(
        open_amount=rest,
        closed_on=Case(When(open_amount=-amount, then=Value(on)), default=None, output_field=DateField()),
    )
    if not moved:
        invoice.refresh_from_db(fields=["open_amount"])
        is_open, taken = plain(invoice.open_amount, invoice.currency), plain(-amount, invoice.currency)
        raise ExceedsOpen(f"Invoice {invoice} has {is_open} {invoice.currency} open; {taken} cannot be taken off it.")


def _move_unapplied_amount(document: Source, amount: Decimal) -> None:
    whole = F("amount") if isinstance(document, Receipt) else F("total_amount")
    rest = _moved("unapplied_amount", amount)
    moved = (
        type(document)
        .objects.alias(whole=whole)
        .filter(pk=document.pk, unapplied_amount__gte=-amount, whole__gte=rest)
        .update(unapplied_amount=rest)
    )
    if not moved:
        document.refresh_from_db(fields=["unapplied_amount"])
        left, wanted = plain(document.unapplied_amount, document.currency), plain(-amount, document.currency)
        name = type(document)._meta.verbose_name.capitalize()
        raise ExceedsOpen(f"{name} {document} has {left} {document.currency} left; {wanted} cannot be taken off it.")
