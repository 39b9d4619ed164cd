"""Settlements from asked to offered to lapsed or withdrawn. What paying does to one: `settling`.

Nothing is booked here: an offer changes no amount, it only keeps its items silent until it expires.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import ExceedsOpen, LedgerError, WrongCurrency
from ..models import Client, Invoice, PaymentStatus, Settlement, SettlementItem, SettlementStatus
from ..queries.settlements import authority, settleable
from ..rules.money import plain
from ..rules.settlements import Asked, needs_manager, refusal, shares
from .approving import require_second_person
from .audit import Actor, record, user_or_none
from .ledger import lock_client, wake
from .settling import figures


class NewSettlement(NamedTuple):
    """As agreed with the client: `amount` by `expires_on`, that day included, discharges the items."""

    invoice_ids: Sequence[int]
    amount: Decimal
    expires_on: date
    reason: str
    agreed_by: str = ""


@transaction.atomic
def ask_settlement(client: Client, new: NewSettlement, *, actor: Actor, on: date | None = None) -> Settlement:
    """Offered at once within the asker's authority; above it, it waits for a second person.

    Raises LedgerError for items that are not open, belong to another client or are in a settlement already;
    WrongCurrency for items of two currencies.
    """
    today = on or localdate()
    client = lock_client(client.pk)
    items = _items(client, new.invoice_ids)
    asked = Asked([item.open_amount for item in items], new.amount, items[0].currency, new.expires_on)
    if why := refusal(asked, today):
        raise LedgerError(why)
    if not new.reason.strip():
        raise LedgerError("Give the reason for the settlement: it stays with the loss.")
    row = _write(client, asked, items, new, today=today, actor=actor)
    if needs_manager(asked, authority()):
        text = f"Settlement of {_words(row)} asked for; a second person decides"
        record("settlement_asked", row, actor=actor, client_id=client.pk, text=text)
        return row
    return _offer(client, row, on=today, actor=actor)


def _items(client: Client, invoice_ids: Sequence[int]) -> list[Invoice]:
    items = list(settleable(client.pk).filter(pk__in=invoice_ids))
    if not items:
        raise LedgerError("Choose at least one open item to settle.")
    if len(items) != len(set(invoice_ids)):
        raise LedgerError(
            "Some of the items are paid by now, or in another settlement or a payment plan. Load the page again."
        )
    if len({item.currency for item in items}) > 1:
        raise WrongCurrency("A settlement is for items of one currency; make one for each.")
    return items


def _write(
    client: Client, asked: Asked, items: Sequence[Invoice], new: NewSettlement, *, today: date, actor: Actor
) -> Settlement:
    row = Settlement.objects.create(
        client=client,
        currency=asked.currency,
        open_amount=asked.open_amount,
        amount=asked.amount,
        expires_on=asked.expires_on,
        reason=new.reason.strip()[:200],
        agreed_by=new.agreed_by.strip()[:120],
        asked_on=today,
        asked_by=user_or_none(actor),
    )
    SettlementItem.objects.bulk_create(
        SettlementItem(settlement=row, invoice=item, open_amount=item.open_amount, amount=share)
        for item, share in zip(items, shares(asked), strict=True)
    )
    return row


def _offer(client: Client, row: Settlement, *, on: date, actor: Actor) -> Settlement:
    decided = {"status": SettlementStatus.OFFERED, "decided_on": on, "decided_by": user_or_none(actor)}
    Settlement.objects.filter(pk=row.pk).update(**decided)
    wake([client.pk], on)
    text = f"Settlement of {_words(row)} offered until {row.expires_on:%d %B %Y}: {row.reason}"
    record("settlement_offered", row, actor=actor, client_id=client.pk, text=text)
    row.refresh_from_db()
    return row


@transaction.atomic
def decide_settlement(settlement_id: int, *, is_approved: bool, actor: Actor, on: date | None = None) -> Settlement:
    """Approve, by somebody else than who asked, or refuse (who asked may take it back so)."""
    client, row = _locked(settlement_id)
    today = on or localdate()
    if row.status != SettlementStatus.PROPOSED:
        raise LedgerError(f"This settlement is {row.get_status_display().lower()} already.")
    if not is_approved:
        return _end(client, row, SettlementStatus.REFUSED, "refused", on=today, actor=actor)
    require_second_person(row.asked_by, actor, "settlement")
    if row.expires_on < today:
        raise LedgerError(f"It would have expired on {row.expires_on:%d %B %Y}. Refuse it, and ask again.")
    moved = [str(item.invoice) for item in row.items.select_related("invoice") if _has_moved(item)]
    if moved:
        raise ExceedsOpen(f"What is open on {', '.join(moved)} changed since. Refuse this one, and ask again.")
    return _offer(client, row, on=today, actor=actor)


def _has_moved(item: SettlementItem) -> bool:
    return item.invoice.open_amount != item.open_amount


@transaction.atomic
def withdraw_settlement(settlement_id: int, *, reason: str, actor: Actor, on: date | None = None) -> Settlement:
    """Take back an offer that was not paid: all is owed again. Raises LedgerError once it is paid or over."""
    client, row = _locked(settlement_id)
    if row.status != SettlementStatus.OFFERED:
        raise LedgerError(f"This settlement is {row.get_status_display().lower()}; only an offered one is withdrawn.")
    return _end(client, row, SettlementStatus.WITHDRAWN, f"withdrawn: {reason}", on=on or localdate(), actor=actor)


@transaction.atomic
def lapse_settlement(settlement_id: int, *, on: date, actor: Actor = "settlements") -> Settlement | None:
    """After its last day; None when it is no longer offered, or not over yet."""
    client, row = _locked(settlement_id)
    if row.status != SettlementStatus.OFFERED or row.expires_on >= on:
        return None
    return _end(client, row, SettlementStatus.LAPSED, "lapsed unpaid: all is owed again", on=on, actor=actor)


def expired_ids(today: date) -> list[int]:
    """Offers whose last day is over, but for those whose money is on its way. Served by settlement_offered."""
    over = Settlement.objects.filter(status=SettlementStatus.OFFERED, expires_on__lt=today)
    over = over.exclude(payments__status=PaymentStatus.PROCESSING)
    return list(over.order_by("expires_on", "id").values_list("pk", flat=True))


def _locked(settlement_id: int) -> tuple[Client, Settlement]:
    client = lock_client(Settlement.objects.only("client_id").get(pk=settlement_id).client_id)
    return client, Settlement.objects.select_related("asked_by").get(pk=settlement_id)


def _end(client: Client, row: Settlement, status: SettlementStatus, what: str, *, on: date, actor: Actor) -> Settlement:
    Settlement.objects.filter(pk=row.pk).update(status=status, ended_on=on)
    row.items.update(is_live=False)
    wake([client.pk], on)
    text = f"Settlement of {_words(row)} {what}"
    record(f"settlement_{status.value}", row, actor=actor, client_id=client.pk, text=text)
    row.refresh_from_db()
    return row


def _words(row: Settlement) -> str:
    return f"{figures(row)} for {plain(row.open_amount, row.currency)}"
