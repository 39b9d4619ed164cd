"""Reads for settlement discounts: what an invoice offers, what was paid on it and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from ..models import Allocation, CreditNote, Discount, DiscountStatus, Invoice, InvoiceStatus
from ..rules.discount import Offer, Paid, discount
from ..rules.money import ZERO, quantise
from .clients import client_ids_matching

# How many days after the last one (grace included) the discount is still put to a manager, and not just lost.
LATE_DAYS = 10


def offer_of(invoice: Invoice) -> Offer | None:
    """As printed on the invoice; None where it has none."""
    if not invoice.discount_percent or invoice.discount_until is None:
        return None
    grace, is_pro_rata = invoice.discount_grace_days, invoice.is_discount_pro_rata
    return Offer(invoice.discount_percent, invoice.discount_until, grace, is_pro_rata)


def discount_base(invoice: Invoice) -> Decimal:
    """What the percentage is of: the total, less what was credited."""
    credited = CreditNote.objects.filter(invoice=invoice).aggregate(sum=Sum("total_amount"))["sum"] or ZERO
    return quantise(invoice.total_amount - credited, invoice.currency)


def paid_on(invoice: Invoice) -> list[Paid]:
    """What stands paid, by the day the money (or the credit of another invoice) was with us; not before the invoice.

    Online it is the day on which the client paid the sum that he was shown: a debit reaches us days later.
    """
    live = Allocation.objects.filter(invoice=invoice, amount__gt=0, reversed_by__isnull=True)
    ordered_on = TruncDate("receipt__payment__created_at")
    rows = live.values_list(ordered_on, "receipt__received_on", "credit_note__issued_on", "amount")
    return [Paid(max(next(filter(None, days)), invoice.issued_on), amount) for *days, amount in rows]


class OpenOffer(NamedTuple):
    """A discount that can still be earned: paying `pay` by `last_on`, that day included, settles the invoice."""

    percent: Decimal
    last_on: date
    amount: Decimal
    pay: Decimal


def open_offer(invoice: Invoice, today: date) -> OpenOffer | None:
    """None once the printed day is over, or nothing is left to gain. Our days of grace are not told."""
    return open_offers([invoice], today).get(invoice.pk)


def open_offers(invoices: Sequence[Invoice], today: date) -> dict[int, OpenOffer]:
    """Invoice id -> what can still be earned. No query where no invoice offers anything today."""
    near = [row for row in invoices if row.open_amount > ZERO and (offer := offer_of(row)) and today <= offer.last_on]
    if not near:
        return {}
    notes = CreditNote.objects.filter(invoice__in=near).values_list("invoice_id").annotate(sum=Sum("total_amount"))
    credited = dict(notes.order_by())
    given = Discount.objects.filter(invoice__in=near, status=DiscountStatus.GRANTED).values_list("invoice_id")
    granted = dict(given.annotate(sum=Sum("amount")).order_by())
    found = {}
    for row in near:
        offer = offer_of(row)
        base = quantise(row.total_amount - credited.get(row.pk, ZERO), row.currency)
        left = discount(base, offer, row.currency) - quantise(granted.get(row.pk, ZERO), row.currency)
        if ZERO < left < row.open_amount:
            found[row.pk] = OpenOffer(offer.percent, offer.last_on, left, row.open_amount - left)
    return found


def discounts_waiting() -> QuerySet[Discount]:
    return Discount.objects.filter(status=DiscountStatus.PROPOSED)


def discounts_matching(text: str) -> Q:
    return Q(invoice__number__istartswith=text) | Q(invoice__client_id__in=client_ids_matching(text))


def discounts_offered(today: date) -> QuerySet[Invoice]:
    """Open items whose discount can still be earned, the nearest day first."""
    rows = Invoice.objects.filter(status=InvoiceStatus.ISSUED, open_amount__gt=0, discount_until__gte=today)
    return rows.order_by("discount_until", "pk")


def last_day(offer: Offer) -> date:
    """Ours: the printed day and the days of grace."""
    return offer.last_on + timedelta(days=offer.grace_days)
