"""Recompute everything that is stored about money, and name each difference."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Round

from ..models import Entry, EntryKind, Invoice, InvoiceStatus, Receipt
from ..rules.money import ZERO, quantise
from .agreement_integrity import agreement_differences
from .charge_integrity import charge_differences
from .corrections import correction_differences
from .differences import Difference
from .parts_integrity import part_differences


def ledger_differences() -> Iterator[Difference]:
    """Every difference in the books; none is the only good answer."""
    yield from _open_amounts()
    yield from _unapplied_amounts()
    yield from _allocations()
    yield from _transfers()
    yield from _documents()
    yield from _strangers()
    yield from part_differences()
    yield from charge_differences()
    yield from correction_differences()
    yield from agreement_differences()


# One pass over the entries each, and only what differs comes back: a million documents are checked in seconds. Half of
# the smallest unit is the threshold, since SQLite sums in floating point.
OPEN_AMOUNTS = """
    SELECT i.id, i.number, i.status, i.currency, i.total_amount, i.open_amount, COALESCE(e.amount, 0)
    FROM invoices_invoice i
    LEFT JOIN (SELECT invoice_id, SUM(amount) AS amount FROM invoices_entry
               WHERE invoice_id IS NOT NULL GROUP BY invoice_id) e ON e.invoice_id = i.id
    WHERE ABS(COALESCE(e.amount, 0) - i.open_amount) > 0.0004
       OR COALESCE(e.amount, 0) < -0.0004 OR COALESCE(e.amount, 0) - i.total_amount > 0.0004
       OR (i.status <> 'issued' AND ABS(COALESCE(e.amount, 0)) > 0.0004)
"""
UNAPPLIED_AMOUNTS = """
    SELECT r.id, r.currency, r.unapplied_amount, -COALESCE(e.amount, 0)
    FROM invoices_receipt r
    LEFT JOIN (SELECT receipt_id, SUM(amount) AS amount FROM invoices_entry
               WHERE invoice_id IS NULL GROUP BY receipt_id) e ON e.receipt_id = r.id
    WHERE ABS(r.unapplied_amount + COALESCE(e.amount, 0)) > 0.0004
"""
CREDIT_NOTES = """
    SELECT n.number, n.currency, n.unapplied_amount, -COALESCE(e.amount, 0)
    FROM invoices_creditnote n
    LEFT JOIN (SELECT credit_note_id, SUM(amount) AS amount FROM invoices_entry
               WHERE invoice_id IS NULL GROUP BY credit_note_id) e ON e.credit_note_id = n.id
    WHERE ABS(n.unapplied_amount + COALESCE(e.amount, 0)) > 0.0004
"""
ALLOCATIONS = """
    SELECT a.id, i.currency, a.amount, -COALESCE(e.on_invoice, 0), COALESCE(e.on_account, 0)
    FROM invoices_allocation a JOIN invoices_invoice i ON i.id = a.invoice_id
    LEFT JOIN (SELECT allocation_id,
                      SUM(CASE WHEN invoice_id IS NOT NULL THEN amount ELSE 0 END) AS on_invoice,
                      SUM(CASE WHEN invoice_id IS NULL THEN amount ELSE 0 END) AS on_account
               FROM invoices_entry WHERE allocation_id IS NOT NULL GROUP BY allocation_id) e ON e.allocation_id = a.id
    WHERE ABS(a.amount + COALESCE(e.on_invoice, 0)) > 0.0004 OR ABS(a.amount - COALESCE(e.on_account, 0)) > 0.0004
"""

# What left a receipt for other clients stands on the receipts that were made of it.
TRANSFERS = """
    SELECT COALESCE(r.moved_from_id, r.id) AS origin, MIN(e.currency), SUM(e.amount)
    FROM invoices_entry e JOIN invoices_receipt r ON r.id = e.receipt_id
    WHERE e.kind = 'moved' GROUP BY COALESCE(r.moved_from_id, r.id) HAVING ABS(SUM(e.amount)) > 0.0004
"""


def _rows(sql: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(1000):
            yield from rows


def _exact(value: Any, currency: str) -> Decimal:
    """A sum, which SQLite makes in floating point, at the currency's precision."""
    return quantise(Decimal(str(value)), currency)


def _stored(value: Any) -> Decimal:
    """An amount as the column holds it, half cents included."""
    return Decimal(str(value)).quantize(Decimal("0.001"))


def _open_amounts() -> Iterator[Difference]:
    for pk, number, status, currency, *amounts in _rows(OPEN_AMOUNTS):
        total, stored = (_stored(amount) for amount in amounts[:2])
        computed = _exact(amounts[2], currency)
        name = f"Invoice {number or pk}"
        if stored != computed:
            yield Difference(f"{name}, open amount", stored, computed)
        if computed < 0 or computed > total:
            yield Difference(f"{name}, entries outside 0 to total", computed, total)
        if status != InvoiceStatus.ISSUED and computed:
            yield Difference(f"{name} is {status} but its entries owe", ZERO, computed)


def _unapplied_amounts() -> Iterator[Difference]:
    for pk, currency, stored, computed in _rows(UNAPPLIED_AMOUNTS):
        yield Difference(f"Receipt {pk}, amount on account", _stored(stored), _exact(computed, currency))
    for number, currency, stored, computed in _rows(CREDIT_NOTES):
        yield Difference(f"Credit note {number}, amount on account", _stored(stored), _exact(computed, currency))


def _allocations() -> Iterator[Difference]:
    """Each allocation is one pair of entries: minus on the invoice, plus on account."""
    for pk, currency, *amounts in _rows(ALLOCATIONS):
        amount = _stored(amounts[0])
        paid, used = (_exact(value, currency) for value in amounts[1:])
        if paid != amount:
            yield Difference(f"Allocation {pk}, entries on the invoice", amount, paid)
        if used != amount:
            yield Difference(f"Allocation {pk}, entries on account", amount, used)
    astray = Entry.objects.filter(
        Q(allocation__isnull=False, invoice__isnull=False) & ~Q(invoice=F("allocation__invoice"))
        | Q(allocation__receipt__isnull=False) & ~Q(receipt=F("allocation__receipt"))
        | Q(allocation__credit_note__isnull=False) & ~Q(credit_note=F("allocation__credit_note"))
    )
    for pk, allocation_id in astray.values_list("pk", "allocation_id").iterator(5000):
        yield Difference(f"Entry {pk} moves another document than its allocation {allocation_id} says.", None, None)


def _transfers() -> Iterator[Difference]:
    """A transfer takes from one receipt what it gives to another, and gave the new receipt its amount."""
    for pk, currency, amount in _rows(TRANSFERS):
        yield Difference(f"Receipt {pk}, transfers that do not balance", ZERO, _exact(amount, currency))
    booked = Entry.objects.filter(receipt=OuterRef("pk"), kind=EntryKind.MOVED, amount=-OuterRef("amount"))
    for pk in Receipt.objects.filter(~Exists(booked), moved_from__isnull=False).values_list("pk", flat=True):
        yield Difference(f"Receipt {pk} was moved from another client, but no entry brought its amount.", None, None)


def _documents() -> Iterator[Difference]:
    """A document and the one entry that brought it in; totals that add up; a closing date exactly on what is closed."""
    issued = Entry.objects.filter(kind=EntryKind.ISSUED).exclude(amount=F("invoice__total_amount"))
    for number, total, amount in issued.values_list("invoice__number", "invoice__total_amount", "amount"):
        yield Difference(f"Invoice {number}, total", total, amount)
    received = Entry.objects.filter(kind=EntryKind.RECEIVED).exclude(amount=-F("receipt__amount"))
    for pk, stored, amount in received.values_list("receipt_id", "receipt__amount", "amount"):
        yield Difference(f"Receipt {pk}, amount", stored, -amount)
    unbooked = Receipt.objects.filter(moved_from__isnull=True).filter(
        ~Exists(Entry.objects.filter(receipt=OuterRef("pk"), kind=EntryKind.RECEIVED))
    )
    for pk in unbooked.values_list("pk", flat=True).iterator(5000):
        yield Difference(f"Receipt {pk} has no entry that brought it in.", None, None)
    uneven = Invoice.objects.exclude(total_amount=Round(F("net_amount") + F("tax_amount"), precision=3))
    for pk, total, net, tax in uneven.values_list("pk", "total_amount", "net_amount", "tax_amount"):
        yield Difference(f"Invoice {pk}, total of net and tax", total, net + tax)
    numbered = Invoice.objects.filter(status=InvoiceStatus.ISSUED)
    for number in numbered.filter(open_amount=0, closed_on__isnull=True).values_list("number", flat=True):
        yield Difference(f"Invoice {number} is paid but has no closing date.", None, None)
    for number in numbered.filter(open_amount__gt=0, closed_on__isnull=False).values_list("number", flat=True):
        yield Difference(f"Invoice {number} is open but has a closing date.", None, None)


def _strangers() -> Iterator[Difference]:
    """Entries of another client or currency than what they move; issued invoices without an issue entry.

    What an entry moves is its invoice, else its receipt or credit note. Only an allocation of a receipt may name two
    clients: who owed, and who paid for him.
    """
    of_invoice = Q(invoice__isnull=False) & ~Q(client=F("invoice__client"))
    of_receipt = Q(invoice__isnull=True, receipt__isnull=False) & ~Q(client=F("receipt__client"))
    across = Q(invoice__isnull=False, receipt__isnull=False, allocation__isnull=True) & ~Q(client=F("receipt__client"))
    of_note = Q(credit_note__isnull=False) & ~Q(client=F("credit_note__client"))
    currency = Q()
    for document in ("invoice", "receipt", "credit_note"):
        currency |= Q(**{f"{document}__isnull": False}) & ~Q(currency=F(f"{document}__currency"))
    wrong = Entry.objects.filter(of_invoice | of_receipt | across | of_note | currency)
    for pk in wrong.values_list("pk", flat=True).iterator(5000):
        yield Difference(f"Entry {pk} is of another client or currency than the document it moves.", None, None)
    issued = Q(entries__kind=EntryKind.ISSUED)
    bare = Invoice.objects.filter(status=InvoiceStatus.ISSUED).annotate(n=Count("entries", filter=issued)).exclude(n=1)
    for number in bare.values_list("number", flat=True).iterator(5000):
        yield Difference(f"Invoice {number} is issued but has no issue entry.", None, None)
