"""A worker killed at every step between claim and record: nothing twice, nothing lost, what is unknown is shown."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate, now

from reminders.models import Notice, NoticeLine, OutgoingStatus
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run
from reminders.services.recovery import find_stale_claims
from tests.builders import a_procedure, an_invoice, an_organisation, follow, slowco
from tests.concurrency.workers import start
from tests.fakes.mail_sink import MailSink, mail_settings, running_sink

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

SENT, UNKNOWN = OutgoingStatus.SENT, OutgoingStatus.UNKNOWN
# where the worker dies, what the notice is after restart, how many mails arrived in the end
STEPS = [
    ("before the claim", SENT, 1),
    ("inside the claim", SENT, 1),
    ("after the claim", SENT, 1),
    ("before the words are written down", SENT, 1),
    ("before that is committed", SENT, 1),
    ("before the wire", UNKNOWN, 0),
    ("after the wire", UNKNOWN, 1),
    ("before the record is committed", UNKNOWN, 1),
    ("after the record", SENT, 1),
]


@pytest.fixture
def mail_sink(settings: Any) -> Iterator[MailSink]:
    with running_sink() as (sink, port):
        for name, value in mail_settings(port).items():
            setattr(settings, name, value)
        yield sink


@pytest.fixture
def ready() -> None:
    """One mail to Slowco, planned."""
    an_organisation()
    an_invoice(follow(slowco(), a_procedure()), days_late=1)
    dunning_run(localdate())


def kill_worker(step: str, port: int) -> None:
    worker = start("send_and_die", step, localdate().isoformat(), EMAIL_URL=f"smtp://127.0.0.1:{port}")
    worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL, step


def restart() -> None:
    """The next worker, after the dead one's lease is over."""
    Notice.objects.filter(claimed_at__isnull=False).update(claimed_at=now() - timedelta(hours=1))
    find_stale_claims()
    send_notices(localdate())
    dunning_run(localdate())
    send_notices(localdate())


@pytest.mark.parametrize(("step", "status", "arrived"), STEPS, ids=[step for step, _, _ in STEPS])
def test_killed_worker_sends_nothing_twice_and_loses_nothing(ready, mail_sink, settings, step, status, arrived):
    kill_worker(step, settings.EMAIL_PORT)
    restart()
    assert Notice.objects.get().status == status
    assert len(mail_sink.mails) == arrived
    assert NoticeLine.objects.filter(reached_on__isnull=False).count() == (status == SENT)
