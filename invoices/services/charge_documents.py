"""Drafts of late charges become documents: one per charge, or one a month with all of the client's, itemised."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError, NotDraft
from ..models import Charge, ChargeKind, ChargeStatus, Client, Invoice, InvoiceKind
from ..queries.charges import drafts_of_client, has_document_of_month, is_agreed_otherwise, with_charges
from ..rules.interest.refusals import InterestRefused
from ..rules.money import ZERO, plain
from .audit import Actor, record
from .charging import find_charges
from .issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from .ledger import lock_client
from .rates import rates_in_force

DAYS_TO_PAY = timedelta(days=14)


class Issued(NamedTuple):
    """How many charges are issued, on how many documents; `problems`: sentences of those that are not."""

    charges: int
    documents: int
    problems: list[str]


@transaction.atomic
def issue_charge(charge_id: int, *, actor: Actor, on: date | None = None) -> Charge:
    """Make the draft a document with a number of the charges' own series, due in 14 days. Raises LedgerError.

    For a client with one document a month, all his drafts in the currency go on it, but those that are not right.
    Computed once more first: a draft that a receipt has made too high since is refused.
    """
    client, charge = locked_draft(charge_id)
    require_right(charge, client)
    others = drafts_of_client(client.pk, charge.invoice.currency) if client.is_late_charge_monthly else []
    together = [charge, *(one for one in others if one.pk != charge.pk and _is_right(one, client))]
    _write_document(client, sorted(together, key=lambda one: one.pk), on or localdate(), actor=actor)
    charge.refresh_from_db()
    return charge


def issue_charges(charge_ids: Collection[int], *, actor: Actor) -> Issued:
    """Each in a transaction of its own, so that one that is refused holds back no other.

    One that went onto the month's document with another counts as issued.
    """
    problems = []
    for pk in charge_ids:
        if Charge.objects.filter(pk=pk, status=ChargeStatus.DRAFT).exists() or not _went_along(pk, charge_ids):
            try:
                issue_charge(pk, actor=actor)
            except LedgerError as error:
                problems.append(str(error))
    done = Charge.objects.filter(pk__in=charge_ids, status=ChargeStatus.ISSUED)
    return Issued(len(charge_ids) - len(problems), done.values("document").distinct().count(), problems)


def _went_along(charge_id: int, charge_ids: Collection[int]) -> bool:
    document = Charge.objects.filter(pk=charge_id, status=ChargeStatus.ISSUED).values("document")
    return Charge.objects.filter(document__in=document, pk__in=charge_ids).count() > 1


def issue_monthly(client: Client, on: date, *, without: Collection[int], actor: Actor) -> int:
    """The month's document of each currency from the drafts that are right; returns how many charges are on them.

    The caller holds the client's lock. Where the month has its document, later drafts wait for the next month's.
    """
    by_currency: dict[str, list[Charge]] = {}
    for charge in drafts_of_client(client.pk):
        if charge.invoice_id not in without and _is_right(charge, client):
            by_currency.setdefault(charge.invoice.currency, []).append(charge)
    issued = 0
    for currency, charges in by_currency.items():
        if not has_document_of_month(client.pk, currency, on):
            _write_document(client, charges, on, actor=actor)
            issued += len(charges)
    return issued


def _write_document(client: Client, charges: Sequence[Charge], on: date, *, actor: Actor) -> Invoice:
    """One line per charge, in the order of the charges: `line_of` finds it again."""
    first = charges[0].invoice
    laws = dict.fromkeys(charge.computation.get("law", "") for charge in charges)
    reference = first.reference if all(charge.invoice_id == first.pk for charge in charges) else ""
    new = NewInvoice(
        first.currency,
        on,
        on + DAYS_TO_PAY,
        reference=reference,
        text="\n".join(law for law in laws if law),
        kind=InvoiceKind.CHARGE,
    )
    lines = [NewLine(line_words(charge), Decimal(1), charge.amount) for charge in charges]
    document = issue_invoice(draft_invoice(client, new, lines, actor=actor).pk, actor=actor)
    Charge.objects.filter(pk__in=[charge.pk for charge in charges]).update(
        status=ChargeStatus.ISSUED, document=document
    )
    for charge in charges:
        text = f"{charge.get_kind_display()} on {charge.invoice} issued as {document} over {charge_money(charge)}"
        record("charge_issued", charge, actor=actor, client_id=client.pk, text=text)
    return document


def line_words(charge: Charge) -> str:
    """What the document charges for."""
    number = f"invoice {charge.invoice} of {charge.invoice.issued_on:%d %B %Y}, due {charge.invoice.due_on:%d %B %Y}"
    if charge.kind == ChargeKind.INTEREST:
        return f"Interest from {charge.from_on:%d %B %Y} to {charge.through_on:%d %B %Y} on {number}"
    return f"{charge.get_kind_display()} for late payment of {number}"


def locked_draft(charge_id: int) -> tuple[Client, Charge]:
    """The client, locked, and the draft. Raises NotDraft."""
    client = lock_client(Charge.objects.values_list("invoice__client_id", flat=True).get(pk=charge_id))
    charge = Charge.objects.select_related("invoice").get(pk=charge_id)
    if charge.status != ChargeStatus.DRAFT:
        raise NotDraft(f"This charge is {charge.get_status_display().lower()} already; only a draft can be decided on.")
    return client, charge


def require_right(charge: Charge, client: Client) -> None:
    """Raises LedgerError when the draft is too high by now, or its invoice under a plan or settlement."""
    if is_agreed_otherwise(charge.invoice_id):
        raise LedgerError(
            f"Invoice {charge.invoice} is in a payment plan or settlement, so no late charge is issued on it. "
            "Drop the draft, or wait until the agreement has ended."
        )
    late = with_charges([charge.invoice])[0]
    try:
        found = find_charges(late, client, charge.through_on, rates_in_force())
    except InterestRefused as refused:
        raise LedgerError(f"The charge on {charge.invoice} cannot be computed any more: {refused}") from refused
    is_interest = charge.kind == ChargeKind.INTEREST
    excess = (found.interest.amount if is_interest else found.compensation) if found else ZERO
    if excess < ZERO:
        by = f"{plain(-excess, charge.invoice.currency)} {charge.invoice.currency}"
        raise LedgerError(
            f"The draft on {charge.invoice} is too high by {by}, since the invoice was paid or credited in between. "
            "The next daily run replaces it; nothing was issued."
        )


def _is_right(charge: Charge, client: Client) -> bool:
    try:
        require_right(charge, client)
    except LedgerError:
        return False
    return True


def charge_money(charge: Charge) -> str:
    return f"{plain(charge.amount, charge.invoice.currency)} {charge.invoice.currency}"
