"""Money in: entered, allocated, undone, reversed by staff."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import Client, Entry, Invoice, Organisation, Receipt, WriteOff
from invoices.services.transfers import NewTransfer, move_receipt
from reminders.models import Task, TaskKind
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
    [("1200", "Only 1000.00 is open."), ("800", "100.00 GBP more than there is"), ("x", "is not an amount")],
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
    page = staff.post(where, {"kind": "returned_debit", "reason": "Account closed"}, follow=True).content.decode()
    assert "reversed: Returned direct debit: Account closed" in page
    assert Task.objects.get().kind == TaskKind.RETURNED_PAYMENT


def test_other_reason_needs_words(staff: Browser, world: World) -> None:
    answer = staff.post(reverse("dashboard:receipt_reverse", args=[world.receipt.pk]), {"kind": "other"})
    assert (answer.status_code, "why the money went back" in answer.content.decode()) == (422, True)


def test_receipt_page_offers_no_table_when_nothing_is_left(staff: Browser, world: World) -> None:
    receipt = builders.a_receipt(world.acme, "10", pays=builders.an_invoice(world.acme, amount="10"))
    page = staff.get(reverse("dashboard:receipt", args=[receipt.pk])).content.decode()
    assert 'id="shares"' not in page


@pytest.mark.parametrize(("query", "count"), [("status=unapplied", 1), ("status=reversed", 0), ("q=TRF", 1)])
def test_list_is_narrowed(staff: Browser, query: str, count: int) -> None:
    assert len(staff.get(f"{reverse('dashboard:receipts')}?{query}").context["rows"]) == count


def chosen(answer: Any) -> dict[str, list[tuple[str, Decimal]]]:
    return {choice.policy.value: choice.pays for choice in answer.context["shares"].choices()}


def test_every_policy_shows_what_it_would_pay(staff: Browser) -> None:
    found = chosen(staff.post(reverse("dashboard:receipt_suggestion"), typed("800", reference="for INV-00001")))
    assert found == {
        "by_reference": [("INV-00001", Decimal(800))],
        "oldest_first": [("INV-00002", Decimal(600)), ("INV-00001", Decimal(200))],
        "largest_first": [("INV-00001", Decimal(800))],
        "proportional": [("INV-00002", Decimal(300)), ("INV-00001", Decimal(500))],
    }


def test_chosen_policy_fills_the_table_and_writes_nothing(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:receipt_new"), typed("800", suggest="proportional"))
    assert figures(answer) == {"INV-00002": "300.00", "INV-00001": "500.00"}
    assert (answer.status_code, Receipt.objects.count()) == (200, 1)


def test_money_allocated_without_a_table_is_shown_first(staff: Browser, world: World) -> None:
    staff.post(reverse("dashboard:receipt_allocate", args=[world.receipt.pk]), {})
    world.receipt.refresh_from_db()
    assert world.receipt.unapplied_amount == Decimal(50)


def test_small_difference_is_written_off_with_the_allocation(staff: Browser, world: World) -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"currency": "GBP", "small_difference": Decimal(1)})
    item = builders.an_invoice(world.slowco, amount="50.40")
    data = {"basis": "SLOWCO:50.00:GBP", f"share-{item.pk}": "50"}
    where = reverse("dashboard:receipt_allocate", args=[world.receipt.pk])
    assert "Write off 0.40" in staff.post(where, {**data, "preview": "1"}).content.decode()
    staff.post(where, {**data, f"rest-{item.pk}": "on"})
    item.refresh_from_db()
    assert (item.open_amount, WriteOff.objects.get().amount) == (0, Decimal("0.40"))


def test_payer_sees_the_items_of_its_group_under_their_clients(staff: Browser, world: World) -> None:
    Client.objects.filter(pk=world.slowco.pk).update(payer=world.acme)
    page = staff.post(reverse("dashboard:receipt_suggestion"), {**typed("700"), "client": "ACME"}).content.decode()
    assert "paid for by this client" not in page  # one client alone needs no heading
    builders.an_invoice(world.acme, amount="50")
    page = staff.post(reverse("dashboard:receipt_suggestion"), {**typed("700"), "client": "ACME"}).content.decode()
    assert "paid for by this client" in page


def test_receipt_of_the_payer_pays_the_group(staff: Browser, world: World) -> None:
    Client.objects.filter(pk=world.slowco.pk).update(payer=world.acme)
    data = {**typed("700", basis="ACME:700.00:GBP", **{f"share-{world.overdue.pk}": "700"}), "client": "ACME"}
    staff.post(reverse("dashboard:receipt_new"), data)
    assert Invoice.objects.get(pk=world.overdue.pk).open_amount == Decimal(300)


# --- other currencies


def test_money_in_a_currency_without_open_items_asks_what_was_credited(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:receipt_new"), typed("800", currency="USD"))
    assert answer.context["form"].errors["credited_amount"][0].startswith("Give what the bank credited in GBP")
    assert Receipt.objects.count() == 1


def test_credited_amount_is_allocated_and_both_are_kept(staff: Browser, world: World) -> None:
    asked = typed("800", currency="USD", credited_amount="600", credited_currency="GBP")
    answer = staff.post(reverse("dashboard:receipt_suggestion"), asked)
    assert "1 USD was worth 0.75 GBP" in answer.content.decode()
    staff.post(
        reverse("dashboard:receipt_new"), {**asked, "basis": "SLOWCO:600.00:GBP", f"share-{world.overdue.pk}": "600"}
    )
    receipt = Receipt.objects.latest("pk")
    assert (receipt.amount, receipt.currency, receipt.received_amount, receipt.received_currency) == (
        600,
        "GBP",
        800,
        "USD",
    )
    assert "Implied rate" in staff.get(reverse("dashboard:receipt", args=[receipt.pk])).content.decode()


def test_money_that_was_not_exchanged_is_kept_as_it_came(staff: Browser) -> None:
    staff.post(reverse("dashboard:receipt_new"), typed("800", currency="USD", is_kept="on"))
    receipt = Receipt.objects.latest("pk")
    assert (receipt.unapplied_amount, receipt.currency, receipt.received_amount) == (800, "USD", None)


# --- moving to another client


def test_move_shows_what_it_does_before_it_does_it(staff: Browser, world: World) -> None:
    where = reverse("dashboard:receipt_move", args=[world.receipt.pk])
    data = {"client": "ACME", "amount": "30", "reason": "Acme's money"}
    answer = staff.post(where, data)
    assert [(str(e["client"]), e["before"], e["after"]) for e in answer.context["effects"]] == [
        ("Slowco plc", 50, 20),
        ("Acme Ltd", 0, 30),
    ]
    assert not Entry.objects.filter(kind="moved").exists()
    staff.post(where, {**data, "confirmed": "1"})
    assert Receipt.objects.get(client=world.acme).unapplied_amount == 30


def test_move_to_the_same_client_is_refused_beside_the_form(staff: Browser, world: World) -> None:
    data = {"client": "SLOWCO", "amount": "30", "reason": "Theirs", "confirmed": "1"}
    answer = staff.post(reverse("dashboard:receipt_move", args=[world.receipt.pk]), data)
    assert (answer.status_code, "Choose another one" in answer.content.decode()) == (422, True)


def test_moved_money_is_moved_back_from_its_page(staff: Browser, world: World) -> None:
    moved = move_receipt(world.receipt.pk, NewTransfer(world.acme.pk, Decimal(30), "Theirs"), actor="Fay")
    page = staff.get(reverse("dashboard:receipt", args=[moved.pk])).content.decode()
    assert "Moved here from" in page
    staff.post(reverse("dashboard:receipt_move_back", args=[moved.pk]))
    world.receipt.refresh_from_db()
    assert world.receipt.unapplied_amount == 50


# --- who pays for whom


def edited(staff: Browser, client: Client, **more: str) -> Any:
    where = reverse("dashboard:client_edit", args=[client.pk])
    shown = staff.get(where).context["form"]
    given = {name: shown[name].value() for name in shown.fields}
    return staff.post(where, {**{name: value for name, value in given.items() if value not in (None, False)}, **more})


def test_payer_of_a_client_is_named_on_its_page(staff: Browser, world: World) -> None:
    edited(staff, world.slowco, payer="ACME", claim_order="costs_first")
    world.slowco.refresh_from_db()
    assert (world.slowco.payer, world.slowco.claim_order) == (world.acme, "costs_first")
    edited(staff, world.slowco, name="Slowco Holding")
    world.slowco.refresh_from_db()
    assert world.slowco.payer == world.acme


def test_client_is_not_its_own_payer(staff: Browser, world: World) -> None:
    assert "pays for itself anyway" in edited(staff, world.slowco, payer="SLOWCO").content.decode()
