"""A real ledger (../shared/data/ledgers/ibm), replayed: invoices with their dates, receipts on the day they came."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import transaction

from invoices.models import Client
from invoices.services.importing.booking import Booking, lock_clients
from invoices.services.importing.documents import Money, bills
from reminders.models import DunningProcedure, Notice, NoticeLine, OutgoingStatus
from reminders.services.approvals import mark_posted
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run
from tests.builders import a_contact, a_procedure

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "ledgers" / "ibm"
FIRST, LAST = date(2012, 1, 1), date(2012, 12, 31)
POSITIONS = {"pre_due": 1, "overdue_1": 2, "overdue_7": 3, "call_14": 4, "letter_30": 5, "final_60": 6, "decide_90": 7}
LEVELS: list[dict[str, Any]] = [
    {"days_past_due": -3, "channel": "email", "template": "friendly"},
    {"days_past_due": 1, "channel": "email", "template": "reminder"},
    {"days_past_due": 7, "channel": "email", "template": "firm"},
    {"days_past_due": 14, "channel": "call", "template": "call"},
    {"days_past_due": 30, "channel": "letter", "kind": "demand", "template": "demand", "deadline_days": 14},
    {"days_past_due": 60, "channel": "letter", "kind": "final", "template": "final", "deadline_days": 14},
    {"days_past_due": 90, "channel": "decide", "kind": "decision", "template": "decide"},
]


def answer_key() -> dict[str, Any]:
    return json.loads((FOLDER / "answer_key.json").read_text())


def expected_levels() -> list[tuple[str, int, str]]:
    """(day, position, invoice number), sorted."""
    with (FOLDER / "expected_levels_2012.csv").open() as file:
        rows = list(csv.DictReader(file))
    return sorted((row["on"], POSITIONS[row["level"]], row["invoice"]) for row in rows)


def reached_levels() -> list[tuple[str, int, str]]:
    """The same from our own memory."""
    lines = NoticeLine.objects.filter(reached_on__range=(FIRST, LAST)).values_list(
        "reached_on", "position", "invoice__number"
    )
    return sorted((on.isoformat(), position, number) for on, position, number in lines)


@cache
def settled() -> dict[date, list[str]]:
    """Day -> the invoices settled on it."""
    by_day: dict[date, list[str]] = defaultdict(list)
    with (FOLDER / "invoices.csv").open() as file:
        for row in csv.DictReader(file):
            month, day, year = map(int, row["SettledDate"].split("/"))
            by_day[date(year, month, day)].append(row["invoiceNumber"])
    return by_day


def import_open_items(folder: Path) -> None:
    """The file by the import command, without its receipts; clients get a contact and the procedure of the README."""
    with (FOLDER / "invoices.csv").open() as file, (folder / "open.csv").open("w", newline="") as out:
        rows = csv.DictReader(file)
        kept = [name for name in rows.fieldnames or [] if name != "SettledDate"]
        writer = csv.DictWriter(out, kept, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    call_command("import", "invoices", str(folder / "open.csv"), "--json", stdout=io.StringIO(), stderr=io.StringIO())
    for client in Client.objects.all():
        a_contact(client, f"ap@{client.code.lower()}.example", is_primary=True)
    DunningProcedure.objects.filter(is_default=True).update(is_default=False)
    a_procedure(LEVELS, is_default=True)


def days(until: date) -> Iterator[date]:
    return (FIRST + timedelta(days=n) for n in range((until - FIRST).days + 1))


@transaction.atomic
def receive_what_settles(on: date) -> None:
    """In bulk, as the import books: the same rows as one by one, in a tenth of the time."""
    open_bills = bills(number__in=settled().get(on, ()), open_amount__gt=0)
    lock_clients(ids=[bill.client_id for bill in open_bills])
    booking = Booking("bank")
    for bill in open_bills:
        money = Money(bill.client_id, on, bill.open_amount, bill.currency, "bank", bill.number, f"ibm:{bill.number}")
        money.shares.append((bill, bill.open_amount))
        booking.receive(money)
    booking.write()


def post_letters(on: date) -> None:
    printed = list(Notice.objects.filter(status=OutgoingStatus.PRINTING).values_list("pk", flat=True))
    if printed:
        mark_posted(printed, actor="post room", today=on)


def plan_and_send(on: date) -> None:
    dunning_run(on)
    send_notices(on)


def replay(run: Callable[[date], None], *, until: date = LAST) -> None:
    """The year, day by day: money first, then `run` (which plans and sends), then the post."""
    for on in days(until):
        receive_what_settles(on)
        run(on)
        post_letters(on)
