"""More credit, or none: what is said at which figures."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from invoices.rules.credit import Standing, Verdict, credit_for

WARNS = Standing("GBP", D(1000), is_stopping=False, is_on_hold=False, owed=D(700), drafts=D(200))
STOPS = WARNS._replace(is_stopping=True)

CASES = [
    ("fits exactly", STOPS, "300", "GBP", Verdict.FINE),
    ("a penny over warns", WARNS, "300.01", "GBP", Verdict.WARN),
    ("a penny over stops", STOPS, "300.01", "GBP", Verdict.STOP),
    ("no limit", STOPS._replace(limit=None), "99999", "GBP", Verdict.FINE),
    ("a limit of nothing", STOPS._replace(limit=D(0), owed=D(0)), "0.01", "GBP", Verdict.STOP),
    ("another currency does not count", STOPS, "99999", "EUR", Verdict.FINE),
    ("a hold stops without a limit", WARNS._replace(limit=None, is_on_hold=True), "1", "GBP", Verdict.STOP),
    ("a hold stops in every currency", WARNS._replace(is_on_hold=True), "1", "EUR", Verdict.STOP),
]


@pytest.mark.parametrize(
    ("standing", "amount", "currency", "verdict"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_verdict(standing: Standing, amount: str, currency: str, verdict: Verdict) -> None:
    assert credit_for(standing, D(amount), currency).verdict is verdict


def test_sentence_has_all_figures() -> None:
    assert credit_for(STOPS, D(450), "GBP").text == (
        "700.00 GBP is owed; with this 450.00 it would be 1150.00, 150.00 over the credit limit of 1000.00 GBP."
    )


def test_exposure_counts_drafts_and_room_does_not() -> None:
    assert (WARNS.exposure, WARNS.room, WARNS.used_percent, WARNS.is_over) == (D(900), D(300), 90, False)
