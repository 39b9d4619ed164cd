"""Money on another account that may be a client's: what his group has on account, or a reference names his invoice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.db.models import Max
from django.utils.timezone import localtime

from invoices.models import Invoice, Receipt
from invoices.queries.among import Chosen

from ..models import Task, TaskKind, TaskStatus
from ..rules.holds import LOOK_FOR_PAYMENT
from ..rules.records import PossiblePayment

MOST = 5000
WORD = re.compile(r"[\w/-]*\d[\w/-]*")  # with a digit: what the number of an invoice may look like
SHORTEST = 4


class OnAccount(NamedTuple):
    client_id: int
    payer_id: int | None
    payment: PossiblePayment
    reference: str


def possible_payments(
    client_ids: Chosen, payers: Mapping[int, int | None], today: date
) -> dict[int, list[PossiblePayment]]:
    """Client -> what came in lately, lies on another account, and may be for him. `payers`: client -> who pays for him.

    One query while nothing lies on account; else one for references, and one for what was looked at.
    """
    found: dict[int, list[PossiblePayment]] = defaultdict(list)
    receipts = _on_account(today)
    if not receipts:
        return found
    group_of = {client_id: payer_id or client_id for client_id, payer_id in payers.items()}
    by_group: dict[int, list[OnAccount]] = defaultdict(list)
    for one in receipts:
        by_group[one.payer_id or one.client_id].append(one)
    for client_id, group in group_of.items():
        found[client_id].extend(o.payment for o in by_group.get(group, ()) if o.client_id != client_id)
    for client_id, payment in _by_reference(client_ids, receipts):
        if not any(known.receipt_id == payment.receipt_id for known in found[client_id]):
            found[client_id].append(payment)
    return _unanswered({client_id: payments for client_id, payments in found.items() if payments})


def _unanswered(found: dict[int, list[PossiblePayment]]) -> dict[int, list[PossiblePayment]]:
    """Without what a person has looked at already: the task was closed, and the money is still elsewhere."""
    if not found:
        return found
    tasks = Task.objects.filter(client_id__in=found, kind=TaskKind.FIND_PAYMENT, status=TaskStatus.DONE)
    last = tasks.order_by().values_list("client_id").annotate(last=Max("closed_at"))
    looked_on = {client_id: localtime(at).date() for client_id, at in last}
    never = date.min
    return {pk: [p for p in given if p.received_on > looked_on.get(pk, never)] for pk, given in found.items()}


def _on_account(today: date) -> list[OnAccount]:
    since = today - LOOK_FOR_PAYMENT
    rows = Receipt.objects.filter(unapplied_amount__gt=0, received_on__gt=since, received_on__lte=today)
    columns = ("client_id", "client__payer_id", "reference", "id", "unapplied_amount", "currency", "received_on")
    return [
        OnAccount(client_id, payer_id, PossiblePayment(*payment), reference)
        for client_id, payer_id, reference, *payment in rows.order_by("-id").values_list(*columns)[:MOST]
    ]


def _by_reference(client_ids: Chosen, receipts: Iterable[OnAccount]) -> Iterable[tuple[int, PossiblePayment]]:
    """The receipts whose reference names an open invoice of another client than the one they were booked to."""
    named = {word: one for one in receipts for word in WORD.findall(one.reference) if len(word) >= SHORTEST}
    if not named:
        return
    rows = Invoice.objects.filter(client_id__in=client_ids, number__in=named, open_amount__gt=0)
    for pk, client_id, number, currency in rows.values_list("id", "client_id", "number", "currency"):
        one = named[number]
        if one.client_id != client_id and one.payment.currency == currency:
            yield client_id, one.payment._replace(invoice_id=pk)


def newest_receipt_on(today: date) -> date | None:
    """How far the bank's data reach: the date of the newest receipt of anybody."""
    newest = Receipt.objects.filter(received_on__lte=today).order_by("-received_on", "-id")
    return newest.values_list("received_on", flat=True).first()
