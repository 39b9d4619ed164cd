"""Do not dun: set and lift."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.timezone import localdate, now

from invoices.models import Client, Invoice
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import lock_client, wake

from ..errors import NotWaiting, OutsideLimits
from ..models import BlockReason, DunningBlock, Task, TaskKind
from ..rules.reasons import day
from .tasks import close_task, make_task

# These end by themselves, so that nothing freezes for ever (design: engine.md 1.6).
NEEDS_LAST_DAY = {BlockReason.HARDSHIP, BlockReason.PAID_SEARCH, BlockReason.REPLY}
# The Debt Respite Scheme (Breathing Space Moratorium) Regulations 2020, reg. 26: 60 days after the day it starts on.
BREATHING_DAYS = timedelta(days=60)
# These are about the person, whatever he owes and however he is reached.
WHOLE_CLIENT = {
    BlockReason.INSOLVENCY,
    BlockReason.LEGAL,
    BlockReason.DECEASED,
    BlockReason.CEASED,
    BlockReason.BREATHING_SPACE,
}


@transaction.atomic
def add_block(
    client: Client,
    *,
    reason: str,
    last_on: date | None,
    actor: Actor,
    invoice: Invoice | None = None,
    note: str = "",
    channel: str = "",
) -> DunningBlock:
    """Keep silent to this client, or about one invoice, until `last_on`, that day included.

    Breathing space without a last day gets its 60 days. Raises OutsideLimits.
    """
    today = localdate()
    if last_on is None and reason == BlockReason.BREATHING_SPACE:
        last_on = today + BREATHING_DAYS
    if reason in WHOLE_CLIENT and (invoice is not None or channel):
        raise OutsideLimits(f"{BlockReason(reason).label} stops everything: choose the whole client and every channel.")
    if last_on is None and reason in NEEDS_LAST_DAY:
        raise OutsideLimits(f"{BlockReason(reason).label} needs a last day, so that it is looked at again.")
    if last_on is not None and last_on < today:
        raise OutsideLimits(f"{day(last_on)} is past; choose today or a later day.")
    if invoice is not None and invoice.client_id != client.pk:
        raise OutsideLimits(f"Invoice {invoice} belongs to another client.")
    lock_client(client.pk)
    block = DunningBlock.objects.create(
        client=client,
        invoice=invoice,
        reason=reason,
        first_on=today,
        last_on=last_on,
        note=note[:300],
        channel=channel,
        owner=user_or_none(actor),
    )
    wake([client.pk], today)  # so that what is under way is withdrawn
    until = f"until {day(last_on)}" if last_on else "until lifted"
    text = f"Dunning blocked {until}: {block.get_reason_display()}"
    record("block_added", block, actor=actor, client_id=client.pk, text=text)
    return block


@transaction.atomic
def lift_block(block_id: int, *, actor: Actor) -> DunningBlock:
    """End a block now; the client is planned again today."""
    block = DunningBlock.objects.select_for_update().get(pk=block_id)
    if block.lifted_at or (block.last_on and block.last_on < localdate()):
        raise NotWaiting("This block has ended already.")
    DunningBlock.objects.filter(pk=block.pk).update(lifted_at=now())
    wake([block.client_id], localdate())
    text = f"Block lifted: {block.get_reason_display()}"
    record("block_lifted", block, actor=actor, client_id=block.client_id, text=text)
    block.refresh_from_db()
    return block


def ask_for_hardship_reviews(today: date) -> int:
    """A task on the last day of a hardship block, once for each such day. Returns how many were asked for."""
    ending = DunningBlock.objects.filter(reason=BlockReason.HARDSHIP, lifted_at=None, last_on__lte=today)
    asked = Task.objects.filter(
        client_id=OuterRef("client_id"), kind=TaskKind.HARDSHIP_REVIEW, due_on__gte=OuterRef("last_on")
    )
    rows = list(ending.filter(~Exists(asked)).order_by("pk"))
    for block in rows:
        text = f"Hardship ends on {day(block.last_on or today)}. Talk, then extend it, agree a plan, or let it end."
        make_task(block.client_id, TaskKind.HARDSHIP_REVIEW, due_on=block.last_on or today, text=text)
    return len(rows)


@transaction.atomic
def decide_to_wait(task_id: int, *, until: date, reason: str, actor: Actor) -> DunningBlock:
    """The answer to "decide what comes next": nothing until that day; then a task asks again."""
    task = Task.objects.select_related("client").get(pk=task_id)
    block = add_block(task.client, reason=BlockReason.MANUAL, last_on=until, actor=actor, note=f"Waits: {reason}")
    close_task(task_id, outcome=f"Wait until {day(until)}: {reason}", actor=actor)
    make_task(task.client_id, TaskKind.DECIDE, due_on=until, text=f"Waited until {day(until)}: {reason}")
    return block
