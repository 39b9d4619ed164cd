"""The days on which a client pays: given by staff, or taken over from what his receipts show."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Client, Receipt, ReceiptMethod
from invoices.services.audit import Actor, record
from invoices.services.ledger import lock_client, wake

from ..models import PayRunDays
from ..rules.payruns import Learned, PayRuns, learn, spoken

LOOK_BACK = timedelta(days=365)


def suggested_pay_runs(client_id: int, today: date) -> Learned | None:
    """What the transfers and cheques of the last year suggest; cards are paid by people, not by runs."""
    rows = Receipt.objects.filter(client=client_id, received_on__gt=today - LOOK_BACK, reversed_on=None)
    rows = rows.filter(method__in=[ReceiptMethod.BANK, ReceiptMethod.CHEQUE])
    return learn(list(rows.values_list("received_on", flat=True)))


@transaction.atomic
def set_pay_runs(client: Client, runs: PayRuns | None, *, actor: Actor, is_learned: bool = False) -> None:
    """From the next plan on reminders keep to these days; None: no days are known."""
    lock_client(client.pk)
    old = PayRunDays.objects.filter(client=client).first()
    if runs is None:
        PayRunDays.objects.filter(client=client).delete()
        text = "Pay runs are no longer known"
    else:
        given = {
            "days": ", ".join(map(str, runs.days)),
            "weeks": runs.weeks or None,
            "anchor_on": runs.anchor_on,
            "is_learned": is_learned,
        }
        PayRunDays.objects.update_or_create(client=client, defaults=given)
        text = f"Pays {spoken(runs)}" + (", as its receipts show" if is_learned else "")
    wake([client.pk], localdate())
    before = {"days": old.days, "weeks": old.weeks} if old else {}
    record("pay_runs_set", client, actor=actor, client_id=client.pk, text=text, before=before)
