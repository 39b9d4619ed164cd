"""What lowered the principal of an invoice, from its movements: payments, and payments taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.rules.interest.records import Payment
from invoices.rules.interest.refusals import InterestRefused
from invoices.rules.interest.settling import Movement, Question, as_claim, payments_of


def moved(words: str) -> list[Movement]:
    """ "3:-40:a" is 40 paid on the third by document a."""
    parts = (word.split(":") for word in words.split())
    return [Movement(date(2026, 3, int(day)), Decimal(amount), ("receipt", ord(who))) for day, amount, who in parts]


@pytest.mark.parametrize(
    ("movements", "expected"),
    [
        ("", []),
        ("3:-40:a", [(3, 40)]),
        ("9:-40:a 3:-10:b", [(3, 10), (9, 40)]),  # booked later, counted earlier
        ("3:-40:a 9:40:a", []),  # a returned debit was never paid
        ("3:-40:a 5:-40:b 9:40:a", [(5, 40)]),  # the document's own payment goes, not the latest
        ("3:-40:a 5:-40:b 9:40:c", [(3, 40)]),  # an unknown cause takes the latest
        ("3:-40:a 9:15:a", [(3, 25)]),
        ("3:-40:a 5:-10:b 9:50:c", []),
        ("3:-40:a 9:40:a 20:-40:a", [(20, 40)]),  # undone and allocated again
    ],
)
def test_principal_is_lowered_by_what_was_paid_and_not_taken_back(
    movements: str, expected: list[tuple[int, int]]
) -> None:
    assert [(paid.paid_on.day, paid.amount) for paid in payments_of(moved(movements))] == expected


def a_question(*payments: Payment) -> Question:
    return Question(
        amount=Decimal(100),
        currency="GBP",
        due_on=date(2026, 1, 31),
        paid_on=date(2026, 3, 31),
        debtor_type="company",
        payments=payments,
    )


def test_rest_is_paid_on_the_last_day() -> None:
    claim = as_claim(a_question(Payment(date(2026, 3, 1), Decimal(30))))
    assert claim.payments[-1] == Payment(date(2026, 3, 31), Decimal(70))


def test_payment_after_the_last_day_is_refused() -> None:
    with pytest.raises(InterestRefused, match="lies after 2026-03-31"):
        as_claim(a_question(Payment(date(2026, 4, 1), Decimal(30))))
