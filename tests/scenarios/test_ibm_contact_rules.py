"""The real ledger with everything on: weekends, holidays, intervals, hours and caps of the procedure that ships.

What differs from the plain schedule has to be explained by a reason that was given on that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine

from invoices.models import Client
from invoices.rules.calendar import is_business_day
from reminders.channels import CHANNELS
from reminders.models import Approval, DunningLevel, DunningProcedure, Notice, NoticeLine
from reminders.queries.procedures import procedure_record
from reminders.queries.profiles import shipped_profiles
from reminders.rules.guardrails import Touch, Where, applicable, over_the_cap
from reminders.rules.records import Account, Code, Item
from reminders.rules.timing import earliest_date
from reminders.services.dunning_run import dry_run
from tests.fakes.null_channel import NullChannel
from tests.scenarios import ibm

pytestmark = [
    pytest.mark.skipif(not ibm.FOLDER.exists(), reason="the ledger ../shared/data/ledgers/ibm is not here"),
    pytest.mark.timeout(900),
]
LAST = date(2012, 3, 31)
EXPLAIN = {
    *(Code.CONTACTED_RECENTLY, Code.NOT_A_BUSINESS_DAY, Code.CLOSED_DAY, Code.OVER_THE_CAP, Code.PENDING),
    *(Code.BELOW_TOLERANCE, Code.CREDIT_COVERS),
}


class Replayed:
    """`given`: (client, day) -> the reasons of that day's plan."""

    def __init__(self) -> None:
        self.given: dict[tuple[int, date], set[Code]] = defaultdict(set)

    def run(self, on: date) -> None:
        with time_machine.travel(datetime(on.year, on.month, on.day, 20, 30, tzinfo=ZoneInfo("UTC")), tick=False):
            for decision in dry_run(on):
                self.given[decision.account.client_id, on] |= {reason.code for reason in decision.plan.reasons}
            ibm.plan_and_send(on)


@pytest.fixture
def replayed(db: None, tmp_path, monkeypatch) -> Replayed:
    monkeypatch.setitem(CHANNELS, "email", NullChannel())
    ibm.import_open_items(tmp_path)
    Client.objects.update(country="US")
    DunningProcedure.objects.filter(is_default=True).update(is_default=False)
    DunningProcedure.objects.filter(name="Standard").update(is_default=True)
    DunningLevel.objects.update(approval=Approval.AUTOMATIC)
    found = Replayed()
    ibm.replay(found.run, until=LAST)
    return found


def test_every_difference_from_the_plain_schedule_is_explained(replayed):
    contacts = Notice.objects.filter(sent_on__isnull=False).exclude(channel="decide")
    days: dict[int, list[Touch]] = defaultdict(list)
    for client_id, on, channel in contacts.order_by("sent_on").values_list("client_id", "sent_on", "channel"):
        days[client_id].append(Touch(on, "call task" if channel == "call" else channel))  # rung by nobody here
    assert sum(map(len, days.values())) > 200
    rules = applicable(shipped_profiles(), Where("US", "", "company"), LAST)
    for touches in days.values():
        assert all((later.on - before.on).days >= 3 for before, later in pairwise(touches))
        for number, touch in enumerate(touches):
            assert is_business_day("US", "", touch.on)
            assert over_the_cap(rules, touch.channel, touches[:number], touch.on) is None
    assert [line for line in late_lines() if not is_explained(line, replayed)] == []


def late_lines() -> Iterator[tuple[int, str, date, date]]:
    """(client, invoice, plain date, real date) of every level that was reached later than the plain schedule says."""
    procedure = procedure_record(DunningProcedure.objects.get(name="Standard"))
    levels = {level.position: level for level in procedure.levels}
    known: dict[int, tuple[int, date | None, date | None]] = {}
    lines = NoticeLine.objects.filter(reached_on__isnull=False, is_live=True).select_related("invoice", "notice")
    for line in lines.order_by("invoice", "position"):
        invoice = line.invoice
        item = Item(invoice.pk, invoice.due_on, line.amount, "USD", 1, *(0, 0), *known.get(invoice.pk, (0, None, None)))
        plain = earliest_date(item, levels[line.position], Account(0, "US"), procedure)
        plain = max(plain, invoice.issued_on, ibm.FIRST)
        known[invoice.pk] = (line.position, line.reached_on, line.notice.deadline_on)
        assert line.reached_on >= plain
        if line.reached_on > plain:
            yield invoice.client_id, invoice.number, plain, line.reached_on


def is_explained(line: tuple[int, str, date, date], replayed: Replayed) -> bool:
    """On the day it was planned for, or on a later one before it went out, a rule said why not; or the client owed too
    little for the level when he was last looked at, and more since.
    """
    client_id, _, plain, real = line
    looks = sorted(on for pk, on in replayed.given if pk == client_id and on < real)
    last = [replayed.given[client_id, on] for on in looks if on <= plain][-1:]
    since = [replayed.given[client_id, on] for on in looks if on >= plain]
    return any(codes & EXPLAIN for codes in since) or any(Code.LEVEL_PASSED_OVER in codes for codes in last)
