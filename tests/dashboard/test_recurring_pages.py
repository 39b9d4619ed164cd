"""Recurring invoices on their pages: written, looked at, started, priced, paused, ended."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import Client, Invoice, RecurringInvoice
from invoices.rules.instalments import add_months
from invoices.services.issuing import NewLine
from invoices.services.recurring import NewRecurring, create_recurring, start_recurring
from invoices.services.recurring_issuing import issue_recurring
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db
TODAY = localdate()


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def fays(world: World) -> Any:
    return browser_of(world.fay)


def a_recurring(client: Client, *, first_on: date = TODAY, is_started: bool = True) -> RecurringInvoice:
    new = NewRecurring("Support", "monthly", first_on, "GBP")
    recurring = create_recurring(client, new, [NewLine("Support {period}", Decimal(1), Decimal(100))], actor="Fay")
    return start_recurring(recurring.pk, today=first_on, actor="Fay") if is_started else recurring


def typed(**fields: Any) -> dict[str, Any]:
    head = {
        "client": "ACME",
        "name": "Support",
        "frequency": "monthly",
        "first_on": TODAY.isoformat(),
        "currency": "GBP",
        "is_automatic": "on",
        "rows": "1",
        "line-0-description": "Support {period}",
        "line-0-quantity": "1",
        "line-0-unit_price": "100",
        "line-0-tax_rate": "20",
    }
    return {**head, **fields}


def url(name: str, *args: int) -> str:
    return reverse(f"dashboard:recurring{name}", args=args)


def text_of(answer: Any) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def test_written_one_waits_and_shows_its_next_twelve(fays, world):
    answer = fays.post(url("_new"), typed(), follow=True)
    assert "Saved, not started" in text_of(answer)
    assert len(answer.context["upcoming"]) == 12
    assert answer.context["state"] == "Not started"
    assert f"{TODAY:%B %Y}" in text_of(answer)


def test_bad_head_and_bad_lines_are_said_together(fays, world):
    answer = fays.post(url("_new"), typed(name="", **{"line-0-unit_price": ""}))
    assert answer.status_code == 422
    assert "Give a price" in text_of(answer)
    assert answer.context["form"].errors["name"]


def test_invoice_can_be_made_recurring(fays, world):
    answer = fays.get(url("_new"), {"invoice": world.overdue.pk})
    initial = answer.context["form"].initial
    assert (initial["client"], initial["name"]) == ("SLOWCO", "Repairs")
    assert initial["first_on"] == add_months(world.overdue.issued_on, 1)
    assert "Repairs" in text_of(answer)


def test_start_says_what_will_happen_then_does_it(fays, world):
    recurring = a_recurring(world.acme, is_started=False)
    said = text_of(fays.get(url("_start", recurring.pk)))
    assert "100.00 GBP" in said
    assert "ap@acme.example" in said
    fays.post(url("_start", recurring.pk))
    recurring.refresh_from_db()
    assert recurring.status == "active"


def test_dates_that_passed_are_invoiced_when_asked_for(fays, world):
    recurring = a_recurring(world.acme, first_on=add_months(TODAY, -2), is_started=False)
    assert "2 dates have passed" in text_of(fays.get(url("_start", recurring.pk)))
    fays.post(url("_start", recurring.pk), {"missed": "issue"})
    assert issue_recurring(TODAY).invoices == 3


def test_price_change_is_seen_in_what_comes_next_and_can_be_withdrawn(fays, world):
    recurring = a_recurring(world.acme)
    from_on = add_months(TODAY, 2)
    data = {"position": "1", "unit_price": "120", "from_on": from_on.isoformat()}
    answer = fays.post(url("_price", recurring.pk), data, follow=True)
    assert [one.total for one in answer.context["upcoming"]][:3] == [100, 100, 120]
    planned = recurring.lines.get(valid_from=from_on)
    answer = fays.post(url("_price_back", planned.pk), follow=True)
    assert {one.total for one in answer.context["upcoming"]} == {Decimal(100)}


def test_price_of_a_done_period_is_refused_in_the_dialog(fays, world):
    recurring = a_recurring(world.acme)
    issue_recurring(TODAY)
    data = {"position": "1", "unit_price": "120", "from_on": TODAY.isoformat()}
    answer = fays.post(url("_price", recurring.pk), data)
    assert answer.status_code == 422
    assert "is done already. Choose a later day." in text_of(answer)


def test_held_up_one_says_why_on_its_page_and_is_found_in_the_list(fays, world):
    recurring = a_recurring(world.acme)
    Client.objects.update(is_credit_hold=True)
    issue_recurring(TODAY)
    assert "Acme Ltd is on credit hold. Lift the hold, or pause this." in text_of(fays.get(url("", recurring.pk)))
    shown = fays.get(url("_list"), {"status": "held_up"})
    assert shown.context["nav_counts"]["recurring"] == 1
    listed = text_of(shown)
    assert "Support" in listed
    assert "Held up" in listed


def test_pause_and_end(fays, world):
    recurring = a_recurring(world.acme)
    fays.post(url("_pause", recurring.pk))
    recurring.refresh_from_db()
    assert recurring.status == "paused"
    answer = fays.post(url("_end", recurring.pk), follow=True)
    recurring.refresh_from_db()
    assert (recurring.status, recurring.next_on) == ("ended", None)
    assert "No invoice follows." in text_of(answer)


def test_edit_changes_the_next_invoice_and_keeps_the_ones_before(fays, world):
    recurring = a_recurring(world.acme)
    issue_recurring(TODAY)
    data = typed(**{"line-0-unit_price": "130", "line-0-tax_rate": "0", "text": "For {period}"})
    answer = fays.post(url("_edit", recurring.pk), data, follow=True)
    assert answer.context["upcoming"][0].total == 130
    assert Invoice.objects.get(recurring_issue__recurring=recurring).total_amount == 100


def test_edit_leaves_lines_alone_while_a_price_is_planned(fays, world):
    recurring = a_recurring(world.acme)
    data = {"position": "1", "unit_price": "120", "from_on": add_months(TODAY, 2).isoformat()}
    fays.post(url("_price", recurring.pk), data)
    assert "A price changes on a planned date" in text_of(fays.get(url("_edit", recurring.pk)))
    answer = fays.post(url("_edit", recurring.pk), typed(name="Renamed"), follow=True)
    assert answer.context["recurring"].name == "Renamed"
    assert recurring.lines.count() == 2


def test_list_costs_the_same_with_more_rows(fays, world, django_assert_max_num_queries):
    for _ in range(3):
        a_recurring(world.acme)
    with django_assert_max_num_queries(9) as few:
        fays.get(url("_list"))
    for _ in range(10):
        a_recurring(world.slowco)
    with django_assert_max_num_queries(len(few.captured_queries)):
        fays.get(url("_list"))


@pytest.mark.parametrize("name", ["_start", "_pause", "_end", "_edit", "_price"])
def test_reader_may_look_but_not_touch(world, name):
    recurring = a_recurring(world.acme, first_on=TODAY + timedelta(days=1))
    ray = browser_of(builders.ray())
    assert ray.get(url("", recurring.pk)).status_code == 200
    assert ray.post(url(name, recurring.pk)).status_code == 403
