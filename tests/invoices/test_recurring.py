"""Recurring invoices: every period once, at the price of its day, and said when it cannot be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoices.errors import LedgerError
from invoices.models import AuditEvent, Client, Invoice, Organisation, RecurringInvoice, RecurringLine
from invoices.queries.ledger import ledger_differences
from invoices.queries.recurring import handled_through, state_word, why_held_up, with_state
from invoices.services.issuing import NewLine
from invoices.services.recurring import (
    NewRecurring,
    change_recurring,
    create_recurring,
    end_recurring,
    pause_recurring,
    start_recurring,
)
from invoices.services.recurring_issuing import issue_recurring
from invoices.services.recurring_preview import next_total, upcoming_invoices
from invoices.services.recurring_prices import change_price, withdraw_price
from tests.builders import acme, an_organisation, slowco

pytestmark = pytest.mark.django_db
JAN, FEB, MAR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
SUPPORT = NewLine("Support {period}", Decimal(1), Decimal("100"), tax_rate=Decimal(20))
MONTHLY = NewRecurring("Support", "monthly", JAN, "GBP", text="For {period}")


def a_recurring(client: Client | None = None, *, is_started: bool = True, **fields) -> RecurringInvoice:
    recurring = create_recurring(client or acme(), MONTHLY._replace(**fields), [SUPPORT], actor="Fay")
    if is_started:
        recurring = start_recurring(recurring.pk, today=recurring.first_on, actor="Fay")
    return recurring


def periods(recurring: RecurringInvoice) -> list[date]:
    return list(
        recurring.issues.filter(invoice__isnull=False).order_by("period_on").values_list("period_on", flat=True)
    )


def state(recurring: RecurringInvoice) -> str:
    return state_word(with_state(RecurringInvoice.objects.all()).get(pk=recurring.pk))


def test_nothing_is_invoiced_before_it_is_started():
    recurring = a_recurring(is_started=False)
    assert issue_recurring(JAN) == (0, 0)
    assert state(recurring) == "Not started"


def test_period_is_invoiced_once_however_often_the_tick_rings():
    a_recurring()
    assert [issue_recurring(JAN).invoices for _ in range(3)] == [1, 0, 0]


def test_invoice_is_issued_and_names_its_period():
    a_recurring()
    issue_recurring(JAN)
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.total_amount, invoice.open_amount) == ("issued", 120, 120)
    assert (invoice.text, invoice.lines.get().description) == ("For January 2026", "Support January 2026")
    assert not list(ledger_differences())


def test_one_that_is_not_automatic_waits_as_a_draft():
    a_recurring(is_automatic=False)
    issue_recurring(JAN)
    assert Invoice.objects.get().status == "draft"


def test_nothing_is_due_before_its_day():
    a_recurring()
    issue_recurring(JAN)
    assert issue_recurring(FEB - timedelta(days=1)) == (0, 0)


def test_missed_periods_are_caught_up_in_order_and_dated_on_the_day_they_are_issued():
    recurring = a_recurring()
    issue_recurring(date(2026, 4, 2))
    assert periods(recurring) == [JAN, FEB, MAR]
    found = Invoice.objects.order_by("number").values_list("issued_on", "due_on", "text")
    due_on = date(2026, 5, 2)
    assert list(found) == [
        (date(2026, 4, 2), due_on, f"For {month} 2026") for month in ("January", "February", "March")
    ]


def test_it_ends_after_its_count():
    recurring = a_recurring(count=2)
    issue_recurring(date(2026, 12, 1))
    assert (len(periods(recurring)), state(recurring)) == (2, "Ended")


def test_it_ends_on_its_last_day():
    recurring = a_recurring(last_on=date(2026, 3, 30))
    issue_recurring(date(2026, 12, 1))
    assert periods(recurring) == [JAN, FEB]


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ({"is_credit_hold": True}, "Acme Ltd is on credit hold. Lift the hold, or pause this."),
        ({"is_active": False}, "Acme Ltd is inactive. Make the client active again, or end this."),
    ],
)
def test_client_without_credit_is_not_invoiced_and_the_page_says_why(field, sentence):
    recurring = a_recurring()
    Client.objects.update(**field)
    assert issue_recurring(JAN) == (0, 1)
    assert (why_held_up(RecurringInvoice.objects.get()), state(recurring)) == (sentence, "Held up")


def test_refusal_is_said_once_and_the_period_invoiced_when_the_reason_is_gone():
    recurring = a_recurring()
    Client.objects.update(is_credit_hold=True)
    issue_recurring(JAN)
    issue_recurring(JAN)
    Client.objects.update(is_credit_hold=False)
    assert issue_recurring(FEB) == (2, 0)
    assert (periods(recurring), why_held_up(RecurringInvoice.objects.get())) == ([JAN, FEB], "")
    assert AuditEvent.objects.filter(verb="recurring_held_up").count() == 1


def test_one_that_is_refused_holds_back_no_other():
    a_recurring(slowco(is_credit_hold=True))
    other = a_recurring(acme())
    assert issue_recurring(JAN) == (1, 1)
    assert periods(other) == [JAN]


def test_closed_month_holds_it_up():
    an_organisation()
    a_recurring()
    Organisation.objects.update(locked_through=JAN)
    assert issue_recurring(JAN) == (0, 1)
    assert "The books are closed through 31 January 2026" in why_held_up(RecurringInvoice.objects.get())
    assert Invoice.objects.count() == 0


def test_paused_one_is_not_invoiced_and_skips_what_passed_when_it_goes_on():
    recurring = a_recurring()
    issue_recurring(JAN)
    pause_recurring(recurring.pk, actor="Fay")
    issue_recurring(MAR)
    start_recurring(recurring.pk, today=MAR, actor="Fay")
    issue_recurring(MAR)
    assert periods(recurring) == [JAN, MAR]
    assert recurring.issues.get(period_on=FEB).skipped_reason == "Skipped when it was started on 31 March 2026."


def test_what_passed_in_a_pause_can_be_invoiced_after_it():
    recurring = a_recurring()
    pause_recurring(recurring.pk, actor="Fay")
    start_recurring(recurring.pk, today=MAR, skips_missed=False, actor="Fay")
    issue_recurring(MAR)
    assert periods(recurring) == [JAN, FEB, MAR]


def test_year_of_missed_invoices_is_refused_as_a_typing_mistake():
    recurring = a_recurring(is_started=False, first_on=date(2016, 1, 31))
    with pytest.raises(LedgerError, match="122 invoices would be written at once"):
        start_recurring(recurring.pk, today=MAR.replace(day=1), skips_missed=False, actor="Fay")


def test_held_up_one_that_is_paused_is_forgotten():
    recurring = a_recurring()
    Client.objects.update(is_credit_hold=True)
    issue_recurring(JAN)
    pause_recurring(recurring.pk, actor="Fay")
    assert recurring.issues.count() == 0


def test_ended_one_writes_nothing_more():
    recurring = a_recurring()
    end_recurring(recurring.pk, actor="Fay")
    assert issue_recurring(MAR) == (0, 0)
    with pytest.raises(LedgerError, match="has ended already"):
        end_recurring(recurring.pk, actor="Fay")


def test_ended_one_that_is_made_longer_waits_to_be_started():
    recurring = a_recurring(count=1)
    issue_recurring(JAN)
    change_recurring(recurring.pk, MONTHLY._replace(count=3), None, actor="Fay")
    recurring.refresh_from_db()
    assert (recurring.status, recurring.next_on) == ("paused", FEB)


def test_price_changes_on_its_date():
    recurring = a_recurring()
    change_price(recurring.pk, 1, Decimal(150), from_on=FEB, actor="Fay")
    issue_recurring(MAR)
    assert list(Invoice.objects.order_by("number").values_list("net_amount", flat=True)) == [100, 150, 150]


def test_price_between_two_dates_stops_where_the_next_begins():
    recurring = a_recurring()
    change_price(recurring.pk, 1, Decimal(200), from_on=MAR, actor="Fay")
    change_price(recurring.pk, 1, Decimal(150), from_on=FEB, actor="Fay")
    found = [(one.on, one.net, one.is_changed) for one in upcoming_invoices(recurring, JAN, 3)]
    assert found == [(JAN, 100, False), (FEB, 150, True), (MAR, 200, True)]


def test_planned_price_can_be_withdrawn():
    recurring = a_recurring()
    planned = change_price(recurring.pk, 1, Decimal(150), from_on=FEB, actor="Fay")
    withdraw_price(planned.pk, actor="Fay")
    assert list(recurring.lines.values_list("unit_price", "valid_from", "valid_until")) == [(100, None, None)]


def test_price_of_a_period_that_is_done_stands():
    recurring = a_recurring()
    issue_recurring(JAN)
    with pytest.raises(LedgerError, match="The period of 31 January 2026 is done already"):
        change_price(recurring.pk, 1, Decimal(150), from_on=JAN, actor="Fay")


def test_same_price_is_no_change():
    recurring = a_recurring()
    with pytest.raises(LedgerError, match="the price is 100 already"):
        change_price(recurring.pk, 1, Decimal(100), from_on=FEB, actor="Fay")


def test_lines_stand_while_a_price_change_is_planned():
    recurring = a_recurring()
    change_price(recurring.pk, 1, Decimal(150), from_on=FEB, actor="Fay")
    with pytest.raises(LedgerError, match="Change or withdraw it on the page first"):
        change_recurring(recurring.pk, MONTHLY, [SUPPORT], actor="Fay")


def test_anchor_stands_once_a_period_is_done():
    recurring = a_recurring()
    issue_recurring(JAN)
    with pytest.raises(LedgerError, match="End this one and write another"):
        change_recurring(recurring.pk, MONTHLY._replace(first_on=MAR), None, actor="Fay")


def test_new_lines_count_from_the_next_invoice():
    recurring = a_recurring()
    issue_recurring(JAN)
    assert change_recurring(recurring.pk, MONTHLY, [SUPPORT._replace(unit_price=Decimal(80))], actor="Fay") == ["lines"]
    recurring.refresh_from_db()
    assert (next_total(recurring), RecurringLine.objects.count()) == (96, 1)


def test_schedule_without_a_date_is_refused():
    with pytest.raises(LedgerError, match="It would end on 01 January 2026, before its first date 31 January 2026"):
        a_recurring(last_on=date(2026, 1, 1))


def test_lines_that_come_to_nothing_are_refused():
    with pytest.raises(LedgerError, match="cannot be issued"):
        create_recurring(acme(), MONTHLY, [SUPPORT._replace(unit_price=Decimal(0))], actor="Fay")


def test_held_up_period_does_not_count_as_done():
    recurring = a_recurring()
    Client.objects.update(is_credit_hold=True)
    issue_recurring(JAN)
    assert handled_through(recurring) is None
