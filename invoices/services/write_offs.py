"""Write-offs: an accepted loss, approved by a second person above a limit. The claim may live on.

Booked, it takes the amount off the invoice, which is no longer chased. Money that comes later: see `recoveries`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import ExceedsOpen, InvalidAmount, LedgerError, NotIssued
from ..models import (
    Client,
    EntryKind,
    Invoice,
    InvoiceStatus,
    WriteOff,
    WriteOffReason,
    WriteOffStatus,
)
from ..queries.organisation import small_difference_limit, write_off_limit
from ..queries.write_offs import lost_amount
from ..rules.limits import is_small_difference, needs_second_person
from ..rules.money import ZERO, is_whole, plain
from .approving import require_second_person
from .audit import Actor, record, user_or_none
from .ledger import Movement, day_for, lock_client, post


class NewWriteOff(NamedTuple):
    """A write-off as asked for. The claim of a small difference or of goodwill does not live on."""

    amount: Decimal
    reason: str = WriteOffReason.UNCOLLECTABLE
    note: str = ""
    is_claim_alive: bool = True


@transaction.atomic
def ask_write_off(invoice_id: int, new: NewWriteOff, *, actor: Actor, on: date | None = None) -> WriteOff:
    """Booked at once up to the limit; above it, or in a currency that is not ours, it waits for a second person.

    The limit is of all that is lost on the invoice, so that nobody stays under it by asking in parts.
    Raises NotIssued, InvalidAmount, ExceedsOpen; LedgerError when one waits on this invoice already.
    """
    client, invoice = _locked(invoice_id)
    _check(invoice, new.amount)
    day = day_for(on or localdate(), invoice=invoice)
    loss = WriteOff.objects.create(invoice=invoice, asked_on=day, asked_by=user_or_none(actor), **new._asdict())
    if needs_second_person(new.amount + lost_amount(invoice), invoice.currency, write_off_limit()):
        text = f"{_figures(loss)} of {invoice} to be written off: {loss.get_reason_display()}; a second person decides"
        record("write_off_asked", invoice, actor=actor, client_id=client.pk, text=text)
        return loss
    return _book(client, loss, on=day, actor=actor)


@transaction.atomic
def decide_write_off(write_off_id: int, *, is_approved: bool, actor: Actor, on: date | None = None) -> WriteOff:
    """Approve, by somebody else than who asked, or refuse (who asked may take it back so)."""
    client, loss = _locked_loss(write_off_id)
    if loss.status != WriteOffStatus.PROPOSED:
        raise LedgerError(f"This write-off is {loss.get_status_display().lower()} already.")
    if not is_approved:
        return _refuse(client, loss, actor=actor)
    require_second_person(loss.asked_by, actor, "write-off")
    if loss.amount > loss.invoice.open_amount:
        left = plain(loss.invoice.open_amount, loss.invoice.currency)
        raise ExceedsOpen(
            f"Invoice {loss.invoice} has only {left} {loss.invoice.currency} open by now, less than the "
            f"{_figures(loss)} to be written off. Refuse this one, and ask again for what is left."
        )
    return _book(client, loss, on=on or localdate(), actor=actor)


@transaction.atomic
def write_off_small_difference(invoice_id: int, *, actor: Actor, on: date | None = None) -> WriteOff:
    """What a receipt left open, if it is within the tolerance of the settings. Raises LedgerError if it is not."""
    client, invoice = _locked(invoice_id)
    limit = small_difference_limit()
    if not is_small_difference(invoice.open_amount, invoice.total_amount, invoice.currency, limit):
        left = f"{plain(invoice.open_amount, invoice.currency)} {invoice.currency}"
        raise LedgerError(
            f"{left} open on invoice {invoice} is no small difference: that is the rest of a paid item, up to "
            f"{plain(limit.amount, limit.currency)} {limit.currency}. Ask for a write-off."
        )
    new = NewWriteOff(invoice.open_amount, WriteOffReason.SMALL_DIFFERENCE, is_claim_alive=False)
    day = day_for(on or localdate(), invoice=invoice)
    loss = WriteOff.objects.create(invoice=invoice, asked_on=day, asked_by=user_or_none(actor), **new._asdict())
    return _book(client, loss, on=day, actor=actor)


def waive_agreed(client: Client, invoice: Invoice, new: NewWriteOff, *, on: date, actor: Actor) -> WriteOff:
    """Book what an agreement waives: it was approved with the agreement, so nobody is asked again.

    The caller holds `lock_client(client.pk)`. Raises NotIssued, InvalidAmount, ExceedsOpen.
    """
    _check(invoice, new.amount)
    day = day_for(on, invoice=invoice)
    loss = WriteOff.objects.create(invoice=invoice, asked_on=day, asked_by=user_or_none(actor), **new._asdict())
    return _book(client, loss, on=day, actor=actor)


@transaction.atomic
def reverse_write_off(write_off_id: int, *, reason: str, actor: Actor, on: date | None = None) -> WriteOff:
    """Take a booked write-off back: what was not recovered is open again, and is chased again."""
    client, loss = _locked_loss(write_off_id)
    if loss.status != WriteOffStatus.BOOKED:
        raise LedgerError(f"This write-off is {loss.get_status_display().lower()}; only a booked one can be reversed.")
    on = max(on or localdate(), loss.decided_on or loss.asked_on)
    if left := loss.unrecovered_amount:
        reversed_ = Movement(EntryKind.RECOVERED, left, invoice=loss.invoice, write_off=loss)
        post(client, [reversed_], booked_on=on, actor=actor)
    WriteOff.objects.filter(pk=loss.pk).update(status=WriteOffStatus.REVERSED)
    text = f"Write-off of {_figures(loss)} on {loss.invoice} reversed: {reason}"
    record("write_off_reversed", loss.invoice, actor=actor, client_id=client.pk, text=text)
    loss.refresh_from_db()
    return loss


def _locked(invoice_id: int) -> tuple[Client, Invoice]:
    client = lock_client(Invoice.objects.only("client_id").get(pk=invoice_id).client_id)
    return client, Invoice.objects.get(pk=invoice_id)


def _locked_loss(write_off_id: int) -> tuple[Client, WriteOff]:
    invoice_id = WriteOff.objects.only("invoice_id").get(pk=write_off_id).invoice_id
    client, _ = _locked(invoice_id)
    return client, WriteOff.objects.select_related("invoice", "asked_by").get(pk=write_off_id)


def _check(invoice: Invoice, amount: Decimal) -> None:
    if invoice.status != InvoiceStatus.ISSUED or not invoice.is_open:
        raise NotIssued(f"Invoice {invoice} owes nothing, so there is nothing to write off.")
    if not amount.is_finite() or amount <= ZERO or not is_whole(amount, invoice.currency):
        raise InvalidAmount(f"{amount} is not an amount in {invoice.currency}; enter one above 0.")
    if amount > invoice.open_amount:
        left = f"{plain(invoice.open_amount, invoice.currency)} {invoice.currency}"
        raise ExceedsOpen(f"Invoice {invoice} has {left} open, so not more than that can be written off.")
    if invoice.write_offs.filter(status=WriteOffStatus.PROPOSED).exists():
        raise LedgerError(f"A write-off on invoice {invoice} waits for approval already. Have it decided first.")


def _book(client: Client, loss: WriteOff, *, on: date, actor: Actor) -> WriteOff:
    on = day_for(on, invoice=loss.invoice)
    lost = Movement(EntryKind.WRITTEN_OFF, -loss.amount, invoice=loss.invoice, write_off=loss)
    post(client, [lost], booked_on=on, actor=actor)
    decided = {"status": WriteOffStatus.BOOKED, "decided_on": on, "decided_by": user_or_none(actor)}
    WriteOff.objects.filter(pk=loss.pk).update(**decided)
    text = f"{_figures(loss)} of {loss.invoice} written off: {loss.get_reason_display()}"
    if loss.is_claim_alive:
        text += "; the claim lives on"
    record("write_off_booked", loss.invoice, actor=actor, client_id=client.pk, text=text, after={"note": loss.note})
    loss.refresh_from_db()
    return loss


def _refuse(client: Client, loss: WriteOff, *, actor: Actor) -> WriteOff:
    decided = {"status": WriteOffStatus.REFUSED, "decided_on": localdate(), "decided_by": user_or_none(actor)}
    WriteOff.objects.filter(pk=loss.pk).update(**decided)
    text = f"Write-off of {_figures(loss)} on {loss.invoice} refused"
    record("write_off_refused", loss.invoice, actor=actor, client_id=client.pk, text=text)
    loss.refresh_from_db()
    return loss


def _figures(loss: WriteOff) -> str:
    return f"{plain(loss.amount, loss.invoice.currency)} {loss.invoice.currency}"
