"""When to pay what: of a draft by its terms, of an issued invoice as it was fixed at issue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, QuerySet

from ..errors import TermsDoNotFit
from ..models import Client, Deferral, Invoice, InvoicePart, InvoiceStatus, PaymentTerms
from ..rules.calendar import Convention
from ..rules.discount import Offer
from ..rules.instalments import CannotSplit, Part, Share
from ..rules.schedule import ANYWHERE, Due, Place, Schedule, one_sum, open_parts, reduction, schedule
from ..rules.terms import Terms, TermsForm


def terms_of(client: Client, own: PaymentTerms | None) -> PaymentTerms | None:
    """The invoice's own terms, else the client's, else the default."""
    return own or client.terms or PaymentTerms.objects.filter(is_default=True).first()


def terms_record(terms: PaymentTerms) -> Terms:
    """For the rules. Asks for the parts, unless they were prefetched."""
    return Terms(
        TermsForm(terms.form),
        terms.days,
        terms.day_of_month,
        terms.discount_days,
        terms.discount_percent,
        terms.discount_grace_days,
        terms.is_discount_pro_rata,
        Convention(terms.convention),
        tuple(Part(Share(p.share), p.value, p.months, p.days, p.day_of_month) for p in terms.parts.all()),
    )


def place_of(client: Client | None) -> Place:
    return Place(client.country, client.region) if client else ANYWHERE


def planned(
    terms: PaymentTerms | None, issued_on: date, total: Decimal, currency: str, *, client: Client | None = None
) -> Schedule:
    """What an invoice would say. Raises TermsDoNotFit when the parts of the terms miss this total."""
    try:
        return schedule(terms and terms_record(terms), issued_on, total, currency, place=place_of(client))
    except CannotSplit as error:
        raise TermsDoNotFit(f"{error} Choose other terms than “{terms}”, or type a due date.") from error


def schedule_of(invoice: Invoice) -> Schedule:
    """Of an issued invoice as printed; of a draft as it would be issued now. A due date that was typed holds for all
    of it, whatever the parts of the terms.
    """
    issued_on, total, currency = invoice.issued_on, invoice.total_amount, invoice.currency
    if invoice.status == InvoiceStatus.DRAFT:
        found = planned(invoice.terms, issued_on, total, currency, client=invoice.client)
        return found if found.due_on == invoice.due_on else one_sum(issued_on, invoice.due_on, total, currency)
    printed_on = invoice.original_due_on or invoice.due_on
    parts = tuple(parts_of([invoice.pk]).get(invoice.pk, ())) if invoice.current_part else ()
    parts = parts or one_sum(issued_on, printed_on, total, currency).parts
    return Schedule(issued_on, total, currency, parts, reduction(_offer(invoice), issued_on, parts, currency))


def has_typed_due_date(draft: Invoice) -> bool:
    """Whether somebody typed the due date of a draft; else it follows from the terms and moves with them."""
    try:
        by_terms = planned(draft.terms, draft.issued_on, draft.total_amount, draft.currency, client=draft.client)
    except TermsDoNotFit:
        return False
    return by_terms.due_on != draft.due_on


def _offer(invoice: Invoice) -> Offer | None:
    if not invoice.discount_percent or invoice.discount_until is None:
        return None
    grace, is_pro_rata = invoice.discount_grace_days, invoice.is_discount_pro_rata
    return Offer(invoice.discount_percent, invoice.discount_until, grace, is_pro_rata)


def parts_of(invoice_ids: Collection[int]) -> dict[int, list[Due]]:
    """Invoice -> its parts as fixed at issue, the oldest first."""
    found: dict[int, list[Due]] = {}
    rows = InvoicePart.objects.filter(invoice_id__in=invoice_ids).order_by("invoice_id", "position")
    for pk, position, due_on, amount in rows.values_list("invoice_id", "position", "due_on", "amount"):
        found.setdefault(pk, []).append(Due(position, due_on, amount, due_on))
    return found


def later_parts() -> QuerySet[InvoicePart]:
    """The parts of open invoices that come after the current one: all of each is open. Few invoices have any."""
    return InvoicePart.objects.filter(invoice__open_amount__gt=0, position__gt=F("invoice__current_part")).order_by()


class Piece(NamedTuple):
    """What is open of an invoice on one date; `of` is the whole part, or the whole invoice."""

    invoice: Invoice
    due_on: date
    amount: Decimal
    of: Decimal


def pieces_of(items: Iterable[Invoice]) -> Iterator[Piece]:
    """What is open of these invoices by due date: each part of an invoice in parts is an item of its own.

    One query, and none where no invoice is in parts.
    """
    yield from _pieces([(item, item.due_on, item.open_amount) for item in items])


def pieces_on(amounts: Iterable[tuple[Invoice, Decimal]], as_of: date) -> list[Piece]:
    """The same of what was open at the end of a past day, with the due dates as agreed by then, the oldest first."""
    rows = list(amounts)
    deferred = _deferred_since([item.pk for item, _ in rows if item.original_due_on], as_of)
    dated = [(item, deferred.get(item.pk, item.due_on), amount) for item, amount in rows]
    return sorted(_pieces(dated), key=lambda piece: (piece.due_on, piece.invoice.pk))


def _pieces(rows: Sequence[tuple[Invoice, date, Decimal]]) -> Iterator[Piece]:
    parts = parts_of(ids) if (ids := [item.pk for item, _, _ in rows if item.current_part]) else {}
    for item, due_on, amount in rows:
        if item.pk not in parts:
            yield Piece(item, due_on, amount, item.total_amount)
        for part, left in open_parts(parts.get(item.pk, ()), amount):
            yield Piece(item, part.due_on, left, part.amount)


def _deferred_since(invoice_ids: Sequence[int], as_of: date) -> dict[int, date]:
    """Invoice -> its due date on that day, where a later one was agreed since."""
    if not invoice_ids:
        return {}
    rows = Deferral.objects.filter(invoice_id__in=invoice_ids, agreed_on__gt=as_of).order_by("-pk")
    return dict(rows.values_list("invoice_id", "old_due_on"))
