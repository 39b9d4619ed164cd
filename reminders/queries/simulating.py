"""What the simulator runs over: clients with their accounts, a chunk at a time, so that memory does not grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from invoices.models import Client, Entry, Invoice
from invoices.queries.among import among

from ..models import DunningProcedure, ProcedureStatus
from ..rules.records import Account, Item, Procedure
from ..rules.simulating import Movement
from .accounts import load_accounts
from .procedures import Procedures, procedure_record

CHUNK = 500
ONE_DAY = timedelta(days=1)
ZERO = Decimal(0)


class Subject(NamedTuple):
    """One client of a simulation. `current` is the procedure that serves him now; None: none does."""

    code: str
    collector: str
    account: Account
    current: Procedure | None
    movements: Sequence[Movement]


class Period(NamedTuple):
    """From the first day through the last. `is_replay`: over the ledger of that time, with the money that came."""

    first_on: date
    last_on: date
    is_replay: bool = False


def tried(procedure: DunningProcedure, period: Period) -> Procedure:
    """As the planner sees it; one that is not active is taken as switched on at the first day."""
    found = procedure_record(procedure)
    is_active = procedure.status == ProcedureStatus.ACTIVE
    return found if is_active else found._replace(switched_on=period.first_on)


def clients_owing(period: Period) -> QuerySet[Client, Any]:
    """Clients who owe something at some time of the period."""
    owed = Q(open_amount__gt=0)
    if period.is_replay:
        owed |= Q(closed_on__gte=period.first_on)
    # Asked client by client, in the order of their keys: a chunk costs what is in it.
    rows = Invoice.objects.filter(owed, client=OuterRef("pk"), status="issued", issued_on__lte=period.last_on)
    return Client.objects.filter(Exists(rows))


def client_chunks(period: Period) -> Iterator[list[int]]:
    """Their ids in chunks, by key."""
    owing, last = clients_owing(period).order_by("pk").values_list("pk", flat=True), 0
    while ids := list(owing.filter(pk__gt=last)[:CHUNK]):
        yield ids
        last = ids[-1]


def subjects(client_ids: Sequence[int], procedure: DunningProcedure, period: Period) -> list[Subject]:
    """Those of a chunk whom the procedure serves; a draft is tried on everybody whom the default serves."""
    current = Procedures().of(client_ids)
    is_active = procedure.status == ProcedureStatus.ACTIVE
    wanted = (
        procedure.pk
        if is_active
        else DunningProcedure.objects.filter(is_default=True).values_list("pk", flat=True).first()
    )
    chosen = [pk for pk in client_ids if (found := current[pk]) and found.id == wanted]
    names = {
        pk: (code, f"{first} {last}".strip())
        for pk, code, first, last in Client.objects.filter(pk__in=among(chosen)).values_list(
            "pk", "code", "account_manager__first_name", "account_manager__last_name"
        )
    }
    worlds = _past(chosen, period) if period.is_replay else _present(chosen, period)
    return [
        Subject(*(part or "" for part in names[account.client_id]), account, current[account.client_id], movements)
        for account, movements in worlds
    ]


def _present(client_ids: Sequence[int], period: Period) -> Iterator[tuple[Account, Sequence[Movement]]]:
    """The books as they are; invoices dated in the future come in on their day. Nothing is paid."""
    coming = _coming(client_ids, period)
    for account in load_accounts(client_ids, period.first_on):
        later = coming.get(account.client_id, ())
        items = [*account.items, *(item._replace(open_amount=ZERO) for item, _ in later)]
        movements = [
            # Seen on the day itself: an invoice of the morning is there when the run looks.
            Movement(issued_on - ONE_DAY, item.invoice_id, item.currency, item.open_amount)
            for item, issued_on in later
        ]
        # The bank's data will be as fresh as it has to be.
        yield account._replace(items=items, next_item_on=None, bank_data_on=period.last_on), movements


def _coming(client_ids: Sequence[int], period: Period) -> dict[int, list[tuple[Item, date]]]:
    """Client -> the open invoices that are dated after the first day, in the order of their dates."""
    rows = Invoice.objects.filter(
        client_id__in=among(client_ids), open_amount__gt=0, issued_on__gt=period.first_on, issued_on__lte=period.last_on
    ).order_by("issued_on", "pk")
    found: dict[int, list[tuple[Item, date]]] = defaultdict(list)
    for row in rows:
        found[row.client_id].append((_item(row, row.open_amount), row.issued_on))
    return found


def _item(row: Invoice, amount: Decimal) -> Item:
    return Item(row.pk, row.due_on, amount, row.currency, row.cycle, issued_on=row.issued_on)


def _past(client_ids: Sequence[int], period: Period) -> Iterator[tuple[Account, Sequence[Movement]]]:
    """The ledger as of the evening before the first day, and every entry since. Nobody has heard anything yet.

    Blocks, disputes, promises and plans of that time are left out: they are kept as they stand today only.
    """
    chosen = among(client_ids)
    entries: dict[int, list[Movement]] = defaultdict(list)
    rows = Entry.objects.filter(client_id__in=chosen, booked_on__lte=period.last_on).order_by("booked_on", "pk")
    for client_id, *facts in rows.values_list("client_id", "booked_on", "invoice_id", "currency", "amount"):
        entries[client_id].append(Movement(*facts))
    open_then = Q(open_amount__gt=0) | Q(closed_on__gte=period.first_on)
    invoices: dict[int, list[Invoice]] = defaultdict(list)
    for row in Invoice.objects.filter(open_then, client_id__in=chosen, status="issued", issued_on__lte=period.last_on):
        invoices[row.client_id].append(row)
    for account in load_accounts(client_ids, period.first_on):
        before = [one for one in entries[account.client_id] if one.on < period.first_on]
        since = [one for one in entries[account.client_id] if one.on >= period.first_on]
        yield _as_of(account, invoices[account.client_id], before), since


def _as_of(account: Account, invoices: Sequence[Invoice], before: Sequence[Movement]) -> Account:
    open_amounts: dict[int, Decimal] = defaultdict(Decimal)
    credit: dict[str, Decimal] = defaultdict(Decimal)
    for one in before:
        if one.invoice_id is None:
            credit[one.currency] -= one.amount
        else:
            open_amounts[one.invoice_id] += one.amount
    # Only what lasts is taken over from today's account: where the client is, and how he may be reached.
    return account._replace(
        items=[_item(row, open_amounts[row.pk])._replace(cycle=1) for row in invoices],
        credit=dict(credit),
        blocks=(),
        promises=(),
        plans=(),
        settlements=(),
        pending=None,
        last_contact_on=None,
        is_contact_missing=False,
        next_item_on=None,
        history=(),
        possible=(),
        bank_data_on=None,
    )
