"""Money in: entered, allocated, undone, reversed by staff."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import Invoice, Receipt
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


def typed(amount: str, **more: Any) -> dict[str, Any]:
    head = {"client": "SLOWCO", "amount": amount, "currency": "GBP", "received_on": localdate().isoformat()}
    return {**head, "method": "bank", **more}


def figures(answer: Any) -> dict[str, str]:
    return {row.item.number: row.typed for row in answer.context["shares"].rows}


def test_oldest_item_is_suggested_first(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:receipt_suggestion"), typed("700"))
    assert figures(answer) == {"INV-00002": "600.00", "INV-00001": "100.00"}


def test_item_open_with_exactly_the_amount_is_suggested(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:receipt_suggestion"), typed("1000"))
    assert figures(answer) == {"INV-00002": "", "INV-00001": "1000.00"}


def test_typed_figures_stay_while_the_amount_stays(staff: Browser, world: World) -> None:
    data = typed("700", basis="SLOWCO:700.00:GBP", **{f"share-{world.overdue.pk}": "650"})
    answer = staff.post(reverse("dashboard:receipt_suggestion"), data)
    assert figures(answer) == {"INV-00002": "", "INV-00001": "650"}
    assert answer.context["shares"].rest == Decimal(50)


def test_another_amount_is_suggested_afresh(staff: Browser, world: World) -> None:
    data = typed("100", basis="SLOWCO:700.00:GBP", **{f"share-{world.overdue.pk}": "650"})
    answer = staff.post(reverse("dashboard:receipt_suggestion"), data)
    assert figures(answer) == {"INV-00002": "100.00", "INV-00001": ""}


def test_suggestion_writes_nothing(staff: Browser) -> None:
    staff.post(reverse("dashboard:receipt_suggestion"), typed("700"))
    assert Receipt.objects.count() == 1


def test_receipt_is_recorded_with_its_allocations(staff: Browser, world: World) -> None:
    data = typed("700", basis="SLOWCO:700.00:GBP", **{f"share-{world.overdue.pk}": "650"})
    staff.post(reverse("dashboard:receipt_new"), data)
    world.overdue.refresh_from_db()
    assert world.overdue.open_amount == Decimal(350)
    assert Receipt.objects.latest("pk").unapplied_amount == Decimal(50)


def test_without_a_table_the_money_stays_on_account(staff: Browser) -> None:
    staff.post(reverse("dashboard:receipt_new"), typed("700"))
    assert Receipt.objects.latest("pk").unapplied_amount == Decimal(700)


@pytest.mark.parametrize(
    ("share", "sentence"),
    [("1200", "Only 1000.00 is open."), ("800", "100.00 GBP more than the receipt"), ("x", "is not an amount")],
)
def test_wrong_share_is_said_and_nothing_is_written(staff: Browser, world: World, share: str, sentence: str) -> None:
    data = typed("700", basis="SLOWCO:700.00:GBP", **{f"share-{world.overdue.pk}": share})
    answer = staff.post(reverse("dashboard:receipt_new"), data)
    assert sentence in answer.content.decode()
    assert Receipt.objects.count() == 1


def test_share_of_a_strange_invoice_is_not_taken(staff: Browser, world: World) -> None:
    other = builders.an_invoice(world.acme, amount="50")
    staff.post(reverse("dashboard:receipt_new"), typed("70", basis="SLOWCO:70.00:GBP", **{f"share-{other.pk}": "50"}))
    assert Invoice.objects.get(pk=other.pk).open_amount == Decimal(50)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("amount", "0", "above 0"),
        ("amount", "1.234,50", "two ways"),
        ("amount", "10.005", "2 decimals"),
        ("received_on", (localdate() + timedelta(days=2)).isoformat(), "still to come"),
    ],
)
def test_wrong_head_is_said_beside_its_field(staff: Browser, field: str, value: str, sentence: str) -> None:
    answer = staff.post(reverse("dashboard:receipt_new"), {**typed("700"), field: value})
    assert sentence in answer.context["form"].errors[field][0]


def test_rest_is_allocated_from_the_page(staff: Browser, world: World) -> None:
    data = {"basis": "SLOWCO:50.00:GBP", f"share-{world.overdue.pk}": "50"}
    staff.post(reverse("dashboard:receipt_allocate", args=[world.receipt.pk]), data)
    world.receipt.refresh_from_db()
    assert world.receipt.unapplied_amount == 0


def test_change_in_the_table_is_previewed_without_writing(staff: Browser, world: World) -> None:
    data = {"basis": "SLOWCO:50.00:GBP", f"share-{world.overdue.pk}": "20", "preview": "1"}
    answer = staff.post(reverse("dashboard:receipt_allocate", args=[world.receipt.pk]), data)
    world.receipt.refresh_from_db()
    assert (answer.context["shares"].rest, world.receipt.unapplied_amount) == (Decimal(30), Decimal(50))


def test_undone_allocation_opens_the_invoice_again(staff: Browser, world: World) -> None:
    allocation = world.receipt.allocations.get()
    staff.post(reverse("dashboard:allocation_undo", args=[allocation.pk]))
    world.overdue.refresh_from_db()
    assert world.overdue.open_amount == Decimal(1200)


def test_second_undo_is_refused_with_a_sentence(staff: Browser, world: World) -> None:
    where = reverse("dashboard:allocation_undo", args=[world.receipt.allocations.get().pk])
    staff.post(where)
    assert "was undone already" in staff.post(where, follow=True).content.decode()


def test_reversed_receipt_says_so(staff: Browser, world: World) -> None:
    where = reverse("dashboard:receipt_reverse", args=[world.receipt.pk])
    page = staff.post(where, {"reason": "Returned by the bank"}, follow=True).content.decode()
    assert "reversed: Returned by the bank" in page


def test_receipt_page_offers_no_table_when_nothing_is_left(staff: Browser, world: World) -> None:
    receipt = builders.a_receipt(world.acme, "10", pays=builders.an_invoice(world.acme, amount="10"))
    page = staff.get(reverse("dashboard:receipt", args=[receipt.pk])).content.decode()
    assert 'id="shares"' not in page


@pytest.mark.parametrize(("query", "count"), [("status=unapplied", 1), ("status=reversed", 0), ("q=TRF", 1)])
def test_list_is_narrowed(staff: Browser, query: str, count: int) -> None:
    assert len(staff.get(f"{reverse('dashboard:receipts')}?{query}").context["rows"]) == count
