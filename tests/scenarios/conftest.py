"""What every story gets: a calendar to move, a mail server, our name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from reminders import tasks
from reminders.services import recovery
from tests.builders import an_organisation
from tests.fakes.mail_sink import MailSink, mail_settings, running_sink


@pytest.fixture(autouse=True)
def organisation(db: None) -> None:
    an_organisation()


@pytest.fixture
def mail_sink(settings: Any) -> Iterator[MailSink]:
    """A real mail server; every mail of the story ends here."""
    with running_sink() as (sink, port):
        for name, value in mail_settings(port).items():
            setattr(settings, name, value)
        yield sink


class Calendar:
    """`at` is a moment of the business day, London time; `tick` does what the scheduler does on such a day."""

    def __init__(self, traveller: Callable[[datetime], None]) -> None:
        self._move = traveller

    def at(self, day: str | date, hour: int = 9, minute: int = 0) -> date:
        on = date.fromisoformat(day) if isinstance(day, str) else day
        self._move(datetime.combine(on, time(hour, minute), ZoneInfo("Europe/London")))
        return on

    def tick(self, day: str | date, hour: int = 9, minute: int = 0) -> date:
        """Judge, recover, plan, send: the scheduled jobs, each as the worker calls it."""
        on = self.at(day, hour, minute)
        recovery.find_stale_claims()
        tasks.judge_promises()
        tasks.judge_plans()
        tasks.dunning_run()
        tasks.send_notices()
        return on

    def days(self, *days: str) -> None:
        for day in days:
            self.tick(day)


@pytest.fixture
def calendar() -> Iterator[Calendar]:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/London")), tick=False) as traveller:
        yield Calendar(traveller.move_to)
