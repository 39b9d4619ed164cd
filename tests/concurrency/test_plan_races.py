"""Two plans over one invoice at once, and two judges of one plan, on real locks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils.timezone import localdate

from invoices.errors import LedgerError
from invoices.models import AuditEvent, Client, Instalment, Invoice, PaymentPlan, PlanItem
from invoices.queries.plan_terms import NewPlan
from invoices.rules.plan_terms import Wanted
from invoices.services import plans
from reminders.models import Acknowledgement, Task
from reminders.services.plans import agree_plan, judge_plans
from tests.builders import an_invoice, an_organisation, slowco
from tests.concurrency.test_correction_races import meeting_after, twice_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client() -> Client:
    an_organisation(currency="GBP")
    return slowco()


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, amount="300.00")


def agreed(invoice: Invoice) -> PaymentPlan:
    new = NewPlan((invoice.pk,), Wanted(localdate() + timedelta(days=7), parts=3))
    return agree_plan(invoice.client_id, new, actor="worker")


def test_two_plans_at_once_over_one_invoice_make_one(invoice, monkeypatch):
    with meeting_after(monkeypatch, plans, "plan_terms"):
        raised = twice_at_once(lambda: agreed(invoice))
    assert [type(error) for error in raised] == [LedgerError]
    assert (PaymentPlan.objects.count(), PlanItem.objects.count()) == (1, 1)


def test_control_without_the_lock_only_the_constraint_stops_the_second_plan(invoice, monkeypatch):
    monkeypatch.setattr(plans, "lock_client", lambda client_id: Client.objects.get(pk=client_id))
    with meeting_after(monkeypatch, plans, "plan_terms"):
        raised = twice_at_once(lambda: agreed(invoice))
    assert [type(error) for error in raised] == [IntegrityError]


def test_two_judges_tell_once_and_break_once(invoice: Invoice, client: Any) -> None:
    plan = agreed(invoice)
    today = localdate()
    Instalment.objects.filter(plan=plan, position=1).update(due_on=today - timedelta(days=20))
    assert twice_at_once(lambda: judge_plans(today)) == []
    assert Acknowledgement.objects.filter(kind="instalment_missed").count() == 1
    later = today + timedelta(days=14)
    assert twice_at_once(lambda: judge_plans(later)) == []
    assert AuditEvent.objects.filter(verb="plan_broken").count() == 1
    assert Task.objects.filter(kind="plan_broken").count() == 1
