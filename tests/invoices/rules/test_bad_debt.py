from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.gateways.tax_rules import bad_debt_rule, discount_tax_rule
from invoices.rules.bad_debt import Unpaid, months_after, relief


def unpaid(amount: str = "1200.00", tax: str = "200.00", **dates: date) -> Unpaid:
    given = {"due_on": date(2026, 2, 14), "supplied_on": date(2026, 1, 15), **dates}
    return Unpaid(amount=Decimal(amount), tax=Decimal(tax), total=Decimal("1200.00"), currency="GBP", **given)


def test_united_kingdom_waits_six_months_from_the_later_day_and_ends_after_four_years_and_a_half():
    found = relief(unpaid(), bad_debt_rule("GB"))
    assert (found.from_on, found.until_on, found.tax) == (date(2026, 8, 14), date(2030, 8, 14), Decimal("200.00"))


def test_supply_after_the_due_date_counts_in_the_united_kingdom():
    found = relief(unpaid(supplied_on=date(2026, 3, 31)), bad_debt_rule("GB"))
    assert found.from_on == date(2026, 9, 30)


def test_netherlands_wait_a_year_from_the_due_date():
    assert relief(unpaid(), bad_debt_rule("NL")).from_on == date(2027, 2, 14)


def test_germany_names_no_day():
    found = relief(unpaid(), bad_debt_rule("DE"))
    assert (found.from_on, found.is_open(date(2030, 1, 1))) == (None, False)


def test_tax_is_of_what_is_unpaid():
    assert relief(unpaid("300.00"), bad_debt_rule("GB")).tax == Decimal("50.00")


@pytest.mark.parametrize("given", [unpaid("0"), unpaid(tax="0")])
def test_nothing_unpaid_or_no_tax_gives_no_relief(given):
    assert relief(given, bad_debt_rule("GB")) is None


@pytest.mark.parametrize(
    ("today", "is_open", "is_over"),
    [
        (date(2026, 8, 13), False, False),
        (date(2026, 8, 14), True, False),
        (date(2030, 8, 14), True, False),
        (date(2030, 8, 15), False, True),
    ],
)
def test_both_days_are_inclusive(today, is_open, is_over):
    found = relief(unpaid(), bad_debt_rule("GB"))
    assert (found.is_open(today), found.is_over(today)) == (is_open, is_over)


@pytest.mark.parametrize("country", ["GB", "NL", "DE", "FR", "ES", "IE"])
def test_every_rule_has_its_source_and_condition(country):
    rule = bad_debt_rule(country)
    assert rule.source
    assert rule.condition


@pytest.mark.parametrize("country", ["ES", "IE"])
def test_what_nobody_confirmed_says_so(country):
    assert not bad_debt_rule(country).is_confirmed


def test_country_without_a_rule_has_none():
    assert bad_debt_rule("US") is None
    assert discount_tax_rule("US") == (False, "")


def test_own_rule_of_a_country_stands_before_the_general_one():
    assert "UStG" in discount_tax_rule("DE").source
    assert discount_tax_rule("FR").follows


def test_month_without_that_day_ends_earlier():
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
