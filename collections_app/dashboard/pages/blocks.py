"""Blocks: who is not dunned at present, why, and until when."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.timezone import localdate

from invoices.queries.clients import client_ids_matching
from reminders.errors import DunningError
from reminders.models import BlockReason, DunningBlock
from reminders.rules.stopping import what_it_stops
from reminders.services.blocks import lift_block

from ..listing import BulkAction, Column, Filter, ListPage


def client_url(block: DunningBlock) -> str:
    return reverse("dashboard:client", args=[block.client_id])


def in_force(today: object) -> Q:
    return Q(lifted_at__isnull=True) & (Q(last_on__isnull=True) | Q(last_on__gte=today))


def of_state(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(in_force(localdate())) if value == "now" else rows.exclude(in_force(localdate()))


def covers(block: DunningBlock) -> str:
    what = f"Invoice {block.invoice}" if block.invoice else "Whole client"
    return f"{what}, {block.get_channel_display().lower()} only" if block.channel else what


def stops(block: DunningBlock) -> str:
    channel = block.get_channel_display() if block.channel else ""
    return what_it_stops(block.reason, is_whole=block.invoice_id is None, channel=channel)


def state(block: DunningBlock) -> str:
    if block.lifted_at:
        return "Lifted"
    return "Expired" if block.last_on and block.last_on < localdate() else "In force"


def owner(block: DunningBlock) -> str:
    return block.owner.full_name if block.owner else ""


def lift_ticked(request: HttpRequest, rows: list[DunningBlock]) -> str:
    for row in rows:
        lift_block(row.pk, actor=request.user)
    return f"{len(rows)} block{'' if len(rows) == 1 else 's'} lifted; the clients are planned again today."


def of_client(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text)) | Q(note__icontains=text)


class BlockList(ListPage):
    title = "Blocks"
    subtitle = "While one is in force nothing is sent. The last day is included."
    queryset = DunningBlock.objects.select_related("client", "invoice", "owner").all
    order = "-pk"
    columns = [
        Column("client__name", "Client", link=client_url),
        Column(covers, "Covers"),
        Column("reason", "Reason"),
        Column(stops, "What it stops", css="small why"),
        Column("note", "Note", css="small"),
        Column("first_on", "From", "date", sort=True),
        Column("last_on", "Last day", "date", sort=True),
        Column(owner, "Set by"),
        Column(state, "State", "badge"),
    ]
    filters = [
        Filter("state", "State", of_state, [("now", "In force"), ("ended", "Ended")], default="now"),
        Filter("reason", "Reason", "reason", BlockReason.choices),
    ]
    search = of_client
    search_hint = "Client or note"
    actions = [
        BulkAction(
            "lift", "Lift", lift_ticked, icon="shield-off",
            confirm="Lift the ticked blocks? The clients are dunned again.",
        )
    ]  # fmt: skip
    errors = (DunningError,)
    empty_title = "Nobody is blocked"
    empty_text = "A block is set on the client's page, or by a call."


urls = [path("blocks/", BlockList.as_view(), name="blocks")]
