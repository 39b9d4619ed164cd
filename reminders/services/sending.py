"""The kill switch: stop everything that leaves, and start again."""

from __future__ import annotations

from django.db import transaction

from invoices.models import Organisation
from invoices.services.audit import Actor, record

from ..errors import DunningError


@transaction.atomic
def stop_sending(*, reason: str, actor: Actor) -> None:
    """From the next claim on no notice leaves; what is on the wire at this moment still does."""
    if not reason.strip():
        raise DunningError("Say why sending is stopped: others will ask.")
    if us := _switched(True):
        record("sending_stopped", us, actor=actor, text=f"Sending stopped: {reason}", after={"reason": reason})


@transaction.atomic
def start_sending(*, actor: Actor) -> None:
    """Each notice is read again before it leaves, so nothing stale goes out."""
    if us := _switched(False):
        record("sending_started", us, actor=actor, text="Sending started again")


def _switched(is_stopped: bool) -> Organisation | None:
    """Our row once the switch has moved; None when it stood there already."""
    us, _ = Organisation.objects.select_for_update().get_or_create(pk=1)
    if us.is_sending_stopped == is_stopped:
        return None
    Organisation.objects.filter(pk=1).update(is_sending_stopped=is_stopped, sending_alarm="")
    return us
