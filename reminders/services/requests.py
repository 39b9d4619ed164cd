"""What clients ask for in the portal that a person has to look at: questions, plans outside the rules, new contacts.

Asked for: a row, a task, a mail, and for what may change what is due some days of silence. Answered: a mail, the task
done, the silence over. Each in one transaction.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.timezone import localdate, now

from invoices.models import Client, ClientRequest, Contact, RequestKind, RequestStatus
from invoices.rules.calendar import add_business_days
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import lock_client, wake

from ..errors import DunningError, NotWaiting, OutsideLimits
from ..models import AcknowledgementKind, BlockReason, DunningBlock, TaskKind
from ..rules.inbound.trimming import without_cards
from .answers import write_answer
from .blocks import add_block
from .contact_requests import apply_change
from .tasks import make_task, settle_task

HOLD_DAYS = 5  # business days, as for a reply by mail: long enough to answer, and nothing freezes
HOLDING = (RequestKind.QUESTION, RequestKind.PLAN)
MOST_OPEN = 5
LONGEST = 2000


@transaction.atomic
def ask(
    contact: Contact, kind: RequestKind, text: str, *, data: dict[str, Any] | None = None, summary: str = ""
) -> ClientRequest:
    """Keep a request and say so by mail. Raises OutsideLimits without words, or while too many are open.

    `summary` is what is asked for in one line, for the mail and the task; by default the words themselves.
    """
    client = lock_client(contact.client_id)
    text = without_cards(text.strip()[:LONGEST])
    if not text and not data:
        raise OutsideLimits("Write a few words, so that we know what it is about.")
    waiting = ClientRequest.objects.filter(client=client, status=RequestStatus.OPEN)
    if waiting.count() >= MOST_OPEN:
        raise OutsideLimits(f"{MOST_OPEN} of your questions wait for us already. We answer them first; or ring us.")
    row = ClientRequest.objects.create(client=client, contact=contact, kind=kind, text=text, data=data or {})
    if kind in HOLDING:
        _hold(client, row)
    words = f"{row.get_kind_display()}: {summary or text}"[:300]
    make_task(client.pk, TaskKind.CLIENT_REQUEST, due_on=localdate(), text=words)
    wake([client.pk], localdate())
    record("request_made", row, actor=actor_of(contact), client_id=client.pk, text=words)
    facts = {"reference": str(row), "comment": summary or text, "layout": kind.value}
    write_answer(client, AcknowledgementKind.REQUEST_RECEIVED, f"request:{row.pk}", contact, facts)
    return row


def _hold(client: Client, row: ClientRequest) -> None:
    """No automatic step while we look; one silence at a time, so that asking again does not prolong it."""
    held = DunningBlock.objects.filter(client=client, invoice=None, reason=BlockReason.REPLY, lifted_at=None)
    if held.filter(last_on__gte=localdate()).exists():
        return
    last_on = add_business_days(client.country, client.region, localdate(), HOLD_DAYS)
    note = f"{row.get_kind_display()} from the portal"
    block = add_block(client, reason=BlockReason.REPLY, last_on=last_on, actor="portal", note=note)
    row.data = {**row.data, "block_id": block.pk}
    row.save(update_fields=["data"])


@transaction.atomic
def answer_request(request_id: int, text: str, *, actor: Actor, is_refused: bool = False) -> ClientRequest:
    """Answer by mail; automatic steps go on. A change of contacts is made now, unless it is refused.

    Raises NotWaiting when somebody was quicker, DunningError without words where words are needed.
    """
    client = lock_client(ClientRequest.objects.only("client_id").get(pk=request_id).client_id)
    row = ClientRequest.objects.select_related("contact").get(pk=request_id)
    if row.status != RequestStatus.OPEN:
        raise NotWaiting(f"This request is {row.get_status_display().lower()} already.")
    text = text.strip()
    if not text and (is_refused or row.kind != RequestKind.CONTACTS):
        raise DunningError("An answer needs some words; the client reads them.")
    if row.kind == RequestKind.CONTACTS and not is_refused:
        apply_change(row, actor=actor)
    status = RequestStatus.REFUSED if is_refused else RequestStatus.DONE
    answered = {"status": status, "answer": text, "answered_at": now(), "answered_by": user_or_none(actor)}
    ClientRequest.objects.filter(pk=row.pk).update(**answered)
    row.refresh_from_db()
    _settle(client, row)
    words = f"{row} {row.get_status_display().lower()}" + (f": {text}" if text else "")
    record("request_answered", row, actor=actor, client_id=client.pk, text=words)
    _tell(client, row)
    return row


def _settle(client: Client, row: ClientRequest) -> None:
    if not ClientRequest.objects.filter(client=client, status=RequestStatus.OPEN).exists():
        settle_task(client.pk, TaskKind.CLIENT_REQUEST, f"{row} {row.get_status_display().lower()}.")
    if block_id := row.data.get("block_id"):
        DunningBlock.objects.filter(pk=block_id, lifted_at=None).update(lifted_at=now())
    wake([client.pk], localdate())


def _tell(client: Client, row: ClientRequest) -> None:
    """To the address that asked: where a new address was asked for, its owner hears of it at the old one."""
    facts = {
        "reference": str(row),
        "reason": (row.text or row.data.get("summary", ""))[:500],
        "comment": row.answer,
        "layout": row.status,
    }
    contact = row.contact
    if contact is not None and (old := row.data.get("before", {}).get("email")):
        contact.email = old  # of this mail only
    write_answer(client, AcknowledgementKind.REQUEST_ANSWERED, f"request_answered:{row.pk}", contact, facts)


def actor_of(contact: Contact) -> str:
    return f"client {contact.name or contact.email or contact.client_id}"[:120]
