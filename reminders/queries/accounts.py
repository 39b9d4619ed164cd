"""The planner's half of what is known: clients as `Account` records, many at a time, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.timezone import localtime

from invoices.models import Client, Contact, CreditNote, Dispute, EmailState, Invoice, InvoicePart, Receipt
from invoices.queries.among import Chosen, among
from invoices.queries.payments import amounts_on_their_way
from invoices.queries.schedules import later_parts

from ..models import (
    PENDING,
    CallOutcome,
    DunningBlock,
    Notice,
    NoticeLine,
    Outcome,
    PromiseItem,
    Task,
    TaskKind,
    TaskStatus,
)
from ..rules.records import Account, Block, Item, LaterPart, Pending, Promise
from .plans import holds_of
from .settlements import offers_by_client

ZERO = Decimal(0)


def clients_due(today: date, limit: int) -> QuerySet[Client, Any]:
    """Clients to look at now, locked; those that another process holds are skipped. Served by client_to_review."""
    due = Client.objects.filter(review_on__lte=today).order_by("review_on", "id")
    return due.select_for_update(skip_locked=True, no_key=True)[:limit]


def load_accounts(client_ids: Collection[int], today: date, *, without_notice: int | None = None) -> list[Account]:
    """The accounts of these clients as of now, in the order given.

    `without_notice` leaves one notice out of the memory: the one that is about to be sent and asks whether it stands.
    """
    chosen = among(client_ids)
    places = dict_of(Client.objects.filter(pk__in=chosen).values_list("id", "country", "region"))
    items, next_items = _items(chosen, today, without_notice)
    credit = _credit(chosen)
    blocks = _blocks(chosen)
    promises = _promises(chosen)
    plans = holds_of(chosen, items, credit, places, today)
    offered = offers_by_client(chosen)
    pending = _pending(chosen, without_notice)
    contacts = last_contacts(chosen, without_notice, plans.told)
    missing = _without_address(chosen)
    return [
        Account(
            client_id,
            *places[client_id],
            items.get(client_id, ()),
            credit.get(client_id, {}),
            blocks.get(client_id, ()),
            promises.get(client_id, ()),
            pending.get(client_id),
            contacts.get(client_id),
            client_id in missing,
            next_items.get(client_id),
            plans.holds.get(client_id, ()),
            offered.get(client_id, ()),
        )
        for client_id in client_ids
    ]


def dict_of(rows: Any) -> dict[int, tuple[Any, ...]]:
    return {key: tuple(rest) for key, *rest in rows}


def _items(
    client_ids: Chosen, today: date, without_notice: int | None
) -> tuple[dict[int, list[Item]], dict[int, date]]:
    """Open items with their memory, and per client when the next one comes in: dated in the future, not there yet."""
    columns = ("client_id", "id", "due_on", "open_amount", "currency", "cycle", "issued_on", "current_part")
    rows = list(Invoice.objects.filter(client_id__in=client_ids, open_amount__gt=0).values_list(*columns))
    later = _later_parts([row[1] for row in rows if row[-1]])
    next_items: dict[int, date] = {}
    memory = _memory(client_ids, without_notice)
    disputed = dict(
        Dispute.objects.filter(status="open", invoice__client_id__in=client_ids).values_list("invoice_id", "amount")
    )
    on_the_way = amounts_on_their_way(client_ids)
    items: dict[int, list[Item]] = defaultdict(list)
    nothing = (0, None, None)
    for client_id, pk, due_on, open_amount, currency, cycle, issued_on, _ in rows:
        if issued_on > today:
            next_items[client_id] = min(issued_on, next_items.get(client_id, issued_on))
            continue
        items[client_id].append(
            Item(
                pk,
                due_on,
                open_amount,
                currency,
                cycle,
                disputed.get(pk, ZERO),
                on_the_way.get(pk, ZERO),
                *memory.get((pk, cycle), nothing),
                later.get(pk, ()),
            )
        )
    return items, next_items


def _later_parts(invoice_ids: Collection[int]) -> dict[int, list[LaterPart]]:
    """Invoice -> its parts after the current one. No query where no open item is in parts."""
    found: dict[int, list[LaterPart]] = defaultdict(list)
    rows = later_parts().filter(invoice_id__in=among(invoice_ids)) if invoice_ids else InvoicePart.objects.none()
    for pk, *part in rows.values_list("invoice_id", "due_on", "amount"):
        found[pk].append(LaterPart(*part))
    return found


def _memory(client_ids: Chosen, without_notice: int | None) -> dict[tuple[int, int], tuple[Any, ...]]:
    """(invoice, cycle) -> highest level reached, when, and the deadline printed then."""
    lines = NoticeLine.objects.filter(
        is_live=True, invoice__client_id__in=client_ids, invoice__open_amount__gt=0
    ).order_by()
    if without_notice:
        lines = lines.exclude(notice_id=without_notice)
    memory: dict[tuple[int, int], tuple[Any, ...]] = {}
    rows = lines.values_list("invoice_id", "cycle", "position", "reached_on", "notice__deadline_on")
    for invoice_id, cycle, position, reached_on, deadline_on in rows:
        key = (invoice_id, cycle)
        if key not in memory or position > memory[key][0]:
            memory[key] = (position, reached_on, deadline_on)
    return memory


def _credit(client_ids: Chosen) -> dict[int, dict[str, Decimal]]:
    """Client -> currency -> what is on account, from receipts and credit notes."""
    credit: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for model in (Receipt, CreditNote):
        rows = model.objects.filter(client_id__in=client_ids, unapplied_amount__gt=0)
        for client_id, currency, amount in rows.values_list("client_id", "currency", "unapplied_amount"):
            credit[client_id][currency] += amount
    return credit


def _blocks(client_ids: Chosen) -> dict[int, list[Block]]:
    blocks: dict[int, list[Block]] = defaultdict(list)
    rows = DunningBlock.objects.filter(client_id__in=client_ids, lifted_at__isnull=True)
    for client_id, *block in rows.values_list("client_id", "reason", "first_on", "last_on", "invoice_id", "channel"):
        blocks[client_id].append(Block(*block))
    return blocks


def _promises(client_ids: Chosen) -> dict[int, list[Promise]]:
    rows = PromiseItem.objects.filter(promise__client_id__in=client_ids, promise__status="open").values_list(
        "promise__client_id",
        "promise_id",
        "promise__amount",
        "promise__currency",
        "promise__promised_on",
        "promise__grace_until",
        "invoice_id",
    )
    grouped: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for *promise, invoice_id in rows:
        grouped[tuple(promise)].add(invoice_id)
    promises: dict[int, list[Promise]] = defaultdict(list)
    for (client_id, _, *facts), invoice_ids in grouped.items():
        promises[client_id].append(Promise(*facts, frozenset(invoice_ids)))
    return promises


def _pending(client_ids: Chosen, without_notice: int | None) -> dict[int, Pending]:
    rows = Notice.objects.filter(client_id__in=client_ids, status__in=PENDING).exclude(pk=without_notice)
    return {
        client_id: Pending(*rest)
        for client_id, *rest in rows.values_list("client_id", "id", "status", "level__position")
    }


def _without_address(client_ids: Chosen) -> set[int]:
    """Clients for whom a working contact is being looked for, and who have no address that mail may go to."""
    asked = Task.objects.filter(client_id__in=client_ids, kind=TaskKind.FIND_CONTACT, status=TaskStatus.OPEN)
    asked_ids = set(asked.values_list("client_id", flat=True))
    return asked_ids - set(reachable_contacts(asked_ids).values_list("client_id", flat=True)) if asked_ids else set()


def reachable_contacts(client_ids: Collection[int] | None = None) -> QuerySet[Contact, Any]:
    """Contacts who get reminders, at an address that works; of these clients, or of all."""
    rows = Contact.objects.filter(is_active=True, receives_reminders=True, email_state=EmailState.OK).exclude(email="")
    return rows if client_ids is None else rows.filter(client_id__in=client_ids)


def last_contacts(client_ids: Chosen, without_notice: int | None, told: Mapping[int, date]) -> dict[int, date]:
    """Client -> the business date of the last contact of any kind. A decision is internal and none.

    `told`: when he last heard of an instalment of his payment plan.
    """
    notices = Notice.objects.filter(client_id__in=client_ids, sent_on__isnull=False).exclude(channel="decide")
    last = dict(notices.exclude(pk=without_notice).values_list("client_id").annotate(last=Max("sent_on")).order_by())
    calls = CallOutcome.objects.filter(client_id__in=client_ids).exclude(outcome=Outcome.WRONG_NUMBER)
    for client_id, at in calls.values_list("client_id").annotate(last=Max("at")).order_by():
        called_on = localtime(at).date()
        last[client_id] = max(called_on, last.get(client_id, called_on))
    for client_id, told_on in told.items():
        last[client_id] = max(told_on, last.get(client_id, told_on))
    return last
