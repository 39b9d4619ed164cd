"""A smaller sum in full discharge: offered, paid, lapsed, and gone when its money goes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import localdate

from invoices.errors import LedgerError, WrongCurrency
from invoices.models import Client, EntryKind, Invoice, Settlement
from invoices.queries.ledger import ledger_differences
from invoices.queries.plan_terms import NewPlan
from invoices.queries.plans import open_for_plan
from invoices.queries.settlements import left_to_pay
from invoices.rules.allocation import Share
from invoices.rules.crediting import ByAmount, Whole
from invoices.rules.plan_terms import Wanted
from invoices.services.charges import draft_charges
from invoices.services.credit_notes import issue_credit_note, taken_off
from invoices.services.plans import agree_plan
from invoices.services.receipts import NewReceipt, allocate, record_receipt, undo_allocation
from invoices.services.reversals import reverse_receipt
from invoices.services.settlements import (
    NewSettlement,
    ask_settlement,
    decide_settlement,
    lapse_settlement,
    withdraw_settlement,
)
from tests.builders import a_receipt, acme, an_invoice, an_organisation, fay, ray, slowco

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    an_organisation(currency="GBP", settlement_percent=30)
    return slowco()


@pytest.fixture
def items(client: Client) -> list[Invoice]:
    return [an_invoice(client, amount="600.00", days_late=60), an_invoice(client, amount="400.00", days_late=30)]


def today() -> date:
    return localdate()


def offer(items: list[Invoice], amount: str = "800.00", *, days: int = 10, actor: Any = "Fay") -> Settlement:
    new = NewSettlement(
        [one.pk for one in items], Decimal(amount), today() + timedelta(days=days), "Cannot pay more", "Ann Lee"
    )
    return ask_settlement(items[0].client, new, actor=actor)


def open_amounts(items: list[Invoice]) -> list[Decimal]:
    return [Invoice.objects.get(pk=one.pk).open_amount for one in items]


def pay(client: Client, items: list[Invoice], *amounts: str, on: date | None = None) -> Any:
    shares = [Share(item.pk, Decimal(amount)) for item, amount in zip(items, amounts, strict=False)]
    total = sum((share.amount for share in shares), Decimal(0))
    return record_receipt(client, NewReceipt(total, "GBP", on or today()), actor="Fay", shares=shares)


def right() -> bool:
    return [str(one) for one in ledger_differences()] == []


def test_offer_within_authority_stands_at_once_and_books_nothing(items):
    row = offer(items)
    assert row.status == "offered"
    assert open_amounts(items) == [Decimal("600.00"), Decimal("400.00")]
    assert list(row.items.order_by("pk").values_list("amount", flat=True)) == [Decimal("480.00"), Decimal("320.00")]
    assert right()


def test_offer_above_authority_waits_for_a_second_person(items):
    row = offer(items, "500.00", actor=fay())
    assert row.status == "proposed"
    with pytest.raises(LedgerError, match="second person"):
        decide_settlement(row.pk, is_approved=True, actor=fay())
    assert decide_settlement(row.pk, is_approved=True, actor=ray()).status == "offered"


def test_refused_settlement_frees_its_items(items):
    row = offer(items, "500.00", actor=fay())
    decide_settlement(row.pk, is_approved=False, actor=ray())
    assert offer(items).status == "offered"


def test_approval_is_of_the_amounts_that_were_asked_for(client, items):
    row = offer(items, "500.00", actor=fay())
    pay(client, items, "100.00")
    with pytest.raises(LedgerError, match="changed since"):
        decide_settlement(row.pk, is_approved=True, actor=ray())


def test_an_invoice_is_in_one_settlement_at_a_time(items):
    offer(items)
    with pytest.raises(LedgerError, match="open item"):
        offer(items)


def test_items_of_two_currencies_are_not_settled_together(client, items):
    other = an_invoice(client, amount="10.00", currency="EUR")
    with pytest.raises(WrongCurrency):
        offer([items[0], other], "500.00")


def test_items_of_another_client_are_not_settled(items):
    with pytest.raises(LedgerError):
        offer([items[0], an_invoice(acme())])


def test_paid_in_time_the_rest_is_waived(client, items):
    row = offer(items)
    pay(client, items, "480.00", "320.00", on=row.expires_on)
    row.refresh_from_db()
    assert (row.status, open_amounts(items)) == ("paid", [0, 0])
    assert items[0].entries.filter(kind=EntryKind.SETTLED).get().amount == Decimal("-120.00")
    assert right()


def test_paid_in_two_parts_the_second_settles(client, items):
    row = offer(items)
    pay(client, items, "600.00")
    assert left_to_pay(row) == Decimal("200.00")
    pay(client, items[1:], "200.00")
    row.refresh_from_db()
    assert (row.status, open_amounts(items)) == ("paid", [0, 0])
    assert right()


def test_a_day_late_settles_nothing(client, items):
    row = offer(items)
    pay(client, items, "480.00", "320.00", on=row.expires_on + timedelta(days=1))
    assert open_amounts(items) == [Decimal("120.00"), Decimal("80.00")]


def test_money_from_before_the_offer_does_not_count(client, items):
    pay(client, items, "100.00")
    row = offer(items, "800.00")
    pay(client, items, "500.00", "200.00")
    row.refresh_from_db()
    assert (row.status, left_to_pay(row)) == ("offered", Decimal("100.00"))


def test_unpaid_offer_lapses_the_day_after_its_last(items):
    row = offer(items)
    assert lapse_settlement(row.pk, on=row.expires_on) is None
    lapsed = lapse_settlement(row.pk, on=row.expires_on + timedelta(days=1))
    assert (lapsed.status, open_amounts(items)) == ("lapsed", [Decimal("600.00"), Decimal("400.00")])
    assert lapse_settlement(row.pk, on=row.expires_on + timedelta(days=2)) is None


def test_money_of_the_last_day_that_is_booked_later_still_settles(client, items):
    row = offer(items)
    lapse_settlement(row.pk, on=row.expires_on + timedelta(days=1))
    pay(client, items, "480.00", "320.00", on=row.expires_on)
    row.refresh_from_db()
    assert (row.status, open_amounts(items)) == ("paid", [0, 0])
    assert right()


def test_withdrawn_offer_settles_nothing(client, items):
    row = offer(items)
    withdraw_settlement(row.pk, reason="They found the money", actor="Fay")
    pay(client, items, "480.00", "320.00")
    assert open_amounts(items) == [Decimal("120.00"), Decimal("80.00")]


def test_chargeback_after_settlement_brings_the_full_claim_back(client, items):
    row = offer(items)
    receipt = pay(client, items, "480.00", "320.00")
    reverse_receipt(receipt.pk, reason="Chargeback", actor="Fay")
    row.refresh_from_db()
    assert (row.status, open_amounts(items)) == ("reversed", [Decimal("600.00"), Decimal("400.00")])
    assert right()


def test_part_of_the_money_gone_the_waiver_is_gone_too(client, items):
    offer(items)
    receipt = pay(client, items, "480.00", "320.00")
    undo_allocation(receipt.allocations.get(invoice=items[1]).pk, actor="Fay")
    assert open_amounts(items) == [Decimal("120.00"), Decimal("400.00")]
    assert right()


def test_who_pays_all_of_it_owes_nothing_and_is_waived_nothing(client, items):
    row = offer(items)
    pay(client, items, "600.00", "400.00")
    row.refresh_from_db()
    assert row.status == "paid"
    assert right()


def test_no_late_charges_on_items_under_an_offer(client, items):
    Client.objects.filter(pk=client.pk).update(late_charge_rule="contract", late_charge_rate=8)
    row = offer(items)
    assert draft_charges(today()).drafted == 0
    withdraw_settlement(row.pk, reason="No", actor="Fay")
    assert draft_charges(today()).drafted > 0


def test_money_on_account_does_not_pay_a_settlement(client, items):
    row = offer(items)
    a_receipt(client, "800.00")
    row.refresh_from_db()
    assert row.status == "offered"


def test_older_money_that_goes_back_is_not_waived_with_the_rest(client):
    """Offered on 1,000 open of 1,500: the 500 that bounce meanwhile were never part of it."""
    item = an_invoice(client, amount="1500.00", days_late=60)
    old = a_receipt(client, "500.00", pays=item, on=today() - timedelta(days=5))
    row = offer([item])
    reverse_receipt(old.pk, actor="Fay")
    pay(client, [item], "800.00")
    row.refresh_from_db()
    assert (row.status, open_amounts([item])) == ("paid", [Decimal("500.00")])
    assert right()


def test_what_is_not_waived_stays_on_the_item_whose_money_went_back(client, items):
    second = an_invoice(client, amount="500.00", days_late=10)
    old = a_receipt(client, "300.00", pays=second, on=today() - timedelta(days=5))
    offer([second, *items], "1000.00")
    reverse_receipt(old.pk, actor="Fay")
    pay(client, items, "600.00", "400.00")
    assert open_amounts([second, *items]) == [Decimal("300.00"), Decimal(0), Decimal(0)]


def test_money_taken_off_and_put_back_is_not_paid_towards_the_settlement(client):
    item = an_invoice(client, amount="1500.00", days_late=60)
    old = a_receipt(client, "500.00", pays=item, on=today() - timedelta(days=5))
    row = offer([item])
    undo_allocation(old.allocations.get().pk, actor="Fay")
    allocate(old.pk, [Share(item.pk, Decimal("500.00"))], actor="Fay")
    assert left_to_pay(row) == Decimal("800.00")


def test_credit_note_on_a_settled_invoice_takes_the_waiver_first(client):
    """1,000 settled by 800; credited by 300 the price is 700, so 100 of the money is the client's again."""
    item = an_invoice(client, amount="1000.00", days_late=60)
    row = offer([item])
    pay(client, [item], "800.00")
    item.refresh_from_db()
    assert taken_off(item, Decimal("300.00")) == Decimal("200.00")
    note = issue_credit_note(item.pk, what=ByAmount(Decimal("300.00")), reason="Returned", actor="Fay")
    row.refresh_from_db()
    assert (note.unapplied_amount, open_amounts([item]), row.status) == (Decimal("100.00"), [Decimal(0)], "paid")
    assert right()


def test_settled_invoice_credited_in_whole_gives_back_what_was_paid_and_no_more(client):
    item = an_invoice(client, amount="1000.00", days_late=60)
    offer([item])
    paid = pay(client, [item], "800.00")
    note = issue_credit_note(item.pk, what=Whole(), reason="Returned", actor="Fay")
    assert note.unapplied_amount == Decimal("800.00")
    reverse_receipt(paid.pk, actor="Fay")
    assert open_amounts([item]) == [Decimal("800.00")]  # the 800.00 of the note are on account against it
    assert right()


def test_no_more_is_asked_for_than_a_credit_note_left_open(client):
    item = an_invoice(client, amount="1000.00", days_late=60)
    row = offer([item])
    issue_credit_note(item.pk, what=ByAmount(Decimal("500.00")), reason="Returned", actor="Fay")
    assert left_to_pay(row) == Decimal("500.00")


def test_invoice_in_a_payment_plan_is_not_settled_beside_it(client, items):
    agree_plan(client.pk, NewPlan((items[0].pk,), Wanted(today() + timedelta(days=10), parts=3)), actor=fay())
    with pytest.raises(LedgerError, match="payment plan"):
        offer(items)


def test_invoice_under_a_settlement_is_not_put_into_a_plan(client, items):
    offer(items)
    new = NewPlan((items[0].pk,), Wanted(today() + timedelta(days=10), parts=3))
    with pytest.raises(LedgerError, match="Withdraw that settlement first"):
        agree_plan(client.pk, new, actor=fay())
    assert not open_for_plan(client.pk).exists()
