"""May we contact this client now, by contact rules, blocks and what he asked for?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.timezone import localtime

from invoices.models import Client

from ..rules.chaseable import block_figures, in_force
from ..rules.guardrails import COUNTED, Where, over_the_cap
from ..rules.holds import refusal_reason
from ..rules.hours import Closed, Place, closed_at, local_times, zones_of
from ..rules.reasons import sentence
from ..rules.records import Block, Code, Reason
from .contacting import NO_SMS, Rules, reach, touches
from .standing import blocks_in_force


class Permission(NamedTuple):
    """`is_open` None: nobody knows where he is. `reasons` are sentences: why not, or what to make sure of.

    `local` is the client's time, None when that is not certain. `opens_at`: when the hour allows it again.
    """

    is_open: bool | None
    reasons: Sequence[str]
    local: datetime | None = None
    opens_at: datetime | None = None

    @property
    def text(self) -> str:
        return " ".join(self.reasons)


def may_contact(client: Client, channel: str, at: datetime) -> Permission:
    """Every reason against it; the clock when there is none. A block on the whole client counts for each channel."""
    today = localtime(at).date()
    place = place_of(client)
    rules = Rules(today).of(place.where)
    reasons = _standing(client, channel, today)
    if refusal := over_the_cap(rules, channel, touches([client.pk], today).get(client.pk, ()), today):
        reasons.append(sentence(refusal_reason(refusal)))
    closed = closed_at(rules, channel, place, at) if place.zones else None
    if closed:
        reasons.append(sentence(refusal_reason(closed.refusal)))
    times = local_times(place.zones, at)
    local = times[0] if len(times) == 1 else None
    opens_at = closed.opens_at if closed else None
    if reasons:
        return Permission(False, reasons, local, opens_at)
    if not place.zones and channel in COUNTED:
        return Permission(None, ["The client's time zone is unknown. Make sure that it is working hours there."])
    clock = f"{local:%H:%M}" if local else f"{min(times):%H:%M} to {max(times):%H:%M}" if times else ""
    return Permission(True, [f"It is {clock} there."] if clock else [], local)


def _standing(client: Client, channel: str, today: date) -> list[str]:
    """Blocks in force, and what his contacts asked for."""
    blocks = [
        Block(b.reason, b.first_on, b.last_on, None, b.channel)
        for b in blocks_in_force(client.pk, today)
        if not b.invoice
    ]
    found = [block for block in (in_force(blocks, today), in_force(blocks, today, channel)) if block]
    reasons = [sentence(Reason(Code.BLOCKED, block_figures(block))) for block in found]
    closed = reach([client.pk]).closed.get(client.pk, NO_SMS)
    return [f"{closed[channel].capitalize()}.", *reasons] if channel in closed else reasons


def place_of(client: Client) -> Place:
    where = Where(client.country, client.region, client.debtor_type)
    return Place(where, zones_of(client.time_zone, client.country))


def hour_closed(client: Client, channel: str, at: datetime) -> Closed | None:
    """Whether a message has to wait for an hour; where nobody knows the client's zone, ours is used."""
    place = place_of(client)
    if not place.zones:
        place = place._replace(zones=[ZoneInfo(settings.TIME_ZONE)])
    return closed_at(Rules(localtime(at).date()).of(place.where), channel, place, at)
