"""Two workers tick at once: each period is invoiced once, and mailed once. Needs real row locks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError

from invoices.models import Client, Invoice, RecurringInvoice, RecurringIssue
from invoices.queries.ledger import ledger_differences
from invoices.services import recurring, recurring_issuing
from invoices.services.issuing import NewLine
from invoices.services.recurring import NewRecurring, create_recurring, start_recurring
from invoices.services.recurring_issuing import issue_next_period, issue_recurring
from reminders.models import Acknowledgement
from reminders.services.document_mails import send_recurring
from tests import builders
from tests.concurrency.test_races import at_once, meeting

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
JAN, MAR = date(2026, 1, 31), date(2026, 3, 31)


@pytest.fixture
def schedule() -> RecurringInvoice:
    builders.an_organisation()
    return a_schedule(builders.slowco())


def a_schedule(client: Client) -> RecurringInvoice:
    line = NewLine("Support {period}", Decimal(1), Decimal(100))
    made = create_recurring(client, NewRecurring("Support", "monthly", JAN, "GBP"), [line], actor="Fay")
    return start_recurring(made.pk, today=JAN, actor="Fay")


def test_workers_at_once_invoice_each_period_once(schedule, monkeypatch) -> None:
    for _ in range(4):
        a_schedule(builders.a_client())
    with meeting(monkeypatch, recurring_issuing, "draft_invoice", 2, patience=0.2):
        raised = at_once(*[lambda: issue_recurring(MAR)] * 2)
    assert raised == []
    assert (Invoice.objects.count(), RecurringIssue.objects.filter(invoice__isnull=False).count()) == (15, 15)
    assert not list(ledger_differences())


def test_control_without_the_lock_both_write_and_only_the_constraint_stops_one(schedule, monkeypatch) -> None:
    monkeypatch.setattr(recurring, "lock_client", lambda pk: Client.objects.get(pk=pk))
    with meeting(monkeypatch, recurring_issuing, "draft_invoice", 2):
        raised = at_once(*[lambda: issue_next_period(schedule.pk, JAN, actor="worker")] * 2)
    assert [type(error) for error in raised] == [IntegrityError]
    assert Invoice.objects.count() == 1


def test_workers_at_once_write_one_mail(schedule) -> None:
    issue_recurring(JAN)
    assert at_once(*[send_recurring] * 3) == []
    assert Acknowledgement.objects.count() == 1
