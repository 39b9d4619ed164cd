from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.allocation import (
    POLICIES,
    Claim,
    ClaimOrder,
    Money,
    Payable,
    Policy,
    in_order,
    oldest_first,
    suggested,
)
from invoices.rules.money import is_whole, quantum
from invoices.rules.references import client_reference, invoice_reference

DAY = date(2026, 3, 2)


def payables(*amounts: str) -> list[Payable]:
    """Due one day after the other."""
    return [Payable(n, f"INV-{n}", DAY + timedelta(days=n), Decimal(a)) for n, a in enumerate(amounts, start=1)]


@pytest.mark.parametrize(
    ("amount", "open_amounts", "shares"),
    [
        ("25.00", "4.00 7.00 9.00", "4.00 7.00 9.00"),  # and 5.00 on account
        ("10.00", "4.00 7.00 9.00", "4.00 6.00"),
        ("4.00", "4.00 7.00", "4.00"),
        ("0.00", "4.00", ""),
        ("5.00", "", ""),
    ],
)
def test_items_are_paid_one_after_the_other(amount, open_amounts, shares):
    found = in_order(Decimal(amount), payables(*open_amounts.split()))
    assert [share.amount for share in found] == [Decimal(s) for s in shares.split()]


def paid(policy: Policy, money: Money, items: list[Payable]) -> dict[int, Decimal]:
    return {share.invoice_id: share.amount for share in POLICIES[policy](money, items)}


def euros(amount: str, **more: object) -> Money:
    return Money(Decimal(amount), "EUR", **more)


def test_oldest_goes_by_due_date_then_number():
    first, second, third = payables("1.00", "1.00", "1.00")
    same_day = third._replace(due_on=second.due_on, number="INV-1B")
    assert [s.invoice_id for s in oldest_first(euros("3"), [second, same_day, first])] == [1, 3, 2]


@pytest.mark.parametrize(
    ("policy", "amount", "open_amounts", "shares"),
    [
        (Policy.OLDEST_FIRST, "25.00", "4.00 7.00 9.00", {1: "4.00", 2: "7.00", 3: "9.00"}),
        (Policy.LARGEST_FIRST, "11.00", "4.00 7.00 9.00", {3: "9.00", 2: "2.00"}),
        (Policy.LARGEST_FIRST, "7.00", "7.00 7.00", {1: "7.00"}),
        (Policy.PROPORTIONAL, "500.00", "333.33 333.33 333.34", {1: "166.67", 2: "166.66", 3: "166.67"}),
        (Policy.PROPORTIONAL, "25.00", "4.00 7.00 9.00", {1: "4.00", 2: "7.00", 3: "9.00"}),
        (Policy.PROPORTIONAL, "0.01", "4.00 7.00 9.00", {3: "0.01"}),
        (Policy.EXACT, "7.00", "4.00 7.00 9.00", {2: "7.00"}),
        (Policy.EXACT, "9.00", "9.00 9.00", {}),
        (Policy.EXACT, "5.00", "4.00 7.00", {}),
    ],
)
def test_policy_gives(policy, amount, open_amounts, shares):
    found = paid(policy, euros(amount), payables(*open_amounts.split()))
    assert found == {pk: Decimal(share) for pk, share in shares.items()}


def claims() -> list[Payable]:
    costs, interest, principal = payables("40.00", "25.50", "1000.00")
    return [principal, costs._replace(claim=Claim.COSTS), interest._replace(claim=Claim.INTEREST)]


@pytest.mark.parametrize(
    ("policy", "order", "shares"),
    [
        (Policy.STATUTORY, ClaimOrder.PRINCIPAL_FIRST, {1: "40.00", 2: "25.50", 3: "434.50"}),
        (Policy.OLDEST_FIRST, ClaimOrder.COSTS_FIRST, {1: "40.00", 2: "25.50", 3: "434.50"}),
        (Policy.PROPORTIONAL, ClaimOrder.COSTS_FIRST, {1: "40.00", 2: "25.50", 3: "434.50"}),
        (Policy.OLDEST_FIRST, ClaimOrder.PRINCIPAL_FIRST, {3: "500.00"}),
    ],
)
def test_costs_interest_and_principal_are_paid_in_the_order_that_holds(policy, order, shares):
    found = paid(policy, euros("500.00", order=order), claims())
    assert found == {pk: Decimal(share) for pk, share in shares.items()}


NAMED = [
    ("Rechnung INV-2 und INV-3", {2, 3}),
    ("inv 2", {2}),
    ("INV-23", set()),
    ("XINV-2", set()),
    (f"zahlung {invoice_reference(3)}", {3}),
    ("RF" + " ".join(invoice_reference(2)[2:]), {2}),
    (client_reference(9), {1, 2, 3}),
    ("thank you", set()),
]


@pytest.mark.parametrize(("text", "ids"), NAMED)
def test_reference_names_the_items_it_pays(text, ids):
    found = paid(Policy.BY_REFERENCE, euros("50.00", reference=text, client_id=9), payables("4.00", "7.00", "9.00"))
    assert set(found) == ids


def test_what_is_over_the_named_items_stays_on_account():
    found = paid(Policy.BY_REFERENCE, euros("50.00", reference="INV-2"), payables("4.00", "7.00"))
    assert found == {2: Decimal(7)}


def test_number_of_one_or_two_signs_is_not_read_out_of_a_reference():
    short = payables("4.00")[0]._replace(number="12")
    assert paid(Policy.BY_REFERENCE, euros("4.00", reference="12 March"), [short]) == {}


@pytest.mark.parametrize(
    ("amount", "reference", "policy"),
    [
        ("7.00", "", Policy.EXACT),
        ("7.00", "INV-1", Policy.BY_REFERENCE),
        ("5.00", "", Policy.OLDEST_FIRST),
        ("9.00", "", Policy.OLDEST_FIRST),
    ],
    ids=["the one exact item", "a number in the text", "none is exact", "two are exact"],
)
def test_suggestion_is_by_reference_then_exact_then_the_oldest(amount, reference, policy):
    items = payables("4.00", "7.00", "9.00", "9.00")
    assert suggested(euros(amount, reference=reference), items) == policy


CURRENCIES = ["JPY", "EUR", "KWD"]
units = st.integers(1, 100_000)
opens = st.lists(st.tuples(units, st.sampled_from(list(Claim))), max_size=10)


def items_of(rows: list[tuple[int, Claim]], currency: str) -> list[Payable]:
    found = payables(*(str(n * quantum(currency)) for n, _ in rows))
    return [item._replace(claim=claim) for item, (_, claim) in zip(found, rows, strict=True)]


@given(
    n=units,
    rows=opens,
    currency=st.sampled_from(CURRENCIES),
    policy=st.sampled_from(list(Policy)),
    order=st.sampled_from(list(ClaimOrder)),
)
def test_no_more_is_allocated_than_there_is_or_is_open(n, rows, currency, policy, order):
    items = items_of(rows, currency)
    money = Money(n * quantum(currency), currency, "INV-1 INV-3", order)
    found = paid(policy, money, items)
    is_open = {item.invoice_id: item.open_amount for item in items}
    assert all(0 < amount <= is_open[pk] and is_whole(amount, currency) for pk, amount in found.items())
    if policy in (Policy.EXACT, Policy.BY_REFERENCE):
        assert sum(found.values()) <= money.amount
    else:
        assert sum(found.values()) == min(money.amount, sum(is_open.values()))


@given(n=units, rows=opens, policy=st.sampled_from(list(Policy)), data=st.data())
def test_order_of_the_items_makes_no_difference(n, rows, policy, data):
    items = items_of(rows, "EUR")
    money = Money(n * quantum("EUR"), "EUR", "INV-1 INV-3")
    assert paid(policy, money, items) == paid(policy, money, data.draw(st.permutations(items)))


@given(n=units, rows=opens, policy=st.sampled_from([Policy.OLDEST_FIRST, Policy.PROPORTIONAL, Policy.STATUTORY]))
def test_no_principal_is_paid_while_costs_are_open_in_the_statutory_order(n, rows, policy):
    items = items_of(rows, "EUR")
    found = paid(policy, Money(n * quantum("EUR"), "EUR", order=ClaimOrder.COSTS_FIRST), items)
    left = {
        claim: sum(i.open_amount - found.get(i.invoice_id, 0) for i in items if i.claim == claim) for claim in Claim
    }
    touched = {item.claim for item in items if item.invoice_id in found}
    assert not (left[Claim.COSTS] and touched & {Claim.INTEREST, Claim.PRINCIPAL})
    assert not (left[Claim.INTEREST] and Claim.PRINCIPAL in touched)


def test_in_proportion_goes_on_to_costs_where_no_principal_is_open():
    items = items_of([(100, Claim.COSTS), (300, Claim.COSTS)], "JPY")
    assert paid(Policy.PROPORTIONAL, Money(Decimal(40), "JPY"), items) == {1: 10, 2: 30}
