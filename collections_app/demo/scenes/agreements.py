"""Payment plans, settlements and a deferral, in each state that a clerk meets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from invoices.models import Invoice, PaymentPlan
from invoices.queries.plan_terms import NewPlan
from invoices.rules.instalments import Frequency
from invoices.rules.plan_terms import Wanted
from invoices.services.deferrals import NewDeferral
from invoices.services.settlements import NewSettlement, ask_settlement, decide_settlement
from reminders.services.plans import agree_plan, defer_invoice

from ..stage import Stage

WEEK = timedelta(days=7)


def _plan(stage: Stage, invoice: Invoice, wanted: Wanted) -> PaymentPlan:
    who = invoice.client.contacts.order_by("id")[0].name
    new = NewPlan((invoice.pk,), wanted, agreed_by=who, how="call", note="Two large clients of theirs pay late.")
    return agree_plan(invoice.client_id, new, actor=stage.tom)


def plan_in_standing(stage: Stage) -> Iterator[date]:
    """Four instalments, every four weeks or so; those that fell due were paid."""
    invoice = stage.issue(stage.client(), "Studio fit-out, second floor", "3000.00")
    yield stage.in_days(20)
    plan = _plan(stage, invoice, Wanted(stage.in_days(7), Frequency.MONTHLY, 4))
    yield from _paid_through(stage, plan, 2)


def _paid_through(stage: Stage, plan: PaymentPlan, count: int) -> Iterator[date]:
    for one in list(plan.instalments.all())[:count]:
        yield one.due_on
        item = plan.items.get().invoice
        stage.pay(item.client, [(item, one.amount)])


def plan_with_a_missed_instalment(stage: Stage) -> Iterator[date]:
    """The first instalment came, the second did not; its grace runs."""
    invoice = stage.issue(stage.client(), "Display plinths, made to measure", "1850.00")
    yield stage.ago(40)
    plan = _plan(stage, invoice, Wanted(stage.ago(18), Frequency.FORTNIGHTLY, 3))
    yield from _paid_through(stage, plan, 1)


def plan_broken(stage: Stage) -> Iterator[date]:
    """Nothing came after the first instalment."""
    invoice = stage.issue(stage.client(), "Lighting for the spring collection", "2400.00")
    yield stage.in_days(18)
    plan = _plan(stage, invoice, Wanted(stage.in_days(7), Frequency.FORTNIGHTLY, 5))
    yield from _paid_through(stage, plan, 1)


def plan_to_approve(stage: Stage) -> Iterator[date]:
    """Ten months are more than one person may agree."""
    invoice = stage.issue(stage.client(), "Storage racks for the archive", "4600.00")
    yield stage.ago(5)
    _plan(stage, invoice, Wanted(stage.ago(-21), Frequency.MONTHLY, 10))


def _settlement(stage: Stage, invoice: Invoice, percent: int, days: int) -> int:
    amount = (invoice.open_amount * percent / 100).quantize(Decimal("0.01"))
    who = invoice.client.contacts.order_by("id")[0].name
    reason = "They close the branch that ordered, and offer a sum for a clean end."
    new = NewSettlement([invoice.pk], amount, stage.in_days(days), reason, agreed_by=who)
    return ask_settlement(invoice.client, new, actor=stage.ines).pk


def settlement_on_offer(stage: Stage) -> Iterator[date]:
    """A quarter waived, which a manager had to approve."""
    invoice = stage.issue(stage.client(), "Large-format prints, autumn fair", "1640.00")
    yield stage.ago(8)
    pk = _settlement(stage, invoice, 75, 14)
    yield stage.in_days(1)
    decide_settlement(pk, is_approved=True, actor=stage.manager)


def settlement_that_lapsed(stage: Stage) -> Iterator[date]:
    invoice = stage.issue(stage.client(), "Gallery hanging rails", "980.00")
    yield stage.in_days(40)
    _settlement(stage, invoice, 92, 14)


def settlement_paid(stage: Stage) -> Iterator[date]:
    invoice = stage.issue(stage.client(), "Drafting tables, returned late", "2226.00")
    yield stage.in_days(38)
    _settlement(stage, invoice, 90, 21)
    yield stage.in_days(10)
    stage.pay(invoice.client, [(invoice, (invoice.open_amount * 90 / 100).quantize(Decimal("0.01")))])


def settlement_to_approve(stage: Stage) -> Iterator[date]:
    invoice = stage.issue(stage.client(), "Colour calibration of twelve screens", "1056.00")
    yield stage.ago(6)
    _settlement(stage, invoice, 60, 21)


def deferral(stage: Stage) -> Iterator[date]:
    """Due in a fortnight, agreed a month later."""
    invoice = stage.issue(stage.client(), "Acrylic primer, autumn order", "742.50")
    yield stage.in_days(12)
    who = invoice.client.contacts.order_by("id")[0].name
    new = NewDeferral(invoice.due_on + 5 * WEEK, "Delivery came two weeks late", agreed_by=who)
    defer_invoice(invoice.pk, new, actor=stage.tom)
