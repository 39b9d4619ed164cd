"""Payment plans: while one stands its instalments are what is due; broken, the invoices return with their levels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoices.errors import LedgerError
from invoices.models import Client, Invoice, PaymentPlan, WriteOff
from invoices.queries.ledger import ledger_differences
from invoices.queries.plan_terms import NewPlan
from invoices.queries.plans import plan_standing
from invoices.rules.allocation import Share
from invoices.rules.plan_terms import Wanted, Who
from invoices.services.charges import draft_charges
from invoices.services.deferrals import NewDeferral
from invoices.services.disputes import open_dispute
from invoices.services.plans import cancel_plan
from invoices.services.receipts import allocate, undo_allocation
from invoices.services.reversals import reverse_receipt
from reminders.models import Acknowledgement, Notice, NoticeLine, Task
from reminders.services.blocks import add_block
from reminders.services.explaining import explain_client
from reminders.services.plans import agree_plan, change_plan, decide_plan, defer_invoice, pay_off
from reminders.services.promises import make_promise
from tests.builders import a_procedure, a_receipt, an_invoice, an_organisation, fay, follow, ray, slowco

TODAY = date(2026, 3, 10)  # a Tuesday
FIRST = date(2026, 3, 20)  # a Friday; its grace of 5 business days ends on Friday 27 March
D = Decimal


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    calendar.at(TODAY)
    an_organisation(currency="GBP")
    return follow(slowco(country="GB"), a_procedure())


@pytest.fixture
def invoice(calendar: Any, client: Client) -> Invoice:
    """900.00, five days late; its first reminder is out."""
    invoice = an_invoice(client, days_late=5, amount="900.00")
    calendar.tick(TODAY)
    assert Notice.objects.count() == 1
    return invoice


def agreed(client: Client, *items: Invoice, parts: int = 3, first_on: date = FIRST, **given: Any) -> PaymentPlan:
    new = NewPlan(tuple(item.pk for item in items), Wanted(first_on, parts=parts), agreed_by="Ann", how="call", **given)
    return agree_plan(client.pk, new, actor=fay())


def kinds() -> list[str]:
    return list(Acknowledgement.objects.order_by("pk").values_list("kind", flat=True))


def state(plan: PaymentPlan) -> str:
    plan.refresh_from_db()
    return plan.status


def test_plan_kept(calendar, mail_sink, client, invoice):
    plan = agreed(client, invoice)
    for day in ("2026-03-20", "2026-04-20", "2026-05-20"):
        calendar.tick(day, 8)
        a_receipt(client, "300.00", pays=invoice)
    calendar.tick("2026-05-21")
    assert state(plan) == "kept"
    assert Notice.objects.count() == 1
    assert not Task.objects.exists()
    assert kinds() == ["plan_agreed", "instalment_due", "instalment_due", "instalment_due"]


def test_instalment_missed_gives_one_notice_and_then_it_is_paid(calendar, client, invoice):
    plan = agreed(client, invoice)
    calendar.days("2026-03-21", "2026-03-22", "2026-03-23")
    assert kinds() == ["plan_agreed", "instalment_missed"]
    mail = Acknowledgement.objects.get(kind="instalment_missed")
    assert "300.00" in mail.body_text
    assert "27 Mar" in mail.body_text
    assert Task.objects.get(status="open").kind == "missed_instalment"
    a_receipt(client, "300.00", pays=invoice, on=date(2026, 3, 24))
    calendar.days("2026-03-24", "2026-03-28", "2026-03-30")
    assert (state(plan), Notice.objects.count()) == ("active", 1)
    assert Task.objects.get().outcome == "Paid since."


def test_instalment_plan_broken(calendar, client, invoice):
    """After its grace the invoices return with the levels they had: the second reminder follows, not the first."""
    plan = agreed(client, invoice)
    calendar.days("2026-03-21", "2026-03-27")
    assert state(plan) == "active"
    calendar.tick("2026-03-28")
    assert state(plan) == "broken"
    assert kinds()[-1] == "plan_broken"
    assert "900.00" in Task.objects.get(kind="plan_broken").text
    calendar.tick("2026-03-30")
    lines = NoticeLine.objects.filter(invoice=invoice, is_live=True).order_by("position")
    assert list(lines.values_list("position", "reached_on")) == [(1, TODAY), (2, date(2026, 3, 30))]


def test_plan_survives_a_worker_that_was_down_ten_days(calendar, client, invoice):
    """Nothing is deleted and nothing skipped: the client hears that it is missing, and has his grace from then."""
    plan = agreed(client, invoice)
    calendar.tick("2026-04-02")
    assert state(plan) == "active"
    assert kinds()[-1] == "instalment_missed"
    calendar.days("2026-04-03", "2026-04-09")  # Good Friday is no business day
    assert state(plan) == "active"
    calendar.tick("2026-04-10")
    assert state(plan) == "broken"


def test_missed_run_never_deletes_a_plan_that_was_paid_meanwhile(calendar, client, invoice):
    plan = agreed(client, invoice)
    calendar.at("2026-03-24")
    a_receipt(client, "300.00", pays=invoice)
    calendar.tick("2026-04-05")
    assert (state(plan), plan.instalments.count(), plan.items.count()) == ("active", 3, 1)
    assert "instalment_missed" not in kinds()


def test_early_payoff_waives_the_agreed_part_of_what_is_not_due_yet(calendar, client, invoice):
    plan = agreed(client, invoice, payoff_percent=D(10), payoff_until=date(2026, 4, 30))
    calendar.at("2026-03-20")
    a_receipt(client, "300.00", pays=invoice)
    calendar.at("2026-04-02")
    with pytest.raises(LedgerError, match=r"540\.00 GBP has to be paid"):
        pay_off(plan.pk, actor=fay())
    a_receipt(client, "540.00", pays=invoice)
    calendar.tick("2026-05-11")  # judged by the day on which the money came
    invoice.refresh_from_db()
    assert (state(plan), invoice.open_amount) == ("kept", 0)
    waived = WriteOff.objects.get()
    assert (waived.amount, waived.status, waived.is_claim_alive) == (D(60), "booked", False)


def test_payoff_that_came_in_time_counts_though_it_was_allocated_late(calendar, client, invoice):
    plan = agreed(client, invoice, payoff_percent=D(10), payoff_until=date(2026, 3, 19))
    calendar.at("2026-03-19")
    receipt = a_receipt(client, "810.00")
    calendar.at("2026-03-23")
    allocate(receipt.pk, [Share(invoice.pk, D(810))], actor=fay())
    calendar.tick("2026-03-24")
    assert (state(plan), WriteOff.objects.get().amount) == ("kept", D(90))


def test_payoff_whose_money_goes_back_waives_nothing_any_more(calendar, client, invoice):
    plan = agreed(client, invoice, payoff_percent=D(10), payoff_until=date(2026, 3, 19))
    receipt = a_receipt(client, "810.00", pays=invoice)
    calendar.tick("2026-03-11")
    assert state(plan) == "kept"
    reverse_receipt(receipt.pk, reason="chargeback", actor=fay())
    invoice.refresh_from_db()
    assert (state(plan), invoice.open_amount, WriteOff.objects.get().status) == ("active", D(900), "reversed")
    calendar.tick("2026-03-23")
    assert kinds()[-1] == "instalment_missed"
    assert list(ledger_differences()) == []


def test_allocation_of_a_payoff_undone_and_made_again_keeps_the_plan(calendar, client, invoice):
    plan = agreed(client, invoice, payoff_percent=D(10), payoff_until=date(2026, 3, 19))
    receipt = a_receipt(client, "810.00", pays=invoice)
    calendar.tick("2026-03-11")
    undo_allocation(receipt.allocations.get().pk, actor=fay())
    allocate(receipt.pk, [Share(invoice.pk, D(810))], actor=fay())
    calendar.tick("2026-03-23")
    invoice.refresh_from_db()
    assert (state(plan), invoice.open_amount) == ("kept", 0)


def test_payoff_after_its_last_day_waives_nothing(calendar, client, invoice):
    plan = agreed(client, invoice, payoff_percent=D(10), payoff_until=date(2026, 3, 31))
    calendar.at("2026-04-02")
    a_receipt(client, "840.00", pays=invoice)
    calendar.tick("2026-04-03")
    assert (state(plan), WriteOff.objects.count()) == ("active", 0)


def test_changed_plan_takes_the_place_of_the_old_one_and_history_stays(calendar, client, invoice):
    plan = agreed(client, invoice)
    calendar.at("2026-03-20")
    a_receipt(client, "300.00", pays=invoice)
    new = change_plan(plan.pk, NewPlan((invoice.pk,), Wanted(date(2026, 4, 1), parts=6)), actor=fay())
    assert (state(plan), new.status, new.total_amount, new.replaces) == ("replaced", "active", D(600), plan)
    assert plan.instalments.count() == 3
    calendar.days("2026-03-28", "2026-04-01")
    assert (state(new), Notice.objects.count()) == ("active", 1)


def test_chargeback_of_an_instalment_makes_it_missing_again_with_a_new_grace(calendar, client, invoice):
    plan = agreed(client, invoice)
    calendar.at("2026-03-20")
    receipt = a_receipt(client, "300.00", pays=invoice)
    calendar.tick("2026-04-10")
    undo_allocation(receipt.allocations.get().pk, actor=fay())
    receipt.refresh_from_db()
    calendar.tick("2026-04-13")
    assert "instalment_missed" not in kinds()  # the money is on account: somebody allocates it
    reverse_receipt(receipt.pk, reason="chargeback", actor=fay())
    calendar.tick("2026-04-14")
    assert (state(plan), kinds()[-1]) == ("active", "instalment_missed")
    calendar.tick("2026-04-23")
    assert state(plan) == "broken"


def test_client_is_silent_while_in_a_plan_and_the_reason_has_its_figures(calendar, client, invoice):
    agreed(client, invoice)
    reason = explain_client(client.pk, date(2026, 3, 17)).headline
    assert "payment plan: next instalment 300.00 GBP on Fri 20 March 2026" in reason


def test_other_invoices_of_the_client_are_still_chased(calendar, client, invoice):
    agreed(client, invoice)
    other = an_invoice(client, days_late=1, amount="50.00")
    calendar.tick("2026-03-11")
    assert [line.invoice_id for line in Notice.objects.latest("pk").lines.all()] == [other.pk]


def test_missed_instalment_counts_as_contact(calendar, client, invoice):
    follow(client, a_procedure(minimum_interval_days=3))
    agreed(client, invoice)
    calendar.tick("2026-03-21")
    other = an_invoice(client, days_late=1, amount="50.00", today=date(2026, 3, 22))
    calendar.days("2026-03-22", "2026-03-23")
    assert not NoticeLine.objects.filter(invoice=other).exists()
    calendar.tick("2026-03-24")
    assert NoticeLine.objects.filter(invoice=other).exists()


def test_block_on_the_client_silences_the_mails_and_leaves_the_task(calendar, client, invoice):
    agreed(client, invoice)
    add_block(client, reason="legal", last_on=None, actor=fay())
    calendar.tick("2026-03-21")
    assert kinds() == ["plan_agreed"]
    assert Task.objects.get().kind == "missed_instalment"


def test_disputed_part_is_taken_off_the_last_instalments(calendar, client, invoice):
    plan = agreed(client, invoice)
    open_dispute(invoice.pk, amount=D(400), reason="quality", opened_by="Ann", actor="client Ann")
    states = [one.state for one in plan_standing(plan, TODAY).instalments]
    assert states == ["coming", "part_paid", "disputed"]


def test_promise_about_an_item_gives_way_to_the_plan(calendar, client, invoice):
    promise = make_promise(
        client, items=[invoice], amount=D(900), currency="GBP", promised_on=date(2026, 3, 13), actor=fay()
    )
    agreed(client, invoice)
    promise.refresh_from_db()
    assert promise.status == "replaced"


# --- limits and approval


def test_above_the_limit_a_second_person_approves(calendar, mail_sink, client, invoice):
    an_organisation(plan_limit=500)
    plan = agreed(client, invoice, fee=D(20))
    assert (plan.status, kinds(), plan.total_amount) == ("proposed", [], D(920))
    with pytest.raises(LedgerError, match="yourself"):
        decide_plan(plan.pk, is_approved=True, actor=fay())
    decide_plan(plan.pk, is_approved=True, actor=ray())
    assert (state(plan), kinds()) == ("active", ["plan_agreed"])
    fee = plan.items.exclude(invoice=invoice).get().invoice
    assert (fee.kind, fee.status, fee.open_amount) == ("charge", "issued", D(20))


def test_refused_plan_leaves_its_invoices_free_and_owes_no_fee(client, invoice):
    an_organisation(plan_limit=500)
    plan = agreed(client, invoice, fee=D(20))
    decide_plan(plan.pk, is_approved=False, actor=ray(), reason="too long")
    assert state(plan) == "refused"
    assert plan.items.exclude(invoice=invoice).get().invoice.status == "void"
    an_organisation(plan_limit=5000)
    assert agreed(client, invoice).status == "active"


def test_client_agrees_alone_only_within_the_limits(client, invoice):
    an_organisation(plan_limit=500)
    new = NewPlan((invoice.pk,), Wanted(FIRST, parts=3))
    with pytest.raises(LedgerError, match=r"above the limit of 500\.00 GBP"):
        agree_plan(client.pk, new, actor="client Ann", who=Who.CLIENT)
    assert not PaymentPlan.objects.exists()


def test_invoice_is_in_one_live_plan(client, invoice):
    plan = agreed(client, invoice)
    with pytest.raises(LedgerError, match=f"is in plan {plan.pk} already"):
        agreed(client, invoice)


def test_cancelled_plan_frees_the_items_at_once(calendar, client, invoice):
    plan = agreed(client, invoice)
    cancel_plan(plan.pk, reason="Ann pays at once", actor=fay())
    calendar.tick("2026-03-16")
    assert (state(plan), Notice.objects.count()) == ("cancelled", 2)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Wanted(date(2026, 3, 9), parts=3), "before today"),
        (Wanted(FIRST, parts=0), "at least one"),
        (Wanted(FIRST, parts=3, down_amount=D(900)), "leaves nothing"),
        (Wanted(FIRST, parts=61), "at most 60"),
    ],
)
def test_impossible_plan_is_refused_with_a_sentence(client, invoice, wanted, sentence):
    with pytest.raises(LedgerError, match=sentence):
        agree_plan(client.pk, NewPlan((invoice.pk,), wanted), actor=fay())


# --- late charges


def test_no_late_charges_while_a_plan_is_kept_and_all_of_them_when_it_broke(calendar, client, invoice):
    Client.objects.filter(pk=client.pk).update(late_charge_rule="uk-1998")
    plan = agreed(client, invoice)
    assert draft_charges(date(2026, 4, 2)).drafted == 0
    cancel_plan(plan.pk, reason="no", actor=fay())
    assert draft_charges(date(2026, 4, 2)).drafted > 0


# --- deferrals


def test_deferred_invoice_is_not_chased_before_its_new_date(calendar, client, invoice):
    defer_invoice(invoice.pk, NewDeferral(date(2026, 4, 10), "stock is late", "Ann"), actor=fay())
    calendar.days("2026-03-16", "2026-04-10")
    assert (Notice.objects.count(), kinds()) == (1, ["deferral_agreed"])
    calendar.tick("2026-04-17")
    assert Notice.objects.count() == 2
