"""Settlements as staff agree, decide and withdraw them; discounts that came late, as a manager decides on them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import Discount, Invoice, PaymentTerms, Settlement
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.settlements import NewSettlement, ask_settlement
from tests import builders
from tests.dashboard.ledger_world import World, a_world, an_invoice, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    builders.an_organisation(currency="GBP", settlement_percent=20)
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


@pytest.fixture
def manager(world: World) -> Browser:
    ray = builders.ray()
    ray.groups.set([Group.objects.get(name="Manager")])
    return browser_of(ray)


@pytest.fixture
def reader(world: World) -> Browser:
    return browser_of(builders.ray())


def url(name: str, *args: Any) -> str:
    return reverse(f"dashboard:{name}", args=args)


def given(world: World, amount: str = "850.00", **more: Any) -> dict[str, Any]:
    """Of 1,000.00 open on the overdue invoice."""
    expires_on = localdate() + timedelta(days=7)
    return {"items": [world.overdue.pk], "amount": amount, "expires_on": expires_on, "reason": "In trouble", **more}


def a_settlement(world: World, amount: str = "850.00") -> Settlement:
    new = NewSettlement([world.overdue.pk], Decimal(amount), localdate() + timedelta(days=7), "In trouble")
    return ask_settlement(world.slowco, new, actor=world.fay)


@pytest.fixture
def late(world: World) -> Discount:
    """980.00 of 1,000.00, three days after the last."""
    terms = PaymentTerms.objects.create(
        code="2-10", name="2/10", days=30, discount_percent=Decimal(2), discount_days=10
    )
    issued_on = localdate() - timedelta(days=13)
    line = NewLine("Repairs", Decimal(1), Decimal(1000))
    invoice = issue_invoice(
        draft_invoice(world.acme, NewInvoice("GBP", issued_on, terms=terms), [line], actor="Fay").pk, actor="Fay"
    )
    builders.a_receipt(world.acme, "980.00", pays=invoice)
    return Discount.objects.get()


def test_every_page_of_an_agreement_is_shown_to_a_reader(world, late, reader):
    row = a_settlement(world)
    pages = [url("settlements"), url("settlement", row.pk), url("discounts"), url("discount", late.pk)]
    pages += [url("invoice", world.overdue.pk), url("invoice", late.invoice_id)]
    assert [reader.get(page).status_code for page in pages] == [200] * 6


def test_reader_neither_agrees_nor_decides(world, late, reader):
    row = a_settlement(world, "100.00")
    posts = [url("settlement_new", world.slowco.pk), url("settlement_approve", row.pk)]
    posts += [url("settlement_refuse", row.pk), url("settlement_withdraw", row.pk), url("discount_approve", late.pk)]
    assert {reader.post(post).status_code for post in posts} == {403}


def test_form_shows_what_will_happen_before_anything_does(world, staff):
    shown = staff.post(url("settlement_new", world.slowco.pk), {**given(world), "preview": "1"})
    text = shown.content.decode()
    assert "15.0 %" in text
    assert "within your authority" in text
    assert not Settlement.objects.exists()


def test_figures_follow_what_is_typed(world, staff):
    shown = staff.post(url("settlement_new", world.slowco.pk), given(world, "500.00"), headers={"HX-Request": "true"})
    text = shown.content.decode()
    assert "A second person approves it first" in text
    assert "<html" not in text


def test_offer_is_made_and_told(world, staff):
    done = staff.post(url("settlement_new", world.slowco.pk), {**given(world), "offer": "1"}, follow=True)
    assert Settlement.objects.get().status == "offered"
    assert "settles these items" in done.content.decode()


def test_refusal_of_the_service_is_said_above_the_form(world, staff):
    shown = staff.post(url("settlement_new", world.slowco.pk), {**given(world, "1000.00"), "offer": "1"})
    assert shown.status_code == 422
    assert "less than what is open" in shown.content.decode()


def test_second_person_approves_what_is_above_the_authority(world, staff, manager):
    row = a_settlement(world, "500.00")
    staff.post(url("settlement_approve", row.pk))
    assert Settlement.objects.get().status == "proposed"
    manager.post(url("settlement_approve", row.pk))
    assert Settlement.objects.get().status == "offered"


def test_waiting_settlements_and_discounts_are_counted(world, late, manager):
    a_settlement(world, "500.00")
    counts = manager.get(url("settlements")).context["nav_counts"]
    assert (counts["settlements"], counts["discounts"]) == (1, 1)


def test_approvals_name_all_money_that_waits_with_who_asked(world, late, manager):
    a_settlement(world, "500.00")
    page = manager.get(url("approvals"))
    asked = [(one.kind, one.client, one.amount, one.asked_by) for one, _ in page.context["decisions"]]
    assert asked == [
        ("settlements", world.slowco, Decimal(500), world.fay.full_name),
        ("discounts", world.acme, Decimal(20), ""),
    ]
    assert page.context["nav_counts"]["to_approve"] == 2
    assert [manager.get(where).status_code for _, where in page.context["decisions"]] == [200, 200]


def test_approvals_without_money_show_only_notices(world, manager):
    assert manager.get(url("approvals")).context["decisions"] == []


def test_timeline_leads_to_settlements_among_the_money(world, manager):
    row = a_settlement(world)
    text = manager.get(url("client_timeline", world.slowco.pk), {"kind": "money"}).content.decode()
    assert f'href="{url("settlement", row.pk)}"' in text


def test_offer_is_withdrawn_with_a_reason(world, staff):
    row = a_settlement(world)
    assert staff.post(url("settlement_withdraw", row.pk), {}).status_code == 422
    staff.post(url("settlement_withdraw", row.pk), {"reason": "They can pay"})
    assert Settlement.objects.get().status == "withdrawn"


def test_manager_grants_a_late_discount(late, manager):
    manager.post(url("discount_approve", late.pk), {"note": "Good client"})
    assert (Discount.objects.get().status, Invoice.objects.get(pk=late.invoice_id).open_amount) == ("granted", 0)


def test_manager_refuses_a_late_discount(late, manager):
    manager.post(url("discount_refuse", late.pk))
    assert Invoice.objects.get(pk=late.invoice_id).open_amount == Decimal("20.00")


def test_settled_invoice_says_so(world, staff):
    a_settlement(world)
    builders.a_receipt(world.slowco, "850.00", pays=world.overdue)
    assert "Settled" in staff.get(url("invoice", world.overdue.pk)).content.decode()


def test_tax_of_unpaid_invoices_is_listed_with_its_dates(world, reader):
    builders.an_organisation(country="GB")
    text = reader.get(url("tax_relief")).content.decode()
    assert "166.67" in text  # in the 1,000.00 that are open
    assert "Not yet" in text


def test_overdue_invoice_says_when_its_tax_can_be_claimed(world, reader):
    builders.an_organisation(country="GB")
    assert "can be claimed from" in reader.get(url("invoice", world.overdue.pk)).content.decode()


def test_list_of_tax_asks_no_more_for_more_rows(world, reader, django_assert_max_num_queries):
    for _ in range(5):
        an_invoice(world.acme, "100", days_late=3, actor=world.fay)
    with django_assert_max_num_queries(9):
        reader.get(url("tax_relief"))
