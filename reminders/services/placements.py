"""Hand a claim over to an agency, a lawyer or a mediator, take it back, end it. Always a person's decision."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Client
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import lock_client, wake

from ..errors import DunningError, NotWaiting, OutsideLimits
from ..models import (
    BlockReason,
    DunningBlock,
    Partner,
    PartnerKind,
    Placement,
    PlacementItem,
    PlacementStatus,
    TaskKind,
)
from ..queries.placements import claims_of, placeable
from ..rules.placing import evidence, missing
from .blocks import add_block, lift_block
from .tasks import make_task, settle_task

WORKER = "worker"


class NewPlacement(NamedTuple):
    """`commission_percent` None: the partner's usual one. `reference` is the partner's file number, where known."""

    partner_id: int
    invoice_ids: Sequence[int]
    commission_percent: Decimal | None = None
    reference: str = ""
    note: str = ""


@transaction.atomic
def place(client_id: int, new: NewPlacement, *, actor: Actor) -> Placement:
    """The amounts are frozen, and from now on we are silent; the open decision is taken.

    Raises OutsideLimits with every missing piece of evidence as a sentence; nothing is written then.
    """
    client, today = lock_client(client_id), localdate()
    partner = Partner.objects.filter(pk=new.partner_id, is_active=True).first()
    if partner is None:
        raise OutsideLimits("Choose a partner who still takes claims.")
    invoices = list(placeable(client.pk).filter(pk__in=new.invoice_ids))
    if len(invoices) != len(set(new.invoice_ids)):
        raise OutsideLimits("One of these invoices is paid or placed meanwhile. Look at the list again.")
    claims = claims_of(invoices)
    if sentences := missing(claims, today):
        raise OutsideLimits(" ".join(sentences))
    shown = evidence(claims)
    placement = Placement.objects.create(
        client=client,
        partner=partner,
        placed_on=today,
        placed_by=user_or_none(actor),
        final_notice_id=shown.notice_id,
        deadline_on=shown.deadline_on,
        commission_percent=partner.commission_percent if new.commission_percent is None else new.commission_percent,
        reference=new.reference,
        note=new.note,
    )
    PlacementItem.objects.bulk_create(
        PlacementItem(placement=placement, invoice=invoice, amount=invoice.open_amount, currency=invoice.currency)
        for invoice in invoices
    )
    _silence(client, partner, actor)
    words = f"{len(invoices)} invoice{'' if len(invoices) == 1 else 's'} placed with {partner}"
    settle_task(client.pk, TaskKind.DECIDE, f"Placed with {partner}.")
    wake([client.pk], today)
    record("claim_placed", placement, actor=actor, client_id=client.pk, text=words, after={"note": new.note})
    return placement


def _silence(client: Client, partner: Partner, actor: Actor) -> None:
    """One block on the whole client: he speaks to the partner now, about whatever it is."""
    if not _placed_blocks(client.pk):
        note = f"Placed with {partner}"
        add_block(client, reason=BlockReason.PLACED, last_on=None, actor=actor, note=note)


@transaction.atomic
def recall(placement_id: int, *, reason: str, actor: Actor) -> Placement:
    """Take it back: its items are dunned again where they stood, and somebody decides what comes next."""
    placement = _end(placement_id, PlacementStatus.RECALLED, reason, actor)
    text = f"Recalled from {placement.partner}: {reason}"
    if placement.client.invoices.filter(open_amount__gt=0).exists():
        make_task(placement.client_id, TaskKind.DECIDE, due_on=localdate(), text=text)
    record("claim_recalled", placement, actor=actor, client_id=placement.client_id, text=text)
    return placement


@transaction.atomic
def close_placement(placement_id: int, *, reason: str, actor: Actor) -> Placement:
    """It has come to its end: paid, or given up by the partner."""
    placement = _end(placement_id, PlacementStatus.CLOSED, reason, actor)
    text = f"Placement with {placement.partner} closed: {reason}"
    record("placement_closed", placement, actor=actor, client_id=placement.client_id, text=text)
    return placement


def _end(placement_id: int, status: PlacementStatus, reason: str, actor: Actor) -> Placement:
    if not reason.strip():
        raise DunningError("Say why: the partner and the next reader will ask.")
    lock_client(Placement.objects.values_list("client_id", flat=True).get(pk=placement_id))
    placement = Placement.objects.select_related("client", "partner").get(pk=placement_id)
    if placement.status != PlacementStatus.PLACED:
        raise NotWaiting(f"This placement is {placement.get_status_display().lower()} already.")
    placement.status, placement.ended_on, placement.end_reason = status, localdate(), reason[:300]
    placement.save(update_fields=["status", "ended_on", "end_reason"])
    PlacementItem.objects.filter(placement=placement).update(is_live=False)
    if not Placement.objects.filter(client=placement.client_id, status=PlacementStatus.PLACED).exists():
        for block_id in _placed_blocks(placement.client_id):
            lift_block(block_id, actor=actor)
    wake([placement.client_id], localdate())
    return placement


def _placed_blocks(client_id: int) -> list[int]:
    rows = DunningBlock.objects.filter(client=client_id, reason=BlockReason.PLACED, invoice=None, lifted_at=None)
    return list(rows.values_list("pk", flat=True))


def close_settled() -> int:
    """Close the placements of which nothing is open any more. Returns how many."""
    live = Placement.objects.filter(status=PlacementStatus.PLACED)
    paid = live.exclude(items__invoice__open_amount__gt=0)
    ids = list(paid.values_list("pk", flat=True))
    for pk in ids:
        close_placement(pk, reason="Nothing is open any more.", actor=WORKER)
    return len(ids)


@transaction.atomic
def save_partner(partner_id: int | None, fields: dict[str, Any], *, actor: Actor) -> Partner:
    """A new partner, or a changed one; placements keep the commission they were made with."""
    percent = fields["commission_percent"]
    if not 0 <= percent <= 100:
        raise OutsideLimits(f"A commission is between 0 and 100 percent; {percent} is not.")
    if Partner.objects.filter(name__iexact=fields["name"]).exclude(pk=partner_id).exists():
        raise OutsideLimits(f"There is a partner {fields['name']} already.")
    if partner_id is None:
        partner = Partner.objects.create(**fields)
        record("partner_added", partner, actor=actor, text=f"Partner {partner}: {PartnerKind(partner.kind).label}")
        return partner
    partner = Partner.objects.select_for_update().get(pk=partner_id)
    before = {name: str(getattr(partner, name)) for name in fields}
    Partner.objects.filter(pk=partner_id).update(**fields)
    after = {name: str(value) for name, value in fields.items()}
    record("partner_changed", partner, actor=actor, text=f"Partner {partner} changed", before=before, after=after)
    partner.refresh_from_db()
    return partner
