"""Asking to look at a client again: once each, on the day, and not again the day after it was answered."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoices.models import Client
from invoices.rules.allocation import Share
from invoices.services.credit import Grant, set_credit_limit
from invoices.services.receipts import NewReceipt, record_receipt
from reminders.models import PromiseToPay, Task
from reminders.queries.risk import rating_of, ratings
from reminders.services.credit_reviews import Asked, finish_check_in, make_review_tasks
from reminders.services.tasks import close_task
from tests.builders import a_client, a_receipt, acme, an_invoice, slowco

TODAY = date(2026, 11, 20)
pytestmark = pytest.mark.django_db


def paid(client: Client, *, due_on: date, late: int, amount: str = "100") -> None:
    invoice = an_invoice(client, amount=amount, due_on=due_on)
    a_receipt(client, amount, pays=invoice, on=due_on + timedelta(days=late))


def made(kind: str = "credit_review") -> list[str]:
    return list(Task.objects.filter(kind=kind).order_by("pk").values_list("text", flat=True))


def test_review_is_asked_for_on_its_day_and_once():
    client = acme()
    set_credit_limit(client.pk, Grant(Decimal(100), "warn", "New", TODAY), actor="Mia")
    assert make_review_tasks(TODAY - timedelta(days=1)) == Asked()
    assert [make_review_tasks(TODAY + timedelta(days=n)).reviews for n in (2, 2, 3)] == [1, 0, 0]
    close_task(Task.objects.get().pk, outcome="Stays", actor="Mia")
    assert make_review_tasks(TODAY + timedelta(days=4)) == Asked()
    assert made() == ["The credit limit was to be looked at again on 20 November 2026."]


def test_next_review_date_asks_again():
    client = acme()
    for on in (TODAY, TODAY + timedelta(days=90)):
        set_credit_limit(client.pk, Grant(Decimal(100), "warn", "Fine", on), actor="Mia")
        make_review_tasks(on)
        close_task(Task.objects.get(status="open").pk, outcome="Stays", actor="Mia")
    assert len(made()) == 2


def test_who_owes_more_than_the_limit_is_looked_at_once_a_month():
    client = acme(credit_limit=Decimal(100))
    an_invoice(client, amount="150", due_on=TODAY)
    assert [make_review_tasks(TODAY).over_limit, make_review_tasks(TODAY).over_limit] == [1, 0]
    close_task(Task.objects.get().pk, outcome="Pays on Friday", actor="Mia")
    assert make_review_tasks(TODAY + timedelta(days=29)).over_limit == 0
    assert make_review_tasks(TODAY + timedelta(days=31)).over_limit == 1
    assert made()[0] == "150.00 GBP is owed, above the credit limit of 100.00."


def test_rating_that_fell_is_looked_at():
    client = acme(credit_limit=Decimal(100_000))
    for n in range(3):
        paid(client, due_on=date(2026, 8, 1 + n), late=0)
    assert make_review_tasks(TODAY) == Asked()
    paid(client, due_on=date(2026, 10, 1), late=45, amount="1000")
    assert make_review_tasks(TODAY).fallen == 1
    assert made()[0].startswith("The rating fell from A to D within a month. Pays 35 days late")


def test_rating_of_a_client_without_a_limit_asks_nobody():
    client = acme()
    for n in range(3):
        paid(client, due_on=date(2026, 10, 1 + n), late=45)
    assert make_review_tasks(TODAY) == Asked()


def test_regular_talk_comes_up_once_and_arranges_the_next():
    client = acme(check_in_on=TODAY)
    assert [make_review_tasks(TODAY + timedelta(days=n)).check_ins for n in (-1, 0, 0, 1)] == [0, 1, 0, 0]
    task = Task.objects.get(kind="check_in")
    finish_check_in(task.pk, outcome="All well", next_on=TODAY + timedelta(days=90), actor="Fay")
    client.refresh_from_db()
    assert client.check_in_on == TODAY + timedelta(days=90)
    assert make_review_tasks(TODAY + timedelta(days=5)).check_ins == 0
    assert make_review_tasks(TODAY + timedelta(days=90)).check_ins == 1


def test_talk_that_is_given_up_is_not_asked_for_again():
    acme(check_in_on=TODAY)
    make_review_tasks(TODAY)
    finish_check_in(Task.objects.get().pk, outcome="Left the trade", next_on=None, actor="Fay")
    assert make_review_tasks(TODAY + timedelta(days=1)).check_ins == 0


def test_record_counts_days_from_the_day_the_money_came():
    client = slowco()
    for n in range(3):
        paid(client, due_on=date(2026, 9, 1 + n), late=12)
    rated = rating_of(client.pk, TODAY)
    assert (rated.record.paid_items, rated.record.days_late, rated.rating.letter) == (3, Decimal(12), "C")
    assert rated.why == [("Pays 12 days late on average, weighted by amount.", 2)]


def test_year_before_is_forgotten_and_the_future_not_known():
    client = slowco()
    paid(client, due_on=date(2025, 9, 1), late=70)
    paid(client, due_on=date(2026, 12, 1), late=0)
    assert rating_of(client.pk, TODAY).record.paid_items == 0
    assert rating_of(client.pk, TODAY).rating.letter == "new"


def test_currency_in_which_most_was_paid_is_the_one_that_is_weighed():
    client = slowco()
    for n in range(3):
        paid(client, due_on=date(2026, 9, 1 + n), late=5)
    euros = an_invoice(client, amount="9000", currency="EUR", due_on=date(2026, 9, 1))
    new = NewReceipt(Decimal(9000), "EUR", date(2026, 11, 1))
    record_receipt(client, new, actor="Fay", shares=[Share(euros.pk, Decimal(9000))])
    assert rating_of(client.pk, TODAY).record.days_late == 5


def test_promises_count_as_they_were_judged():
    client = slowco()
    day = {"promised_on": TODAY, "grace_until": TODAY, "made_on": TODAY}
    for status in ("kept", "broken", "partly_kept", "withdrawn", "open"):
        judged_on = None if status == "open" else TODAY
        PromiseToPay.objects.create(client=client, amount=10, currency="GBP", status=status, judged_on=judged_on, **day)
    record = rating_of(client.pk, TODAY).record
    assert (record.promises_judged, record.promises_kept) == (3, 1)


def test_queries_do_not_grow_with_the_clients(django_assert_num_queries):
    clients = [a_client() for _ in range(3)]
    for client in clients:
        paid(client, due_on=date(2026, 9, 1), late=3)
    for some in (clients[:1], clients):
        with django_assert_num_queries(6):
            ratings([client.pk for client in some], TODAY)
