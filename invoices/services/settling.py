"""What money does to a settlement: paid in time it waives the rest; gone again, so is the waiver.

Called by whoever moves an allocation, in the same transaction and under the clients' locks (see `following`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db.models import F

from ..models import Client, EntryKind, Invoice, Settlement, SettlementItem, SettlementStatus
from ..queries.settlements import paid_towards, waivable, waived_amounts, waived_on
from ..rules.money import ZERO, plain
from .audit import Actor, record
from .ledger import Movement, day_for, post

# One that lapsed is still met by money that came in by its last day and was only booked later.
FOLLOWED = (SettlementStatus.OFFERED, SettlementStatus.LAPSED, SettlementStatus.PAID)


def follow_settlements(invoice_ids: Collection[int], *, on: date, actor: Actor) -> None:
    """Judge the settlements of these invoices again, after something was allocated to them or taken off."""
    of_items = SettlementItem.objects.filter(invoice__in=invoice_ids, settlement__status__in=FOLLOWED)
    for pk in sorted(set(of_items.values_list("settlement_id", flat=True))):
        settlement = Settlement.objects.select_related("client").get(pk=pk)
        client = settlement.client
        is_met = paid_towards(settlement) >= settlement.amount
        if settlement.status == SettlementStatus.PAID:
            if not is_met:
                _take_back(client, settlement, on=on, actor=actor)
        elif is_met and not _is_covered_anew(settlement):
            _discharge(client, settlement, on=on, actor=actor)


def _is_covered_anew(settlement: Settlement) -> bool:
    """A later settlement covers an item of one that lapsed: the later one counts."""
    ids = settlement.items.values_list("invoice_id", flat=True)
    return SettlementItem.objects.filter(invoice__in=ids, is_live=True).exclude(settlement=settlement).exists()


def _discharge(client: Client, settlement: Settlement, *, on: date, actor: Actor) -> None:
    """The rest of every item is waived, but for what was paid before the offer and went back since."""
    waived, most = ZERO, waivable(settlement)
    ended_on = on
    items = SettlementItem.objects.filter(settlement=settlement, invoice__open_amount__gt=0).select_related("invoice")
    # Last the ones that owe more than when it was agreed: what is not waived stays there.
    for item in items.order_by(F("invoice__open_amount") - F("open_amount"), "invoice_id"):
        invoice, part = item.invoice, min(item.invoice.open_amount, most - waived)
        if part <= ZERO:
            break
        day = day_for(on, invoice=invoice)
        rest = Movement(EntryKind.SETTLED, -part, invoice=invoice, settlement=settlement)
        post(client, [rest], booked_on=day, actor=actor)
        waived, ended_on = waived + part, max(ended_on, day)
    _end(settlement, SettlementStatus.PAID, ended_on)
    text = f"Settlement of {figures(settlement)} paid; {plain(waived, settlement.currency)} waived"
    record("settlement_paid", settlement, actor=actor, client_id=client.pk, text=text)


def _take_back(client: Client, settlement: Settlement, *, on: date, actor: Actor) -> None:
    """The full claim returns."""
    on = max(on, settlement.ended_on or on)  # not before it was waived
    waived = waived_amounts(settlement)
    for invoice in Invoice.objects.filter(pk__in=waived).order_by("pk"):
        back = Movement(EntryKind.UNSETTLED, waived[invoice.pk], invoice=invoice, settlement=settlement)
        post(client, [back], booked_on=on, actor=actor)
    _end(settlement, SettlementStatus.REVERSED, on)
    back_again = plain(sum(waived.values(), ZERO), settlement.currency)
    text = f"Settlement of {figures(settlement)} taken back, since its money went back; {back_again} is owed again"
    record("settlement_reversed", settlement, actor=actor, client_id=client.pk, text=text)


def give_way(client: Client, invoice: Invoice, amount: Decimal, *, on: date, actor: Actor) -> None:
    """Up to `amount` of what settlements waived on the invoice is owed again, for a credit note to take off instead.

    Else the client would be given money on account for what he never paid. The settlements stay paid.
    """
    for pk, waived in waived_on(invoice).items():
        if (part := min(waived, amount)) <= ZERO:
            continue
        settlement = Settlement.objects.get(pk=pk)
        back = Movement(EntryKind.UNSETTLED, part, invoice=invoice, settlement=settlement)
        post(client, [back], booked_on=max(on, settlement.ended_on or on), actor=actor)
        text = f"{plain(part, invoice.currency)} {invoice.currency} waived on {invoice} by {settlement} given up"
        record("settlement_reduced", settlement, actor=actor, client_id=client.pk, text=f"{text}: it is credited")
        amount -= part


def _end(settlement: Settlement, status: SettlementStatus, on: date) -> None:
    Settlement.objects.filter(pk=settlement.pk).update(status=status, ended_on=on)
    settlement.items.update(is_live=False)


def figures(settlement: Settlement) -> str:
    return f"{plain(settlement.amount, settlement.currency)} {settlement.currency}"
