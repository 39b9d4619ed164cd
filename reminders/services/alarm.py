"""What stops all sending by itself, and says why on every page: more in an hour than allowed, or an unusual run.

A manager looks, and lets it go on (`sending.start_sending`); the count of the hour begins anew from then.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import median

from django.db import transaction
from django.db.models import Sum
from django.utils.timezone import now

from invoices.models import AuditEvent, Organisation
from invoices.queries.organisation import organisation
from invoices.services.audit import record

from ..models import DunningRun

HOUR = timedelta(hours=1)
SENT = ("notice_sent", "notice_part_sent")
LOOK_EVERY = 100  # messages: the limit may be passed by as many, for each worker
DAYS = 14  # of past runs make what is usual
FEWEST_DAYS = 3  # before that nothing is usual
TIMES = 3
ALWAYS_ALLOWED = 100  # a run this small never asks


class LookOut:
    """Counts the hour at the beginning of a batch and after every so many messages."""

    def __init__(self) -> None:
        self._looked_at = -LOOK_EVERY

    def is_quiet(self, sent: int) -> bool:
        if sent - self._looked_at < LOOK_EVERY:
            return True
        self._looked_at = sent
        return not too_many_in_an_hour()


def too_many_in_an_hour() -> bool:
    """True when the hour's limit is reached; sending is stopped then."""
    us = organisation()
    if us.is_sending_stopped:
        return False  # the claim takes nothing anyway
    had = sent_since(_from(us), most=us.hourly_send_limit)
    if had < us.hourly_send_limit:
        return False
    raise_alarm(f"{had} messages left within an hour, and the limit is {us.hourly_send_limit}.")
    return True


def sent_since(moment: datetime, *, most: int) -> int:
    """How many left since then, counted up to `most`. Served by event_newest."""
    rows = AuditEvent.objects.filter(at__gt=moment, verb__in=SENT).order_by("-at", "-id")
    return rows.values("pk")[:most].count()


def _from(us: Organisation) -> datetime:
    """An hour ago; or when somebody last said go on, if that was later."""
    ago = now() - HOUR
    started = AuditEvent.objects.filter(at__gt=ago, verb="sending_started").order_by("-at", "-id")
    return started.values_list("at", flat=True).first() or ago


def look_at_run(run: DunningRun) -> None:
    """After each batch of a run: a day of more than three times the usual size stops, and asks."""
    if run.proposed <= ALWAYS_ALLOWED:
        return
    usual = usual_size(run.on)
    if usual is None:
        return
    before = _proposed_on(run.on, without=run)
    if before + run.proposed > max(ALWAYS_ALLOWED, TIMES * usual):
        many = before + run.proposed
        raise_alarm(f"The run for {run.on:%d %B %Y} proposes {many} or more notices; {usual:.0f} a day are usual.")


def usual_size(on: date) -> float | None:
    """The median of what was proposed on the days before on which anything was; None while there are too few."""
    runs = DunningRun.objects.filter(on__lt=on, on__gte=on - timedelta(days=5 * DAYS), proposed__gt=0)
    days = runs.values("on").annotate(sum=Sum("proposed")).order_by("-on").values_list("sum", flat=True)[:DAYS]
    return median(days) if len(days) >= FEWEST_DAYS else None


def _proposed_on(on: date, *, without: DunningRun) -> int:
    found = DunningRun.objects.filter(on=on).exclude(pk=without.pk).aggregate(sum=Sum("proposed"))
    return found["sum"] or 0


@transaction.atomic
def raise_alarm(text: str) -> None:
    """Stop all sending, with the reason. Does nothing where it stands already."""
    us, _ = Organisation.objects.select_for_update().get_or_create(pk=1)
    if us.is_sending_stopped:
        return
    Organisation.objects.filter(pk=1).update(is_sending_stopped=True, sending_alarm=text[:300])
    record("sending_stopped", us, actor="worker", text=f"Sending stopped by itself: {text}", after={"reason": text})
