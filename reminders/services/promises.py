"""Take promises, judge them, withdraw them. Staff and the portal use the same functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.timezone import localdate

from invoices.models import Allocation, Client, Invoice
from invoices.rules.money import is_whole, plain
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import lock_client, wake

from ..errors import NotWaiting, OutsideLimits
from ..models import DunningProcedure, PromiseItem, PromiseStatus, PromiseToPay, TaskKind
from ..rules.promises import grace_until, refusal, verdict
from ..rules.reasons import day
from .tasks import make_task

SETTLED = (PromiseStatus.KEPT, PromiseStatus.PARTLY_KEPT, PromiseStatus.BROKEN)


@transaction.atomic
def make_promise(
    client: Client,
    *,
    items: Sequence[Invoice],
    amount: Decimal,
    currency: str,
    promised_on: date,
    actor: Actor,
    made_by: str = "",
    how: str = "",
) -> PromiseToPay:
    """Record a promise over these open items; nothing is sent about them until its date and grace are over.

    An open promise over the same items is replaced. Raises OutsideLimits with the sentence for the payer.
    """
    client, today = lock_client(client.pk), localdate()
    open_items = list(
        Invoice.objects.filter(client=client, pk__in=[i.pk for i in items], currency=currency, open_amount__gt=0)
    )
    _check(client, open_items, amount, currency, promised_on)
    procedure = DunningProcedure.objects.filter(is_default=True).first()
    promise = PromiseToPay.objects.create(
        client=client,
        amount=amount,
        currency=currency,
        promised_on=promised_on,
        grace_until=grace_until(
            client.country, client.region, promised_on, procedure.promise_grace_days if procedure else 2
        ),
        made_on=today,
        made_by=made_by,
        how=how,
        taken_by=user_or_none(actor),
    )
    PromiseItem.objects.bulk_create(PromiseItem(promise=promise, invoice=item) for item in open_items)
    wake([client.pk], today)
    text = f"Promised {plain(amount, currency)} {currency} by {day(promised_on)}"
    record("promise_made", promise, actor=actor, client_id=client.pk, text=text)
    return promise


def _check(client: Client, items: Sequence[Invoice], amount: Decimal, currency: str, promised_on: date) -> None:
    if not items:
        raise OutsideLimits(f"None of these invoices is open in {currency}.")
    replaced = PromiseToPay.objects.filter(
        client=client, status=PromiseStatus.OPEN, items__invoice__in=items
    ).distinct()
    for old in replaced:
        PromiseToPay.objects.filter(pk=old.pk).update(status=PromiseStatus.REPLACED, judged_on=localdate())
    still_open = PromiseToPay.objects.filter(client=client, status=PromiseStatus.OPEN).count()
    owed = sum((item.open_amount for item in items), Decimal(0))
    if not amount.is_finite() or not is_whole(amount, currency):
        raise OutsideLimits(f"{amount} is not an amount in {currency}.")
    if sentence := refusal(localdate(), promised_on, amount, owed, still_open):
        raise OutsideLimits(sentence)


@transaction.atomic
def withdraw_promise(promise_id: int, *, actor: Actor) -> PromiseToPay:
    """The client takes it back: its items are dunned again."""
    promise = PromiseToPay.objects.select_for_update().get(pk=promise_id)
    if promise.status != PromiseStatus.OPEN:
        raise NotWaiting(f"This promise is {promise.get_status_display().lower()} already.")
    PromiseToPay.objects.filter(pk=promise.pk).update(status=PromiseStatus.WITHDRAWN, judged_on=localdate())
    wake([promise.client_id], localdate())
    record(
        "promise_withdrawn",
        promise,
        actor=actor,
        client_id=promise.client_id,
        text=f"Promise withdrawn: {_words(promise)}",
    )
    promise.refresh_from_db()
    return promise


def judge_promises(today: date) -> dict[str, int]:
    """Judge every open promise that is paid in full or whose grace is over. Returns verdict -> how many."""
    counts: dict[str, int] = {}
    for promise_id in list(PromiseToPay.objects.filter(status=PromiseStatus.OPEN).values_list("pk", flat=True)):
        if found := judge_one(promise_id, today):
            counts[found] = counts.get(found, 0) + 1
    return counts


@transaction.atomic
def judge_one(promise_id: int, today: date) -> str | None:
    """The verdict, or None while it is too early to tell."""
    promise = PromiseToPay.objects.get(pk=promise_id)
    lock_client(promise.client_id)
    promise.refresh_from_db()
    paid = paid_towards(promise)
    found = verdict(promise.amount, paid)
    if promise.status != PromiseStatus.OPEN or (found != PromiseStatus.KEPT and today <= promise.grace_until):
        return None
    PromiseToPay.objects.filter(pk=promise.pk).update(
        status=found.value, kept_amount=min(paid, promise.amount), judged_on=today
    )
    wake([promise.client_id], today)
    text = f"Promise {PromiseStatus(found.value).label.lower()}: {_words(promise)}"
    if found != PromiseStatus.KEPT:
        make_task(promise.client_id, TaskKind.BROKEN_PROMISE, due_on=today, text=text)
    record("promise_judged", promise, actor="worker", client_id=promise.client_id, text=text)
    return found.value


def paid_towards(promise: PromiseToPay) -> Decimal:
    """Allocated to the promised items from the day it was made to the end of its grace, and not undone since."""
    rows = Allocation.objects.filter(
        invoice__promise_items__promise=promise,
        allocated_on__range=(promise.made_on, promise.grace_until),
        amount__gt=0,
        reversed_by__isnull=True,
    )
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def _words(promise: PromiseToPay) -> str:
    return f"{plain(promise.amount, promise.currency)} {promise.currency} by {day(promise.promised_on)}"
