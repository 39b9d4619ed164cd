"""The mail of the demo's older days, at a third of the cost of `dispatch.send_notices`.

Same words, same rows. Only the second look at the books before each mail is left out: nobody else is at work while the
demo is made, so the run's own decisions of that morning still hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from reminders.models import Channel, Notice, OutgoingStatus
from reminders.services.dispatch import finish_sent, freeze
from reminders.services.documents import prepare
from reminders.services.dunning_run import Decision

from .mailroom import Mailroom


@transaction.atomic
def send_at_once(today: date, decisions: Iterable[Decision], mailroom: Mailroom) -> None:
    """Send the mails that this morning's run proposed by these decisions. A client without an address keeps his."""
    proposals = {decision.account.client_id: decision.plan.contact for decision in decisions}
    ready = Notice.objects.filter(status=OutgoingStatus.APPROVED, channel=Channel.EMAIL, proposed_on=today)
    for notice in ready.select_related("level", "client__account_manager").order_by("id"):
        proposal = proposals[notice.client_id]
        prepared = prepare(notice, proposal, today)
        if prepared.message and prepared.message.recipient:
            freeze(notice, proposal, prepared, today)
            mailroom.send(prepared.message)
            finish_sent(notice, today)
