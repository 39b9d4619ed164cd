"""What people do with a reply: answer it, say whose it is, or set it aside. Each ends the hold that it brought."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.timezone import localdate, now

from invoices.models import Client
from invoices.services.audit import Actor, record
from invoices.services.ledger import lock_client, wake

from ..errors import DunningError, NotWaiting
from ..models import (
    Acknowledgement,
    AcknowledgementKind,
    BlockReason,
    DunningBlock,
    Inbound,
    InboundKind,
    InboundStatus,
    TaskKind,
)
from ..rules.inbound.telling_apart import message_id_of, reply_subject
from .answers import write_answer
from .inbound import hold_for_reply
from .tasks import settle_task


@transaction.atomic
def answer_reply(inbound_id: int, text: str, *, actor: Actor) -> Acknowledgement:
    """Write to the client, in the thread of his mail; it leaves within a minute. Automatic steps go on.

    The same words go once. Raises DunningError when nobody knows whose mail it is, or there is no address.
    """
    row = _locked(inbound_id)
    client = _client_of(row)
    if not text.strip():
        raise DunningError("An answer needs some words.")
    if row.kind != InboundKind.REPLY:
        raise DunningError("This was written by a machine, or asks for no more mail; it is not answered.")
    key = f"reply:{row.pk}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    facts = {"comment": text.strip(), "reference": reply_subject(row.subject), "in_reply_to": _message_id(row)}
    mail = write_answer(client, AcknowledgementKind.REPLY_ANSWER, key, row.contact, facts)
    if mail is None:
        raise DunningError("This answer was sent already, or the client has no working address. Look at his contacts.")
    Inbound.objects.filter(pk=row.pk).update(answered_at=now())
    _done(row, client, f"Answered: {text.strip()}", actor=actor)
    return mail


@transaction.atomic
def close_reply(inbound_id: int, *, outcome: str, actor: Actor) -> None:
    """It needs no answer, or was dealt with otherwise: say how. Automatic steps go on."""
    row = _locked(inbound_id)
    if not outcome.strip():
        raise DunningError("Say what came of it, so that nobody has to ask.")
    if row.client is None:
        Inbound.objects.filter(pk=row.pk).update(status=InboundStatus.DONE, outcome=outcome.strip()[:200])
        record("reply_closed", row, actor=actor, text=f"Mail from {row.sender}: {outcome}"[:300])
        return
    lock_client(row.client_id)
    _done(row, row.client, outcome.strip(), actor=actor)


@transaction.atomic
def give_to_client(inbound_id: int, client: Client, *, actor: Actor) -> None:
    """Say whose mail this is. From now on it holds automatic steps, as if it had been known at once."""
    row = _locked(inbound_id)
    if row.client_id == client.pk:
        return
    lock_client(client.pk)
    before = str(row.client) if row.client else ""
    Inbound.objects.filter(pk=row.pk).update(client=client, contact=None, matched_by="by hand")
    row.client = client
    text = f"Mail of {row.sender} belongs to {client}"
    record("reply_assigned", row, actor=actor, client_id=client.pk, text=text[:300], before={"client": before})
    if row.kind == InboundKind.REPLY:
        hold_for_reply(row, localdate())


def _locked(inbound_id: int) -> Inbound:
    row = Inbound.objects.select_for_update(of=("self",)).select_related("client", "contact").get(pk=inbound_id)
    if row.status != InboundStatus.OPEN:
        raise NotWaiting(f"This mail is {row.get_status_display().lower()} already.")
    return row


def _client_of(row: Inbound) -> Client:
    if row.client is None:
        raise DunningError("Nobody knows whose mail this is. Choose the client first.")
    lock_client(row.client.pk)
    return row.client


def _done(row: Inbound, client: Client, outcome: str, *, actor: Actor) -> None:
    Inbound.objects.filter(pk=row.pk).update(status=InboundStatus.DONE, outcome=outcome[:200])
    record("reply_closed", row, actor=actor, client_id=client.pk, text=outcome[:300])
    if Inbound.objects.filter(client=client, status=InboundStatus.OPEN).exclude(pk=row.pk).exists():
        return  # another one still waits
    settle_task(client.pk, TaskKind.ANSWER_REPLY, outcome[:300])
    held = DunningBlock.objects.filter(client=client, reason=BlockReason.REPLY, lifted_at__isnull=True)
    held.update(lifted_at=now())
    wake([client.pk], localdate())


def _message_id(row: Inbound) -> str:
    """The Message-ID of the mail as it came, read from the file that was kept."""
    if not row.raw:
        return ""
    with row.raw.open("rb") as file:
        head = file.read(64 * 1024)
    return message_id_of(head)
