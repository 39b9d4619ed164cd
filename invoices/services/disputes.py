"""Disputes: the client contests an amount of an item. That part is not dunned until the dispute is closed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import ExceedsOpen, InvalidAmount, LedgerError, NotIssued
from ..models import Dispute, DisputeStatus, Invoice, InvoiceStatus
from ..rules.calendar import add_business_days
from ..rules.money import is_whole, plain
from .audit import Actor, record, user_or_none
from .ledger import lock_client, wake

LONGEST_COMMENT = 5000
ANSWER_DAYS = 10  # business days in which a client has our answer, unless somebody says another day


@transaction.atomic
def open_dispute(
    invoice_id: int, *, amount: Decimal, reason: str, comment: str = "", opened_by: str, actor: Actor
) -> Dispute:
    """`opened_by` is the person at the client. Raises InvalidAmount, ExceedsOpen, NotIssued, LedgerError."""
    client = lock_client(Invoice.objects.only("client_id").get(pk=invoice_id).client_id)
    invoice = Invoice.objects.get(pk=invoice_id)
    _check_contested(invoice, amount)
    if Dispute.objects.filter(invoice=invoice, status=DisputeStatus.OPEN).exists():
        raise LedgerError(f"There is an open dispute about invoice {invoice} already; we are looking into it.")
    dispute = Dispute.objects.create(
        invoice=invoice,
        amount=amount,
        reason=reason,
        comment=comment[:LONGEST_COMMENT],
        opened_on=localdate(),
        opened_by=opened_by[:120],
        owner=client.account_manager,
        answer_by=add_business_days(client.country, client.region, localdate(), ANSWER_DAYS),
    )
    wake([client.pk], localdate())
    words = (
        f"{plain(amount, invoice.currency)} {invoice.currency} of {invoice} disputed: {dispute.get_reason_display()}"
    )
    record("dispute_opened", dispute, actor=actor, client_id=client.pk, text=words, after={"comment": dispute.comment})
    return dispute


def _check_contested(invoice: Invoice, amount: Decimal) -> None:
    if invoice.status != InvoiceStatus.ISSUED or not invoice.is_open:
        raise NotIssued(f"Invoice {invoice} owes nothing, so there is nothing to dispute.")
    if not amount.is_finite() or amount <= 0 or not is_whole(amount, invoice.currency):
        raise InvalidAmount(f"{amount} is not an amount in {invoice.currency}; enter one above 0.")
    if amount > invoice.open_amount:
        left = f"{plain(invoice.open_amount, invoice.currency)} {invoice.currency}"
        raise ExceedsOpen(f"Invoice {invoice} has {left} open, so not more than that can be disputed.")


@transaction.atomic
def change_dispute(
    dispute_id: int, *, amount: Decimal, answer_by: date | None, owner: Actor | None, actor: Actor
) -> Dispute:
    """Another amount, owner or deadline. A smaller amount leaves the rest of the item to be dunned.

    Raises LedgerError for a closed one, InvalidAmount, ExceedsOpen.
    """
    client = lock_client(Dispute.objects.select_related("invoice").get(pk=dispute_id).invoice.client_id)
    dispute = Dispute.objects.select_related("invoice", "owner").get(pk=dispute_id)
    if dispute.status != DisputeStatus.OPEN:
        raise LedgerError(f"This dispute is {dispute.get_status_display().lower()} already.")
    if amount != dispute.amount:
        _check_contested(dispute.invoice, amount)
    before = _facts(dispute)
    dispute.amount, dispute.answer_by, dispute.owner = amount, answer_by, user_or_none(owner or "")
    dispute.save(update_fields=["amount", "answer_by", "owner"])
    after = _facts(dispute)
    if after != before:
        wake([client.pk], localdate())
        words = f"Dispute about {dispute.invoice} changed"
        record("dispute_changed", dispute, actor=actor, client_id=client.pk, text=words, before=before, after=after)
    return dispute


def _facts(dispute: Dispute) -> dict[str, str]:
    return {
        "amount": plain(dispute.amount, dispute.invoice.currency),
        "answer_by": str(dispute.answer_by or ""),
        "owner": str(dispute.owner or ""),
    }


@transaction.atomic
def close_dispute(dispute_id: int, *, status: str, outcome: str, actor: Actor) -> Dispute:
    """End it as accepted, rejected or withdrawn. The item is dunned again, unless a credit note takes that off."""
    client = lock_client(Dispute.objects.select_related("invoice").get(pk=dispute_id).invoice.client_id)
    dispute = Dispute.objects.select_related("invoice").get(pk=dispute_id)
    if dispute.status != DisputeStatus.OPEN:
        raise LedgerError(f"This dispute is {dispute.get_status_display().lower()} already.")
    if status not in (DisputeStatus.ACCEPTED, DisputeStatus.REJECTED, DisputeStatus.WITHDRAWN):
        raise LedgerError("A dispute ends as accepted, rejected or withdrawn.")
    dispute.status, dispute.closed_on, dispute.outcome = status, localdate(), outcome
    dispute.save(update_fields=["status", "closed_on", "outcome"])
    wake([client.pk], localdate())
    words = f"Dispute about {dispute.invoice} {dispute.get_status_display().lower()}"
    record("dispute_closed", dispute, actor=actor, client_id=client.pk, text=words, after={"outcome": outcome})
    return dispute
