"""Refunds: money on account goes back to the client. Above the limit a second person approves it.

Only what is on account can be refunded; what was allocated is undone first. What came in online goes back through the
card processor: a refund decided here is asked for there, once, and booked when the processor tells of it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Sum
from django.utils.timezone import localdate

from ..errors import ExceedsOpen, InvalidAmount, LedgerError
from ..models import Client, CreditNote, EntryKind, Payment, Receipt, Refund, RefundStatus
from ..queries.organisation import write_off_limit
from ..rules.limits import needs_second_person
from ..rules.money import ZERO, is_whole, plain
from .approving import require_second_person
from .audit import Actor, record, user_or_none
from .ledger import Movement, Source, day_for, keys_of, lock_client, post
from .processor_refunds import not_asked_yet, request_refund


class NewRefund(NamedTuple):
    amount: Decimal
    reason: str
    reference: str = ""


@transaction.atomic
def refund_receipt(receipt_id: int, new: NewRefund, *, actor: Actor, on: date | None = None) -> Refund:
    """Give back what a receipt has on account. Booked at once up to the limit, else it waits for a second person.

    The limit is of all that went back of the receipt, so that nobody stays under it by asking in parts.

    Raises InvalidAmount, ExceedsOpen; LedgerError when one waits already.
    """
    client = lock_client(Receipt.objects.only("client_id").get(pk=receipt_id).client_id)
    receipt = Receipt.objects.get(pk=receipt_id)
    return _ask(client, receipt, new, on=on or localdate(), actor=actor)


@transaction.atomic
def refund_credit_note(credit_note_id: int, new: NewRefund, *, actor: Actor, on: date | None = None) -> Refund:
    """Pay out what a credit note has on account; otherwise as `refund_receipt`."""
    client = lock_client(CreditNote.objects.only("client_id").get(pk=credit_note_id).client_id)
    note = CreditNote.objects.get(pk=credit_note_id)
    return _ask(client, note, new, on=on or localdate(), actor=actor)


def _ask(client: Client, source: Source, new: NewRefund, *, on: date, actor: Actor) -> Refund:
    _check(source, new)
    refund = Refund.objects.create(
        client=client,
        currency=source.currency,
        asked_on=on,
        asked_by=user_or_none(actor),
        **keys_of(source),
        **new._asdict(),
    )
    before = source.refunds.filter(status=RefundStatus.BOOKED).aggregate(sum=Sum("amount"))["sum"] or ZERO
    if needs_second_person(new.amount + before, source.currency, write_off_limit()):
        text = f"{_figures(refund)} to be refunded: {refund.reason}; a second person decides"
        record("refund_asked", source, actor=actor, client_id=client.pk, text=text)
        return refund
    return _book(client, refund, on=on, actor=actor)


def _check(source: Source, new: NewRefund) -> None:
    if not new.reason.strip():
        raise LedgerError("A refund needs a reason.")
    if not new.amount.is_finite() or new.amount <= 0 or not is_whole(new.amount, source.currency):
        raise InvalidAmount(f"{new.amount} is not an amount in {source.currency}; enter one above 0.")
    payment = _payment_of(source)
    free = source.unapplied_amount - (not_asked_yet(payment) if payment else ZERO)
    if new.amount > free:
        left = f"{plain(free, source.currency)} {source.currency}"
        raise ExceedsOpen(f"{left} is on account, so not more than that can be refunded.")
    if source.refunds.filter(status=RefundStatus.PROPOSED).exists():
        raise LedgerError("A refund of this waits for approval already. Have it decided first.")


@transaction.atomic
def decide_refund(refund_id: int, *, is_approved: bool, actor: Actor, on: date | None = None) -> Refund:
    """Approve, by somebody else than who asked, or refuse (who asked may take it back so)."""
    client = lock_client(Refund.objects.only("client_id").get(pk=refund_id).client_id)
    refund = Refund.objects.select_related("receipt", "credit_note", "asked_by").get(pk=refund_id)
    if refund.status != RefundStatus.PROPOSED:
        raise LedgerError(f"This refund is {refund.get_status_display().lower()} already.")
    if is_approved:
        require_second_person(refund.asked_by, actor, "refund")
        return _book(client, refund, on=on or localdate(), actor=actor)
    decided = {"status": RefundStatus.REFUSED, "decided_on": localdate(), "decided_by": user_or_none(actor)}
    Refund.objects.filter(pk=refund.pk).update(**decided)
    text = f"Refund of {_figures(refund)} refused"
    record("refund_refused", refund.receipt or refund.credit_note, actor=actor, client_id=client.pk, text=text)
    refund.refresh_from_db()
    return refund


def _book(client: Client, refund: Refund, *, on: date, actor: Actor) -> Refund:
    source = refund.receipt or refund.credit_note
    on = day_for(on, source=source)
    payment = _payment_of(source)
    if payment:
        request_refund(refund, payment)
    else:
        post(client, [Movement(EntryKind.REFUNDED, refund.amount, **keys_of(source))], booked_on=on, actor=actor)
    decided = {"status": RefundStatus.BOOKED, "decided_on": on, "decided_by": user_or_none(actor)}
    Refund.objects.filter(pk=refund.pk).update(**decided)
    how = "to be refunded by the card processor" if payment else "refunded"
    text = f"{_figures(refund)} {how}: {refund.reason}"
    record("refund_booked", source, actor=actor, client_id=client.pk, text=text, after={"reference": refund.reference})
    refund.refresh_from_db()
    return refund


def _payment_of(source: Source | None) -> Payment | None:
    return Payment.objects.filter(receipt=source).first() if isinstance(source, Receipt) else None


def _figures(refund: Refund) -> str:
    return f"{plain(refund.amount, refund.currency)} {refund.currency}"
