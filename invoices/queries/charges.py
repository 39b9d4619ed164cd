"""Reads for late charges: which invoices to look at, what lowered their principal, what was charged already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import make_aware

from ..models import (
    Charge,
    ChargeKind,
    ChargeStatus,
    Client,
    Deferral,
    Dispute,
    DisputeStatus,
    Entry,
    EntryKind,
    Invoice,
    InvoiceKind,
    InvoicePart,
    InvoiceStatus,
    ReferenceRate,
    SettlementItem,
)
from ..rules.interest import reference
from ..rules.interest.charging import Charged
from ..rules.interest.records import AgreedRate, Claim, ClaimPart, Payment
from ..rules.interest.settling import Movement, payments_of
from ..rules.money import ZERO, quantise
from .plans import invoices_in_good_plans, is_in_good_plan
from .schedules import parts_of
from .settlements import DISCHARGING, is_discharging

# A rule given to a client today does not reach years back: only what was settled lately is charged afterwards.
LOOKED_BACK = timedelta(days=92)
CHECKED_BACK = timedelta(days=40)  # entries this young may make charges wrong; the tick looks every day


class Late(NamedTuple):
    """An invoice with what its charges rest on, of any status, oldest first."""

    invoice: Invoice
    payments: tuple[Payment, ...]
    charges: list[Charge]
    parts: tuple[ClaimPart, ...] = ()


def added_rates() -> list[reference.ReferenceRate]:
    """The rows of staff as records for `rate_table`."""
    rows = ReferenceRate.objects.values_list("series", "valid_from", "rate", "source")
    return [reference.ReferenceRate(*row) for row in rows.order_by("series", "valid_from")]


def charges_of(document: Invoice) -> list[Charge]:
    """What the document charges for, in the order of its lines; nothing for an ordinary invoice."""
    if document.kind != InvoiceKind.CHARGE:
        return []
    return list(Charge.objects.select_related("invoice").filter(document=document).order_by("pk"))


def line_of(charge: Charge) -> int:
    """Which line of its document is this charge's, from 0."""
    return Charge.objects.filter(document=charge.document_id, pk__lt=charge.pk).count()


def drafts_of_client(client_id: int, currency: str = "") -> list[Charge]:
    rows = Charge.objects.filter(status=ChargeStatus.DRAFT, invoice__client=client_id)
    if currency:
        rows = rows.filter(invoice__currency=currency)
    return list(rows.select_related("invoice").order_by("pk"))


def has_document_of_month(client_id: int, currency: str, on: date) -> bool:
    """Whether charges were issued to the client in this calendar month already."""
    rows = Charge.objects.filter(invoice__client=client_id, document__currency=currency)
    return rows.filter(document__issued_on__gte=on.replace(day=1), document__issued_on__lte=on).exists()


def is_agreed_otherwise(invoice_id: int) -> bool:
    """Under an offered or paid settlement, or in a payment plan that is kept: nothing is charged for its lateness."""
    return is_discharging(invoice_id) or is_in_good_plan(invoice_id)


def charges_on(invoice_id: int) -> list[Charge]:
    """All but dropped ones, for the page of the invoice."""
    rows = Charge.objects.filter(invoice=invoice_id).exclude(status=ChargeStatus.DROPPED)
    return list(rows.select_related("document").order_by("pk"))


def rules_in_use() -> list[str]:
    return sorted(set(Client.objects.exclude(late_charge_rule="").values_list("late_charge_rule", flat=True)))


def late_invoices(until: date) -> QuerySet[Invoice]:
    """What a charge through `until` may still be drafted for. Charges themselves never bear charges."""
    # Of an invoice in parts the last may be paid in time after an early one was not.
    is_settled_late = Q(closed_on__gt=F("due_on")) | Q(current_part__gt=0)
    is_open_or_settled_lately = Q(open_amount__gt=0) | is_settled_late & Q(closed_on__gte=until - LOOKED_BACK)
    is_part_late = Q(Exists(InvoicePart.objects.filter(invoice=OuterRef("pk"), due_on__lt=until)), current_part__gt=0)
    is_reached = Q(through_on__gte=until) | Q(through_on__gte=OuterRef("closed_on"))
    reached = Charge.objects.filter(is_reached, invoice=OuterRef("pk"), kind=ChargeKind.INTEREST)
    return Invoice.objects.filter(
        is_open_or_settled_lately,
        Q(due_on__lt=until) | is_part_late,
        ~Exists(reached.exclude(status=ChargeStatus.DROPPED)),
        ~Exists(SettlementItem.objects.filter(invoice=OuterRef("pk"), settlement__status__in=DISCHARGING)),
        # Not while a payment plan is kept, nor for its time afterwards; a broken one charges from the due date on.
        ~Exists(invoices_in_good_plans().filter(invoice=OuterRef("pk"))),
        kind=InvoiceKind.INVOICE,
        status=InvoiceStatus.ISSUED,
        client__late_charge_rule__gt="",
    )


def invoices_to_check(on: date) -> QuerySet[Invoice]:
    """Invoices with charges whose entries or due date moved lately: a back-dated receipt makes the charges wrong."""
    since = make_aware(datetime.combine(on - CHECKED_BACK, time.min))
    moved = Entry.objects.filter(recorded_at__gte=since, invoice__charges__isnull=False)
    deferred = Deferral.objects.filter(created_at__gte=since, invoice__charges__isnull=False)
    return Invoice.objects.filter(Q(pk__in=moved.values("invoice_id")) | Q(pk__in=deferred.values("invoice_id")))


def clients_to_charge(until: date, on: date) -> list[int]:
    late = late_invoices(until).order_by().values_list("client_id", flat=True).distinct()
    checked = invoices_to_check(on).order_by().values_list("client_id", flat=True).distinct()
    # Drafts that wait for the document of the next month.
    waiting = Charge.objects.filter(
        status=ChargeStatus.DRAFT,
        invoice__client__is_late_charge_monthly=True,
        invoice__client__is_late_charge_automatic=True,
    )
    return sorted({*late, *checked, *waiting.order_by().values_list("invoice__client_id", flat=True).distinct()})


def invoices_of_client_to_charge(client_id: int, until: date, on: date) -> list[Invoice]:
    late = late_invoices(until).filter(client_id=client_id)
    checked = invoices_to_check(on).filter(client_id=client_id)
    found = {invoice.pk: invoice for rows in (late, checked) for invoice in rows}
    return sorted(found.values(), key=lambda invoice: (invoice.due_on, invoice.pk))


def with_charges(invoices: Sequence[Invoice]) -> list[Late]:
    """The invoices with their payments and charges, in three queries; four where one is in parts."""
    ids = [invoice.pk for invoice in invoices]
    charges: dict[int, list[Charge]] = defaultdict(list)
    for charge in Charge.objects.filter(invoice__in=ids).order_by("pk"):
        charges[charge.invoice_id].append(charge)
    movements, disputed, parts = _movements(ids), _disputed(ids), _parts(invoices)
    return [
        Late(
            invoice,
            _payments(invoice, movements[invoice.pk], disputed.get(invoice.pk)),
            charges[invoice.pk],
            parts.get(invoice.pk, ()),
        )
        for invoice in invoices
    ]


def _parts(invoices: Sequence[Invoice]) -> dict[int, tuple[ClaimPart, ...]]:
    ids = [invoice.pk for invoice in invoices if invoice.current_part]
    parts = parts_of(ids) if ids else {}
    return {pk: tuple(ClaimPart(part.due_on, part.amount) for part in of) for pk, of in parts.items()}


def _movements(ids: Collection[int]) -> dict[int, list[Movement]]:
    """A receipt counts from the day the money came in, even if it was allocated later: it lay with us."""
    rows = Entry.objects.filter(invoice__in=ids).exclude(kind__in=[EntryKind.ISSUED, EntryKind.VOIDED])
    movements: dict[int, list[Movement]] = defaultdict(list)
    for entry in rows.select_related("receipt").order_by("pk"):
        on = min(entry.booked_on, entry.receipt.received_on) if entry.receipt else entry.booked_on
        sources = {
            "receipt": entry.receipt_id,
            "credit note": entry.credit_note_id,
            "write-off": entry.write_off_id,
            "discount": entry.discount_id,
            "settlement": entry.settlement_id,
        }
        source = next(((name, pk) for name, pk in sources.items() if pk), ("entry", entry.pk))
        movements[entry.invoice_id].append(Movement(on, quantise(entry.amount, entry.currency), source))
    return movements


def _disputed(ids: Collection[int]) -> dict[int, Payment]:
    rows = Dispute.objects.filter(status=DisputeStatus.OPEN, invoice__in=ids)
    return {row.invoice_id: Payment(row.opened_on, row.amount) for row in rows}


def _payments(invoice: Invoice, movements: list[Movement], disputed: Payment | None) -> tuple[Payment, ...]:
    """What bears no interest. A disputed part rests while the dispute is open and comes back if it is rejected."""
    if invoice.status == InvoiceStatus.VOID:
        return (Payment(invoice.due_on, invoice.total_amount),)  # never owed, so never late
    paid = payments_of(movements)
    if disputed is None or not (rest := min(disputed.amount, invoice.open_amount)):
        return paid
    return (*paid, Payment(disputed.paid_on, rest))


def claim_of(late: Late, client: Client, until: date, agreed_rate: Decimal | None = None) -> Claim:
    """What is claimed on the invoice through `until`, or through the day it was settled."""
    invoice = late.invoice
    last = min(until, invoice.closed_on) if invoice.closed_on else until
    due_on = late.parts[0].due_on if late.parts else invoice.due_on
    return Claim(
        amount=quantise(invoice.total_amount, invoice.currency),
        currency=invoice.currency,
        due_on=due_on,
        until=max(last, due_on),
        debtor_type=client.debtor_type,
        payments=late.payments,
        agreed=AgreedRate(yearly=agreed_rate),
        region=client.region,
        parts=late.parts,
    )


def counted(charges: Iterable[Charge], kind: str) -> list[Charge]:
    """Those whose days are charged for good: also waived ones, and drafts that a person dropped.

    A draft dropped because it was wrong is as if it had never been.
    """
    return [
        charge
        for charge in charges
        if charge.kind == kind
        and not (charge.status == ChargeStatus.DROPPED and charge.corrected_amount == charge.amount)
    ]


def charged_sum(charges: Iterable[Charge], kind: str) -> Decimal:
    """Before waivers, less what was corrected."""
    return sum((charge.amount - charge.corrected_amount for charge in counted(charges, kind)), ZERO)


def charged_so_far(charges: Sequence[Charge]) -> Charged | None:
    """The watermark of interest; None before the first charge."""
    rows = counted(charges, ChargeKind.INTEREST)
    if not rows:
        return None
    return Charged(max(row.through_on for row in rows), charged_sum(rows, ChargeKind.INTEREST))


def agreement_of(charges: Sequence[Charge], client: Client) -> tuple[str, Decimal | None]:
    """The scheme's id and the contract's yearly rate: of the invoice's first charge, for its life; else the client's.

    An empty id: nothing is charged.
    """
    first = next((c for kind in ChargeKind.values for c in counted(charges, kind)), None)
    if first is None:
        return client.late_charge_rule, client.late_charge_rate
    rate = first.computation.get("agreed_rate")
    return first.rule, Decimal(rate) if rate else None
