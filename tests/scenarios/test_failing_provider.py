"""Many messages through a provider that fails at random: nothing twice, nothing lost, unknowns listed.

A short form here; with STRESS set (`make stress`) 100,000 messages for each channel, and what was seen is printed.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Concat

from collections_app.benchmark.ledger import fill
from invoices.models import Client, Contact, Organisation
from reminders.models import DunningProcedure, Notice, NoticeLine, OutgoingStatus
from reminders.queries.queues import troubled
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run
from tests.builders import a_procedure
from tests.fakes.provider import (
    ACCEPT_THEN_SILENT,
    BUSY,
    DROP,
    REFUSE,
    Provider,
    Request,
    as_postmark,
    postmark_settings,
    running_provider,
)

STRESS = bool(os.environ.get("STRESS"))
MESSAGES = 100_000 if STRESS else 60
TODAY = date(2026, 3, 10)  # a Tuesday
FAULTS = [REFUSE] * 5 + [BUSY] * 15 + [ACCEPT_THEN_SILENT] * 5 + [DROP] * 5  # in a hundred


def key_of_text(request: Request) -> str:
    return str(request.json["id"])


def key_of_mail(request: Request) -> str:
    headers = {one["Name"]: one["Value"] for one in request.json["Headers"]}
    return str(headers["Message-ID"]).strip("<>").partition("@")[0]


@contextmanager
def a_provider(channel: str, settings: Any) -> Iterator[Provider]:
    with running_provider(as_postmark if channel == "email" else None) as provider:
        for name, value in (postmark_settings(provider) if channel == "email" else {}).items():
            setattr(settings, name, value)
        settings.SMS_URL = provider.url
        provider.keep = key_of_mail if channel == "email" else key_of_text
        yield provider


def everybody_owes(channel: str) -> None:
    DunningProcedure.objects.update(is_default=False)
    levels = [{"days_past_due": 1, "channel": channel, "template": "reminder"}]
    a_procedure(levels, is_default=True, respects_contact_rules=False)
    fill(invoices=MESSAGES, clients=MESSAGES, on=TODAY)
    Client.objects.update(review_on=TODAY)
    number = Concat(Value("+4477"), Cast(F("pk") + 10_000_000, TextField()))
    Contact.objects.update(phone=number, has_sms_consent=True)
    Organisation.objects.update_or_create(
        pk=1, defaults={"name": "Northwind Tools", "email": "accounts@northwind.example", "hourly_send_limit": 10**9}
    )


def send_everything() -> None:
    """Tick until nothing waits; pauses are taken as over."""
    dunning_run(TODAY)
    while Notice.objects.filter(status=OutgoingStatus.APPROVED).exists():
        Notice.objects.update(not_before_at=None)
        send_notices(TODAY, limit=10_000)


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_nothing_twice_nothing_lost_and_unknowns_listed(calendar, settings, channel):
    calendar.at(TODAY)
    luck = random.Random(1)
    everybody_owes(channel)
    with a_provider(channel, settings) as provider:
        provider.fault = lambda request: dict(enumerate(FAULTS)).get(luck.randrange(100), "")
        send_everything()
    taken = Counter(provider.taken)
    states = {f"notice-{reference}": status for reference, status in Notice.objects.values_list("reference", "status")}
    seen = Counter(states.get(key, "not ours") for key in taken)
    counts = Counter(states.values())
    if STRESS:
        print(f"\n{channel}: {len(provider.requests)} requests, {len(taken)} taken; {dict(counts)}; {dict(seen)}")  # noqa: T201
    assert len(states) == MESSAGES
    assert not [key for key, times in taken.items() if times > 1], "twice"
    assert set(counts) <= {"sent", "failed", "unknown"}
    assert seen["sent"] == counts["sent"], "lost: recorded as sent, and not taken"
    assert seen["failed"] == seen["not ours"] == 0, "taken, and recorded as failed"
    assert Notice.objects.filter(troubled(TODAY), status="unknown").count() == counts["unknown"] > 0
    assert NoticeLine.objects.filter(reached_on=TODAY).count() == counts["sent"]
