"""Late charges: drafted by the tick, approved or dropped by people, issued as documents of their own, waivable."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError, NotDraft
from ..models import AuditEvent, Charge, ChargeKind, ChargeStatus, Client, Invoice, InvoiceKind
from ..queries.charges import Late, clients_to_charge, invoices_of_client_to_charge, with_charges
from ..rules.interest.reference import RateTable
from ..rules.interest.refusals import InterestRefused
from ..rules.interest.showing import as_record
from ..rules.money import ZERO, plain
from .audit import Actor, record
from .charging import Found, end_of_last_month, find_charges, is_worth_compensation, is_worth_interest
from .correcting import correct, take_off
from .issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from .ledger import lock_client
from .rates import rates_in_force

DAYS_TO_PAY = timedelta(days=14)


class Drafted(NamedTuple):
    """What one tick did. `refused`: (invoice, sentence) of those on which nothing could be charged."""

    drafted: int = 0
    issued: int = 0
    corrected: int = 0
    refused: tuple[tuple[str, str], ...] = ()

    def plus(self, other: Drafted) -> Drafted:
        return Drafted(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def draft_charges(on: date, *, actor: Actor = "worker") -> Drafted:
    """Draft what lateness cost through the end of the last month, and correct what was charged too much.

    Client by client, each in its own transaction. May run twice: what is charged is under the watermark.
    """
    until, rates, done = end_of_last_month(on), rates_in_force(), Drafted()
    for client_id in clients_to_charge(until, on):
        done = done.plus(_charge_client(client_id, until, rates, on=on, actor=actor))
    return done


@transaction.atomic
def _charge_client(client_id: int, until: date, rates: RateTable, *, on: date, actor: Actor) -> Drafted:
    client = lock_client(client_id)
    done = Drafted()
    for late in with_charges(invoices_of_client_to_charge(client_id, until, on)):
        try:
            with transaction.atomic():  # one invoice that cannot be charged holds back no other
                done = done.plus(_charge_invoice(late, client, until, rates, on=on, actor=actor))
        except (InterestRefused, LedgerError) as refused:
            _say_refused(late.invoice, str(refused), actor=actor)
            done = done.plus(Drafted(refused=((str(late.invoice), str(refused)),)))
    return done


def _charge_invoice(late: Late, client: Client, until: date, rates: RateTable, *, on: date, actor: Actor) -> Drafted:
    found = find_charges(late, client, until, rates)
    corrected = 0
    if found and correct(late, found, on=on, actor=actor):
        corrected = 1
        late = with_charges([late.invoice])[0]
        found = find_charges(late, client, until, rates)
    if found is None or not client.late_charge_rule or late.invoice.kind != InvoiceKind.INVOICE:
        return Drafted(corrected=corrected)
    charges = []
    if is_worth_interest(found, late.invoice.currency):
        charges.append(_draft(late, found, ChargeKind.INTEREST, actor=actor))
    if is_worth_compensation(found, late):
        charges.append(_draft(late, found, ChargeKind.COMPENSATION, actor=actor))
    if client.is_late_charge_automatic:
        for charge in charges:
            issue_charge(charge.pk, actor=actor, on=on)
    issued = len(charges) if client.is_late_charge_automatic else 0
    return Drafted(len(charges), issued, corrected)


def _draft(late: Late, found: Found, kind: ChargeKind, *, actor: Actor) -> Charge:
    is_interest = kind == ChargeKind.INTEREST
    invoice = late.invoice
    charge = Charge.objects.create(
        invoice=invoice,
        kind=kind,
        rule=found.rule,
        from_on=found.interest.from_on if is_interest else None,
        through_on=max(found.through_on, found.interest.from_on) if is_interest else found.through_on,
        amount=found.interest.amount if is_interest else found.compensation,
        computation=_evidence(found, invoice.currency),
    )
    text = f"{charge.get_kind_display()} of {_money(charge)} on {invoice} drafted"
    record("charge_drafted", charge, actor=actor, client_id=invoice.client_id, text=text)
    return charge


def _evidence(found: Found, currency: str) -> dict[str, object]:
    """The computation as it is now, kept with the charge."""
    agreed = found.interest.computation.claim.agreed.yearly
    return {
        **as_record(found.interest.computation),
        "charged_before": plain(found.interest.charged_amount, currency),
        "agreed_rate": "" if agreed is None else f"{agreed:f}",
    }


@transaction.atomic
def issue_charge(charge_id: int, *, actor: Actor, on: date | None = None) -> Charge:
    """Make the draft a document with a number of the charges' own series, due in 14 days. Raises LedgerError.

    Computed once more first: a draft that a receipt has made too high since is refused.
    """
    on = on or localdate()
    client, charge = _locked_draft(charge_id)
    _require_right(charge, client)
    invoice = charge.invoice
    new = NewInvoice(
        invoice.currency,
        on,
        on + DAYS_TO_PAY,
        reference=invoice.reference,
        text=charge.computation.get("law", ""),
        kind=InvoiceKind.CHARGE,
    )
    draft = draft_invoice(client, new, [NewLine(line_words(charge), Decimal(1), charge.amount)], actor=actor)
    document = issue_invoice(draft.pk, actor=actor)
    Charge.objects.filter(pk=charge.pk).update(status=ChargeStatus.ISSUED, document=document)
    charge.refresh_from_db()
    text = f"{charge.get_kind_display()} on {invoice} issued as {document} over {_money(charge)}"
    record("charge_issued", charge, actor=actor, client_id=client.pk, text=text)
    return charge


def line_words(charge: Charge) -> str:
    """What the document charges for."""
    number = f"invoice {charge.invoice} of {charge.invoice.issued_on:%d %B %Y}, due {charge.invoice.due_on:%d %B %Y}"
    if charge.kind == ChargeKind.INTEREST:
        return f"Interest from {charge.from_on:%d %B %Y} to {charge.through_on:%d %B %Y} on {number}"
    return f"{charge.get_kind_display()} for late payment of {number}"


@transaction.atomic
def drop_charge(charge_id: int, *, actor: Actor) -> Charge:
    """A person decides not to charge this: nothing is owed, and these days are not charged again."""
    client, charge = _locked_draft(charge_id)
    Charge.objects.filter(pk=charge.pk).update(status=ChargeStatus.DROPPED)
    charge.refresh_from_db()
    text = f"Draft of {charge.get_kind_display().lower()} of {_money(charge)} on {charge.invoice} dropped"
    record("charge_dropped", charge, actor=actor, client_id=client.pk, text=text)
    return charge


@transaction.atomic
def waive_charge(charge_id: int, *, reason: str, actor: Actor, on: date | None = None) -> Charge:
    """Give up an issued charge by a credit note over what was not credited before. It is never charged again."""
    client = lock_client(Charge.objects.values_list("invoice__client_id", flat=True).get(pk=charge_id))
    charge = Charge.objects.select_related("invoice", "document").get(pk=charge_id)
    if charge.status != ChargeStatus.ISSUED:
        raise LedgerError(f"This charge is {charge.get_status_display().lower()}; only an issued one can be waived.")
    if left := charge.amount - charge.corrected_amount:
        take_off(charge, left, reason=f"Waived: {reason}", on=on or localdate(), actor=actor)
    Charge.objects.filter(pk=charge.pk).update(status=ChargeStatus.WAIVED, note=reason[:300])
    charge.refresh_from_db()
    text = f"{charge.get_kind_display()} {charge.document} over {_money(charge)} waived: {reason}"
    record("charge_waived", charge, actor=actor, client_id=client.pk, text=text)
    return charge


def _locked_draft(charge_id: int) -> tuple[Client, Charge]:
    client = lock_client(Charge.objects.values_list("invoice__client_id", flat=True).get(pk=charge_id))
    charge = Charge.objects.select_related("invoice").get(pk=charge_id)
    if charge.status != ChargeStatus.DRAFT:
        raise NotDraft(f"This charge is {charge.get_status_display().lower()} already; only a draft can be decided on.")
    return client, charge


def _require_right(charge: Charge, client: Client) -> None:
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


def _say_refused(invoice: Invoice, sentence: str, *, actor: Actor) -> None:
    """Once per reason, on the client's timeline: the tick comes every day."""
    said = AuditEvent.objects.filter(client_id=invoice.client_id, verb="charge_refused", subject_id=invoice.pk)
    text = f"No late charge on {invoice}: {sentence}"[:300]
    if not said.filter(text=text).exists():
        record("charge_refused", invoice, actor=actor, client_id=invoice.client_id, text=text)


def _money(charge: Charge) -> str:
    return f"{plain(charge.amount, charge.invoice.currency)} {charge.invoice.currency}"
