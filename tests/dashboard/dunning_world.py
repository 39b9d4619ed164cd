"""The start of the tests of the dunning pages: a letter to approve, a mail in doubt, a call, a task, a promise."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.utils.timezone import localdate, now

from collections_app.models import User
from invoices.models import Client, Invoice
from reminders.models import (
    CallTask,
    DunningBlock,
    DunningProcedure,
    DunningRun,
    Notice,
    NoticeLine,
    OutgoingStatus,
    PromiseToPay,
    Task,
    TaskKind,
)
from reminders.services.blocks import add_block
from reminders.services.calls import ask_for_call
from reminders.services.promises import make_promise
from reminders.services.tasks import make_task
from tests import builders

LETTER = {
    "name": "Formal demand",
    "days_past_due": 10,
    "channel": "letter",
    "kind": "demand",
    "approval": "each",
    "template": "demand",
    "deadline_days": 10,
}
LEVELS = ({"name": "First reminder", "days_past_due": 1, "channel": "email", "template": "reminder"}, LETTER)


class World(NamedTuple):
    manager: User
    slowco: Client
    acme: Client
    late: Invoice
    owed: Invoice
    procedure: DunningProcedure
    proposed: Notice
    unknown: Notice
    call: CallTask
    task: Task
    promise: PromiseToPay
    block: DunningBlock
    run: DunningRun

    @property
    def level(self) -> Any:
        return self.procedure.levels.get(position=1)


def a_world() -> World:
    """Slowco is 20 days late with 1,000.00 and has a demand waiting; nobody knows whether Acme's mail left."""
    manager = builders.fay()
    # Made here too: beside other tests under xdist the rows of the migrations do not come back after a flush.
    manager.groups.set([Group.objects.get_or_create(name="Manager")[0]])
    builders.an_organisation()
    procedure = builders.a_procedure(LEVELS, name="Short")
    slowco, acme = (builders.follow(client, procedure) for client in (builders.slowco(), builders.acme()))
    late = builders.an_invoice(slowco, days_late=20, amount="1000.00")
    owed = builders.an_invoice(acme, days_late=3, amount="250.00")
    run = DunningRun.objects.create(
        on=localdate(), started_at=now(), finished_at=now(), looked_at=2, proposed=1, skipped={"promised": 1}
    )
    reminded_on = localdate() - timedelta(days=12)
    a_notice(late, procedure, 1, status=OutgoingStatus.SENT, sent_on=reminded_on, reached_on=reminded_on)
    return World(
        manager,
        slowco,
        acme,
        late,
        owed,
        procedure,
        a_notice(late, procedure, 2, run=run),
        a_notice(owed, procedure, 1, status=OutgoingStatus.UNKNOWN, error="Connection lost.", subject="Overdue"),
        ask_for_call(slowco, due_on=localdate(), reason="Ring them", actor=manager),
        make_task(slowco.pk, TaskKind.BROKEN_PROMISE, due_on=localdate(), text="Promise broken"),
        make_promise(
            acme,
            items=[owed],
            amount=Decimal(250),
            currency="GBP",
            promised_on=localdate() + timedelta(days=3),
            actor=manager,
        ),
        add_block(acme, reason="manual", last_on=localdate(), actor=manager, invoice=owed),
        run,
    )


def a_notice(
    invoice: Invoice, procedure: DunningProcedure, position: int, *, reached_on: Any = None, **fields: Any
) -> Notice:
    level = procedure.levels.get(position=position)
    given = {"status": OutgoingStatus.PROPOSED, "proposed_on": localdate(), **fields}
    notice = Notice.objects.create(
        client=invoice.client,
        level=level,
        channel=level.channel,
        send_before=localdate() + timedelta(days=3),
        reasons=[{"code": "level_due", "invoice_id": invoice.pk, "level": level.name, "amount": "1000.000"}
                 | {"currency": invoice.currency, "on": localdate().isoformat(), "position": position}],
        **given,
    )  # fmt: skip
    NoticeLine.objects.create(
        notice=notice, invoice=invoice, position=position, amount=invoice.open_amount, reached_on=reached_on
    )
    return notice


def as_user(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser
