"""Which procedure serves an invoice or a segment of clients, and a level left out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localdate, now

from invoices.models import Invoice
from invoices.rules.money import ZERO
from invoices.services.audit import Actor, record
from invoices.services.ledger import lock_client, wake

from ..errors import DunningError
from ..models import (
    PENDING,
    Channel,
    DunningLevel,
    DunningProcedure,
    InvoicePin,
    Notice,
    NoticeLine,
    OutgoingStatus,
    SegmentRule,
)
from ..queries.accounts import load_accounts
from ..queries.procedures import Procedures
from ..rules.timing import next_level
from .procedures import look_again


@transaction.atomic
def pin_invoice(invoice_id: int, procedure: DunningProcedure | None, *, reason: str, actor: Actor) -> None:
    """Serve one invoice by a procedure of its own until released (None); its memory of levels stays."""
    invoice = Invoice.objects.get(pk=invoice_id)
    lock_client(invoice.client_id)
    if procedure is None:
        InvoicePin.objects.filter(invoice=invoice).delete()
        text = f"{invoice} is served like its client again"
    else:
        if not reason.strip():
            raise DunningError("Say why this invoice is treated differently: the reason stays in the record.")
        given = {"procedure": procedure, "reason": reason.strip()[:200]}
        InvoicePin.objects.update_or_create(invoice=invoice, defaults=given)
        text = f"{invoice} pinned to the procedure {procedure}: {reason}"
    wake([invoice.client_id], localdate())
    record("invoice_pinned", invoice, actor=actor, client_id=invoice.client_id, text=text)


@transaction.atomic
def skip_level(invoice_id: int, *, reason: str, actor: Actor, today: date | None = None) -> DunningLevel:
    """Leave the next level of an invoice out, once and by hand: it counts as reached today, and nobody hears of it.

    Raises DunningError without a reason, while a notice is under way, and when no level is left.
    """
    today = today or localdate()
    invoice = Invoice.objects.get(pk=invoice_id)
    if not reason.strip():
        raise DunningError("Say why the level is left out: the reason stays in the record.")
    lock_client(invoice.client_id)
    if Notice.objects.filter(client=invoice.client_id, status__in=PENDING).exists():
        raise DunningError("A notice to this client is under way. Cancel it first, or wait until it has left.")
    level = DunningLevel.objects.get(pk=_next_level_id(invoice, today))
    text = f"{level.name} left out by hand: {reason.strip()}"
    notice = Notice.objects.create(
        client_id=invoice.client_id,
        level=level,
        channel=Channel.DECIDE,  # internal: no contact, and nothing that leaves
        status=OutgoingStatus.SENT,
        proposed_on=today,
        send_before=today,
        sent_on=today,
        sent_at=now(),
        subject=text[:200],
        body_text=text,
    )
    NoticeLine.objects.create(
        notice=notice,
        invoice=invoice,
        position=level.position,
        cycle=invoice.cycle,
        amount=invoice.open_amount,
        reached_on=today,
    )
    wake([invoice.client_id], today)
    record("level_skipped", invoice, actor=actor, client_id=invoice.client_id, text=f"{invoice}: {text}")
    return level


def _next_level_id(invoice: Invoice, today: date) -> int:
    account = load_accounts([invoice.client_id], today)[0]
    procedure = Procedures().of([invoice.client_id])[invoice.client_id]
    item = next((item for item in account.items if item.invoice_id == invoice.pk), None)
    serving = account.pins.get(invoice.pk, procedure)
    owed = sum((other.open_amount for other in account.items if item and other.currency == item.currency), ZERO)
    level = next_level(item, serving, owed, today) if item and serving else None
    if level is None:
        raise DunningError(f"{invoice} has no level left that could be skipped.")
    return level.id


@transaction.atomic
def add_segment_rule(values: Mapping[str, Any], *, actor: Actor) -> SegmentRule:
    """A rule behind the others; the first that fits a client decides."""
    last = SegmentRule.objects.aggregate(last=Max("position"))["last"] or 0
    rule = SegmentRule.objects.create(position=last + 1, **values)
    text = f"Segment rule {rule.position} added: clients that fit are served by {rule.procedure}"
    record("segment_rule_added", rule, actor=actor, text=text)
    look_again(rule.procedure)
    return rule


@transaction.atomic
def remove_segment_rule(rule_id: int, *, actor: Actor) -> None:
    """Its clients go to the next rule that fits, else to the default."""
    rule = SegmentRule.objects.select_for_update().select_related("procedure").get(pk=rule_id)
    text = f"Segment rule {rule.position} removed; it served clients by {rule.procedure}"
    record("segment_rule_removed", rule, actor=actor, text=text)
    look_again(rule.procedure)
    rule.delete()
