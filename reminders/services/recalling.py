"""Why a client heard, or did not hear, from us on a day gone by: from the record, not thought up again.

The books have moved on since, so what the planner would say now about that day is no evidence. What is: the notices
with the reasons written down then, the runs, the blocks and promises that were in force, and the audit trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.timezone import localtime

from invoices.models import AuditEvent, Invoice
from invoices.rules.money import plain

from ..models import DunningBlock, DunningRun, Notice, PromiseToPay
from ..rules.reasons import day, from_stored, sentence


class RecalledNotice(NamedTuple):
    """`why` are the reasons stored when it was proposed, in words; `stored` the same with their figures."""

    notice: Notice
    why: tuple[str, ...]
    stored: Sequence[dict[str, Any]]


class Recalled(NamedTuple):
    """A day as the record has it. `held` are sentences: what stood in the way then."""

    client_id: int
    on: date
    headline: str
    notices: tuple[RecalledNotice, ...]
    held: tuple[str, ...]
    runs: int
    events: tuple[AuditEvent, ...]


def recall_client(client_id: int, on: date) -> Recalled:
    """What was decided for this client on that day. Changes nothing."""
    rows = Notice.objects.filter(Q(proposed_on=on) | Q(sent_on=on), client_id=client_id)
    notices = _recalled(list(rows.select_related("level").order_by("pk")))
    held = (*_blocks(client_id, on), *_promises(client_id, on), *_contact(client_id, on))
    runs = DunningRun.objects.filter(on=on).count()
    events = AuditEvent.objects.filter(client_id=client_id, at__date=on).select_related("actor").order_by("at", "pk")
    headline = _headline(notices, held, on, runs)
    return Recalled(client_id, on, headline, notices, held, runs, tuple(events[:100]))


def _recalled(notices: Sequence[Notice]) -> tuple[RecalledNotice, ...]:
    ids = {kept["invoice_id"] for notice in notices for kept in notice.reasons if kept.get("invoice_id")}
    numbers = {pk: number or "" for pk, number in Invoice.objects.filter(pk__in=ids).values_list("pk", "number")}
    return tuple(
        RecalledNotice(notice, tuple(sentence(from_stored(kept), numbers) for kept in notice.reasons), notice.reasons)
        for notice in notices
    )


def _headline(notices: Sequence[RecalledNotice], held: Sequence[str], on: date, runs: int) -> str:
    if notices:
        return " ".join(_said(one.notice, on) for one in notices)
    if not runs:
        return f"No run took place for {day(on)}, so nothing was decided on it."
    return f"Nothing was proposed on {day(on)}." + (f" {held[0]}" if held else "")


def _said(notice: Notice, on: date) -> str:
    """One notice on that day: when it was proposed, and what became of it."""
    name = notice.level.name
    begun = f"{name} was proposed" if notice.proposed_on == on else f"{name}, proposed on {day(notice.proposed_on)}"
    if notice.sent_on:
        left = "was sent that day" if notice.sent_on == on else f"was sent on {day(notice.sent_on)}"
        return f"{begun} and {left}." if notice.proposed_on == on else f"{begun}, {left}."
    reason = f" {notice.error}" if notice.error else ""
    return f"{begun}; it is {notice.get_status_display().lower()} now.{reason}"


def _blocks(client_id: int, on: date) -> list[str]:
    rows = DunningBlock.objects.filter(
        Q(last_on__isnull=True) | Q(last_on__gte=on), client_id=client_id, first_on__lte=on
    )
    return [
        f"Dunning was blocked ({block.get_reason_display().lower()}) from {day(block.first_on)}"
        + (f" through {day(block.last_on)}" if block.last_on else "")
        + (f", for {block.invoice}" if block.invoice else "")
        + "."
        for block in rows.select_related("invoice").order_by("pk")
        if block.lifted_at is None or _day_of(block.lifted_at) > on
    ]


def _promises(client_id: int, on: date) -> list[str]:
    rows = PromiseToPay.objects.filter(client_id=client_id, made_on__lte=on, grace_until__gte=on).order_by("pk")
    return [
        f"{plain(promise.amount, promise.currency)} {promise.currency} was promised on {day(promise.made_on)} for"
        f" {day(promise.promised_on)}."
        for promise in rows
        if promise.judged_on is None or promise.judged_on >= on
    ]


def _contact(client_id: int, on: date) -> list[str]:
    sent = Notice.objects.filter(client_id=client_id, sent_on__lt=on).exclude(channel="decide")
    last = sent.order_by("-sent_on", "-pk").select_related("level").first()
    return [f"The contact before was {last.level.name}, on {day(last.sent_on)}."] if last and last.sent_on else []


def _day_of(moment: datetime) -> date:
    return localtime(moment).date()
