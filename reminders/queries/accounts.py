"""The planner's half of what is known: clients as `Account` records, many at a time, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from invoices.models import Client, CreditNote, Dispute, Invoice, InvoicePart, Receipt
from invoices.queries.among import Chosen, among
from invoices.queries.payments import amounts_on_their_way
from invoices.queries.schedules import later_parts

from ..models import PENDING, DunningBlock, Notice, NoticeLine, PromiseItem
from ..rules.guardrails import Where
from ..rules.payruns import PayRuns, read_days
from ..rules.records import Account, Block, Item, LaterPart, Pending, Procedure, Promise
from .contacting import NO_SMS, Rules, last_contact, reach, touches
from .plans import holds_of
from .possible import newest_receipt_on, possible_payments
from .procedures import procedures_by_id
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
    clients = {row[0]: Facts(*row) for row in Client.objects.filter(pk__in=chosen).values_list(*FACTS)}
    places = {pk: (facts.country, facts.region) for pk, facts in clients.items()}
    items, next_items, pins = _items(chosen, today, without_notice)
    credit = _credit(chosen)
    blocks = _blocks(chosen)
    promises = _promises(chosen)
    plans = holds_of(chosen, items, credit, places, today)
    offered = offers_by_client(chosen)
    pending = _pending(chosen, without_notice)
    history = touches(chosen, today, without_notice)
    reached = reach(chosen)
    rules = Rules(today)
    possible = possible_payments(chosen, {pk: facts.payer_id for pk, facts in clients.items()}, today)
    bank_data_on = newest_receipt_on(today)
    return [
        Account(
            client_id,
            *places[client_id],
            items.get(client_id, ()),
            credit.get(client_id, {}),
            blocks.get(client_id, ()),
            promises.get(client_id, ()),
            pending.get(client_id),
            last_contact(history.get(client_id, ()), plans.told.get(client_id)),
            client_id in reached.missing,
            next_items.get(client_id),
            plans.holds.get(client_id, ()),
            offered.get(client_id, ()),
            clients[client_id].debtor_type,
            rules.of(Where(*places[client_id], clients[client_id].debtor_type)),
            history.get(client_id, ()),
            reached.closed.get(client_id, NO_SMS),
            clients[client_id].pay_runs,
            bank_data_on,
            possible.get(client_id, ()),
            pins.get(client_id, {}),
        )
        for client_id in client_ids
    ]


FACTS = ("id", "country", "region", "debtor_type", "payer_id")
FACTS += ("pay_runs__days", "pay_runs__weeks", "pay_runs__anchor_on")


class Facts(NamedTuple):
    """Of the client's own row, and of his pay runs."""

    client_id: int
    country: str
    region: str
    debtor_type: str
    payer_id: int | None
    days: str | None
    weeks: int | None
    anchor_on: date | None

    @property
    def pay_runs(self) -> PayRuns | None:
        if not self.days and not self.weeks:
            return None
        return PayRuns(read_days(self.days or ""), self.weeks or 0, self.anchor_on)


def _items(
    client_ids: Chosen, today: date, without_notice: int | None
) -> tuple[dict[int, list[Item]], dict[int, date], dict[int, dict[int, Procedure]]]:
    """Open items with their memory; per client when the next one comes in (dated in the future, not there yet) and the
    procedures that serve single invoices.
    """
    columns = ("client_id", "id", "due_on", "open_amount", "currency", "cycle", "issued_on", "current_part")
    columns += ("dunning_pin__procedure_id",)
    rows = list(Invoice.objects.filter(client_id__in=client_ids, open_amount__gt=0).values_list(*columns))
    later = _later_parts([row[1] for row in rows if row[-2]])
    next_items: dict[int, date] = {}
    memory = _memory(client_ids, without_notice)
    disputed = dict(
        Dispute.objects.filter(status="open", invoice__client_id__in=client_ids).values_list("invoice_id", "amount")
    )
    on_the_way = amounts_on_their_way(client_ids)
    items: dict[int, list[Item]] = defaultdict(list)
    nothing = (0, None, None)
    for client_id, pk, due_on, open_amount, currency, cycle, issued_on, _, _ in rows:
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
                issued_on,
            )
        )
    return items, next_items, _pins([(row[0], row[1], row[-1]) for row in rows if row[-1]])


def _pins(pinned: Sequence[tuple[int, int, int]]) -> dict[int, dict[int, Procedure]]:
    """Client -> invoice -> its own procedure. No query where no open item has one."""
    found: dict[int, dict[int, Procedure]] = defaultdict(dict)
    records = procedures_by_id({procedure_id for *_, procedure_id in pinned}) if pinned else {}
    for client_id, invoice_id, procedure_id in pinned:
        found[client_id][invoice_id] = records[procedure_id]
    return found


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
