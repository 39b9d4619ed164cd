"""Issuing and receiving in bulk: the same rows that `services.issuing`, `receipts` and `ledger.post` write one by one.

A `Booking` collects the documents of one chunk and writes them at once. The caller owns the transaction and holds the
lock of every client concerned (`lock_clients`), so the amounts read before cannot have moved.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils import timezone

from ...models import (
    Allocation,
    Client,
    Invoice,
    Receipt,
    SettlementItem,
)
from ...queries.among import among
from ..audit import Actor, user_or_none
from ..bulk import next_ids
from ..following import follow_money
from ..ledger import require_open_period
from ..parts import keep_current_parts
from ..settling import FOLLOWED
from .documents import Bill, Money
from .rows import (
    insert_allocations,
    insert_bills,
    insert_entries,
    insert_parts,
    insert_receipts,
    move,
    number,
    update_many,
    write_events,
)


def lock_clients(codes: Collection[str] = (), ids: Collection[int] = ()) -> dict[str, Client]:
    """Clients by code, locked in the order of their keys until the transaction ends."""
    chosen = Client.objects.filter(pk__in=ids) if ids else Client.objects.filter(code__in=codes)
    return {client.code: client for client in chosen.select_for_update(no_key=True).order_by("pk")}


class Booking:
    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._new: list[Bill] = []
        self._moneys: list[Money] = []
        self._moved: dict[int, Bill] = {}  # by identity: existing invoices on which something was paid
        self._wake_on: dict[int, date] = {}

    def issue(self, bill: Bill) -> Bill:
        """Owe the bill's total from its date of issue on."""
        self._new.append(bill)
        self._look(bill.client_id, bill.issued_on)
        return bill

    def receive(self, money: Money) -> None:
        """Book a receipt and its shares, none of which is above what its invoice has open."""
        self._moneys.append(money)
        self._look(money.client_id, money.received_on)
        for bill, amount in money.shares:
            bill.open_amount -= amount
            bill.closed_on = None if bill.open_amount else max(money.received_on, bill.issued_on)
            self._moved[id(bill)] = bill

    def _look(self, client_id: int, on: date) -> None:
        self._wake_on[client_id] = min(on, self._wake_on.get(client_id, on))

    def write(self) -> None:
        """Write all that was collected: documents, entries, audit events, the amounts of invoices that existed.

        Raises PeriodLocked when a month was closed since the rows were looked at: nothing of the chunk is kept.
        """
        if days := [bill.issued_on for bill in self._new] + [money.received_on for money in self._moneys]:
            require_open_period(min(days))
        now = timezone.now()
        existing = [bill for bill in self._moved.values() if bill.pk]
        number(Invoice, self._new)
        number(Receipt, self._moneys)
        shares = [(money, bill, amount) for money in self._moneys for bill, amount in money.shares]
        ids = next_ids(Allocation, len(shares))
        allocated = list(zip(ids, shares, strict=True))
        by = user_or_none(self._actor)
        insert_bills(self._new, now)
        insert_parts(self._new)
        insert_receipts(self._moneys, now)
        insert_allocations(allocated, by.pk if by else None, now)
        insert_entries(self._new, self._moneys, allocated, by.pk if by else None, now)
        write_events(self._new, self._moneys, allocated, (now, by.pk if by else None, str(self._actor)))
        move(existing)
        keep_current_parts([bill.pk for bill in self._moved.values() if bill.current_part])
        self._wake()
        self._follow()

    def _follow(self) -> None:
        """The discounts and settlements that this money earns, row by row: few invoices have either."""
        paid_on: dict[int, date] = {}
        earning = [(money, bill) for money in self._moneys if money.can_earn for bill, _ in money.shares]
        for money, bill in earning:
            paid_on[bill.pk] = max(money.received_on, bill.issued_on, paid_on.get(bill.pk, date.min))
        items = SettlementItem.objects.filter(invoice__in=among(paid_on), settlement__status__in=FOLLOWED)
        ids = {bill.pk for _, bill in earning if bill.discount_percent}
        ids |= set(items.values_list("invoice_id", flat=True)) if paid_on else set()
        for invoice in Invoice.objects.filter(pk__in=ids).select_related("client").order_by("pk"):
            follow_money(invoice.client, [invoice], on=paid_on[invoice.pk], actor=self._actor)

    def _wake(self) -> None:
        """As `ledger.wake`, for thousands of clients with as many dates: pipelined, not one statement per date."""
        asleep = Client.objects.filter(pk__in=self._wake_on).values_list("pk", "review_on")
        rows = [(self._wake_on[pk], pk) for pk, on in asleep if on is None or on > self._wake_on[pk]]
        update_many(Client, ("review_on",), rows)
