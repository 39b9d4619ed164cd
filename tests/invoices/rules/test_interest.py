"""The worked numbers of the design (money.md, rates/README.md) and of the laws, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from invoices.rules.interest.compensation import fixed_sum
from invoices.rules.interest.computing import compute
from invoices.rules.interest.fees import FixedFee, PercentFee, fee_amount, owed_after_each
from invoices.rules.interest.records import Rounding, half_up
from invoices.rules.interest.refusals import InterestRefused, Refusal
from invoices.rules.interest.showing import as_record
from invoices.rules.interest.starting import due_without_agreement, months_after
from tests.invoices.rules.interest_cases import RATES, SCHEMES, a_claim, computed

# scheme, amount, due, paid; rate of the last day, days, interest, fixed sum
WORKED = """
uk-1998  1000.00  2018-02-01 2018-03-23   8.50   50    11.64   70
uk-1998   999.99  2026-01-31 2026-03-31  11.75   59    18.99   40
uk-1998 10000.00  2025-06-30 2025-12-31  12.25  184   617.53  100
uk-1998 18000.00  2025-12-01 2026-07-10  12.25  221  1335.08  100
uk-1998 10000.00  2026-01-15 2026-03-16  11.75   60   193.15  100
uk-1998  1000.00  2026-01-31 2026-01-31  11.75    0     0.00    0
uk-1998 10000.00  2026-01-31 2026-02-01  11.75    1     3.22  100
uk-1998  9999.99  2026-01-31 2026-02-01  11.75    1     3.22   70
uk-1998   100.00  2024-02-28 2024-03-01  13.25    2     0.07   40
de-288  10000.00  2025-12-31 2026-09-30  10.52  273   774.44   40
de-288   1000.00  2026-07-31 2026-08-01  10.52    1     0.29   40
de-288   1000.00  2022-06-30 2022-12-31   8.12  184    40.93   40
de-288   1000.00  2026-05-31 2026-06-01  10.27    0     0.00    0
de-288   1000.00  2026-05-23 2026-05-27  10.27    1     0.28   40
eu-2011-7 1000.00 2025-12-31 2026-09-30  10.40  273    76.55   40
fr-l441-10 1000.00 2024-06-30 2024-12-31 14.25  184    71.84   40
ie-580-2012 1000.00 2025-12-31 2026-09-30 10.15 273    75.92   40
ie-580-2012 1000.01 2026-06-30 2026-07-01 10.15   1     0.28   70
ie-580-2012 10000.00 2026-06-30 2026-07-01 10.15  1     2.78   70
ie-580-2012 10000.01 2026-06-30 2026-07-01 10.15  1     2.78  100
nl-6-119a 1000.00 2024-01-15 2026-01-25  10.15  741   245.77  150
nl-bik    1000.00 2026-01-15 2027-03-25   0     434     0.00  150
"""


@pytest.mark.parametrize("row", [line.split() for line in WORKED.strip().splitlines()], ids=" ".join)
def test_worked_number(row: list[str]) -> None:
    found = computed(*row[:4])
    rate, days, interest, fixed = row[4:]
    assert (found.rate, found.days, found.interest, found.fixed_sum) == (
        Decimal(rate),
        int(days),
        Decimal(interest),
        Decimal(fixed),
    )


def test_part_payments_count_from_their_day_and_rounding_comes_once() -> None:
    found = computed("uk-1998", "10000", "2026-01-31", "2026-04-01", payments="2026-03-02=4000 2026-04-01=6000")
    assert [(str(line.from_on), line.days, line.principal) for line in found.lines] == [
        ("2026-02-01", 30, 10000),
        ("2026-03-03", 30, 6000),
    ]
    assert [str(line.amount) for line in found.lines] == ["96.575342", "57.945205"]
    assert found.interest == Decimal("154.52")


def test_rounding_each_segment_can_differ_from_rounding_once() -> None:
    scheme = replace(SCHEMES["uk-1998"], rounding=Rounding.SEGMENT)
    claim = a_claim("10000", "2026-01-31", "2026-04-01", payments="2026-03-02=4000", currency="GBP")
    assert compute(scheme, claim, RATES).interest == Decimal("96.58") + Decimal("57.95")


def test_payment_day_can_be_left_out() -> None:
    scheme = replace(SCHEMES["uk-1998"], is_payment_day_counted=False)
    claim = a_claim("1000", "2026-01-31", "2026-03-31", payments="2026-03-31=1000", currency="GBP")
    assert compute(scheme, claim, RATES).days == 58


def test_payment_before_the_due_date_lowers_principal_and_fixed_sum() -> None:
    found = computed("uk-1998", "1000", "2026-01-31", "2026-03-31", payments="2026-01-20=0.01")
    assert (found.interest, found.fixed_sum) == (Decimal("18.99"), Decimal(40))


def test_invoice_paid_by_the_due_date_owes_nothing_later() -> None:
    found = computed("uk-1998", "1000", "2026-01-31", "2027-03-31", payments="2026-01-31=1000")
    assert (found.interest, found.fixed_sum, found.lines) == (Decimal(0), Decimal(0), ())


def test_days_after_the_principal_was_paid_need_no_rate() -> None:
    found = computed("de-288", "1000", "2026-11-30", "2027-03-31", payments="2026-12-31=1000")
    assert found.days == 31


def test_german_consumer_owes_base_rate_plus_five_and_no_fixed_sum() -> None:
    found = computed("de-288", "1000", "2026-07-31", "2026-08-31", debtor_type="consumer")
    assert (found.rate, found.fixed_sum) == (Decimal("6.52"), Decimal(0))


def test_german_leap_year_costs_its_rate_and_no_more() -> None:
    found = computed("de-288", "10000", "2023-12-31", "2024-12-31")
    assert {line.year_part.split("/")[1] for line in found.lines} == {"366"}


@pytest.mark.parametrize(
    ("due", "region", "starts"),
    [
        ("2026-05-29", "", "2026-05-30"),  # a Friday
        ("2026-05-30", "", "2026-06-02"),  # a Saturday
        ("2026-05-24", "", "2026-05-27"),  # Whit Sunday, then Whit Monday
        ("2026-06-04", "", "2026-06-05"),  # Corpus Christi is no holiday in all of Germany
        ("2026-06-04", "BY", "2026-06-06"),  # but in Bavaria
        ("2026-06-04", "ZZ", "2026-06-05"),  # an unknown region has the national ones
    ],
)
def test_german_due_date_on_a_rest_day_moves(due: str, region: str, starts: str) -> None:
    assert str(computed("de-288", "1000", due, "2026-06-30", region=region).starts_on) == starts


# 5 CFR 1315.17: simple within a month, then P(1+r/12)^n x (1+(r/360 x d)) - P
@pytest.mark.parametrize(
    ("due", "paid", "rate", "interest"),
    [
        ("2026-01-31", "2026-02-10", "6.5", "2.71"),
        ("2026-04-08", "2026-06-23", "6", "18.83"),
        ("2026-01-31", "2026-02-28", "6", "7.50"),
        ("2026-01-31", "2026-02-02", "6", "0.00"),  # due on a Saturday, paid on the Monday: in time
        ("2026-01-31", "2026-02-03", "6", "0.75"),  # a day later all three days count
    ],
)
def test_us_prompt_payment(due: str, paid: str, rate: str, interest: str) -> None:
    found = computed("us-prompt-payment", "1500", due, paid, rate=rate, debtor_type="public")
    assert found.interest == Decimal(interest)


def test_us_prompt_payment_stops_after_a_year() -> None:
    found = computed("us-prompt-payment", "1500", "2024-07-15", "2026-07-15", debtor_type="public")
    assert str(found.lines[-1].to_on) == "2025-07-15"
    assert "Interest stops on 2025-07-15" in found.notes[-1]


@pytest.mark.parametrize(
    ("principal", "sum"),
    [
        ("1", "40"),
        ("266.66", "40"),
        ("266.70", "40.01"),
        ("2500", "375"),
        ("5000", "625"),
        ("10000", "875"),
        ("200000", "2775"),
        ("1000000", "6775"),
        ("2000000", "6775"),
    ],
)
def test_dutch_collection_costs(principal: str, sum: str) -> None:
    assert fixed_sum(SCHEMES["nl-bik"].compensation, Decimal(principal), "consumer") == Decimal(sum)


def test_fixed_sum_in_another_currency_is_not_charged() -> None:
    found = computed("uk-1998", "1000", "2026-01-31", "2026-03-31", currency="EUR")
    assert found.fixed_sum == 0
    assert "GBP" in found.notes[0]


@pytest.mark.parametrize(("currency", "interest"), [("JPY", "19"), ("KWD", "18.993"), ("EUR", "18.99")])
def test_interest_is_rounded_to_the_minor_unit(currency: str, interest: str) -> None:
    found = computed("contract", "1000", "2026-01-31", "2026-03-31", rate="11.75", currency=currency)
    assert str(found.interest) == interest


def test_contract_cap_is_the_most() -> None:
    assert computed("contract", "1000", "2026-01-31", "2026-12-31", rate="12", cap="25").interest == Decimal(25)


def test_percent_fee_is_of_the_principal_never_of_fees() -> None:
    fees = [FixedFee(Decimal(10)), PercentFee(Decimal(15))]
    assert owed_after_each(fees, Decimal(100), "EUR") == [Decimal(110), Decimal(125)]


def test_percent_fee_is_rounded_half_up() -> None:
    assert fee_amount(PercentFee(Decimal("2.5")), Decimal("0.20"), "EUR") == Decimal("0.01")


# what, scheme, words of the claim; the refusal
REFUSED = [
    ("uk-1998", ("1000", "2026-12-31", "2027-01-15"), {}, Refusal.NO_REFERENCE_RATE),
    ("de-288", ("1000", "2026-11-30", "2027-01-15"), {}, Refusal.NO_REFERENCE_RATE),
    ("us-prompt-payment", ("1000", "2026-11-30", "2026-12-15"), {"debtor_type": "public"}, Refusal.NO_REFERENCE_RATE),
    ("fr-l441-10", ("1000", "2026-07-31", "2026-08-15"), {"rate": "12"}, Refusal.NO_REFERENCE_RATE),
    ("uk-1998", ("1000", "2026-01-31", "2026-02-15"), {"debtor_type": "consumer"}, Refusal.NOT_FOR_DEBTOR_TYPE),
    ("us-prompt-payment", ("1000", "2026-01-31", "2026-02-15"), {}, Refusal.NOT_FOR_DEBTOR_TYPE),
    ("uk-1998", ("1000", "2026-01-31", "2026-02-15"), {"debtor_type": "king"}, Refusal.INVALID_INPUT),
    ("de-288", ("1000", "2014-01-31", "2014-09-15"), {}, Refusal.NOT_IN_FORCE),
    ("uk-1998", ("1000", "2026-01-31", "2026-02-15"), {"rate": "9"}, Refusal.RATE_NOT_TAKEN),
    ("contract", ("1000", "2026-01-31", "2026-02-15"), {}, Refusal.RATE_NEEDED),
    ("contract", ("1000", "2026-01-31", "2026-02-15"), {"rate": "-1"}, Refusal.INVALID_RATE),
    ("contract", ("1000", "2026-01-31", "2026-02-15"), {"rate": "1001"}, Refusal.INVALID_RATE),
    ("contract", ("1000", "2026-01-31", "2026-02-15"), {"rate": "9", "cap": "-1"}, Refusal.INVALID_AMOUNT),
    ("uk-1998", ("1000", "2026-01-31", "2026-01-30"), {}, Refusal.INVALID_DATE),
    ("uk-1998", ("1000", "2026-01-31", "9999-12-31"), {}, Refusal.INVALID_DATE),
    ("uk-1998", ("0", "2026-01-31", "2026-02-15"), {}, Refusal.INVALID_AMOUNT),
    ("uk-1998", ("-5", "2026-01-31", "2026-02-15"), {}, Refusal.INVALID_AMOUNT),
    ("uk-1998", ("1e15", "2026-01-31", "2026-02-15"), {}, Refusal.INVALID_AMOUNT),
    ("uk-1998", ("10.001", "2026-01-31", "2026-02-15"), {}, Refusal.INVALID_AMOUNT),
    ("uk-1998", ("10", "2026-01-31", "2026-02-15"), {"payments": "2026-02-01=0"}, Refusal.INVALID_PAYMENT),
    ("uk-1998", ("10", "2026-01-31", "2026-02-15"), {"payments": "2026-02-01=10.01"}, Refusal.INVALID_PAYMENT),
]


@pytest.mark.parametrize(("scheme", "claim", "given", "refusal"), REFUSED)
def test_refused_with_a_sentence(
    scheme: str, claim: tuple[str, str, str], given: dict[str, str], refusal: Refusal
) -> None:
    with pytest.raises(InterestRefused, match=r"\.$") as refused:
        computed(scheme, *claim, **given)
    assert refused.value.code is refusal


def test_french_default_may_lie_below_the_floor_of_contracts() -> None:
    assert computed("fr-l441-10", "1000", "2024-07-15", "2024-07-25").rate == Decimal("14.25")


@pytest.mark.parametrize(("rate", "is_taken"), [("14.75", False), ("14.76", True), ("20", True)])
def test_french_contract_rate_must_be_three_times_the_legal_rate(rate: str, is_taken: bool) -> None:
    if is_taken:
        assert computed("fr-l441-10", "1000", "2024-07-15", "2025-07-25", rate=rate).rate == Decimal(rate)
        return
    with pytest.raises(InterestRefused, match=r"below 14\.76 %") as refused:
        computed("fr-l441-10", "1000", "2024-07-15", "2024-07-25", rate=rate)
    assert refused.value.code is Refusal.RATE_BELOW_FLOOR


@pytest.mark.parametrize(
    ("scheme", "words", "rate"),
    [
        ("contract", {"monthly": "2"}, "24"),
        ("ca-contract", {"monthly": "2"}, "5"),  # Interest Act s 4: no yearly equivalent written down
        ("ca-contract", {"monthly": "0.25"}, "3"),
        ("ca-contract", {"monthly": "2", "rate": "24"}, "24"),
        ("ca-contract", {"rate": "36"}, "36"),  # a company
        ("ca-contract", {"rate": "35", "debtor_type": "consumer"}, "35"),
    ],
)
def test_contract_rate_a_year(scheme: str, words: dict[str, str], rate: str) -> None:
    assert computed(scheme, "1000", "2026-01-31", "2026-03-31", **words).rate == Decimal(rate)


@pytest.mark.parametrize("words", [{"rate": "35.01"}, {"monthly": "3"}, {"monthly": "3", "rate": "30"}])
@pytest.mark.parametrize("debtor_type", ["consumer", "sole_trader"])
def test_canadian_individual_is_not_charged_above_35_percent(words: dict[str, str], debtor_type: str) -> None:
    with pytest.raises(InterestRefused) as refused:
        computed("ca-contract", "1000", "2026-01-31", "2026-03-31", debtor_type=debtor_type, **words)
    assert refused.value.code is Refusal.RATE_ABOVE_CAP


def test_without_an_agreed_date_30_days_run_from_the_later_of_invoice_and_performance() -> None:
    due = due_without_agreement(SCHEMES["uk-1998"], date(2026, 1, 1), date(2026, 1, 10))
    assert due == date(2026, 2, 9)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2026-01-31", 1, "2026-02-28"), ("2026-01-31", 2, "2026-03-31"), ("2024-02-29", 12, "2025-02-28")],
)
def test_months_are_counted_from_the_first_day(day: str, months: int, later: str) -> None:
    assert str(months_after(date.fromisoformat(day), months)) == later


@pytest.mark.parametrize(
    ("exact", "rounded"), [("5/1000", "0.01"), ("-5/1000", "-0.01"), ("4999999/1000000000", "0.00")]
)
def test_half_up_from_all_digits(exact: str, rounded: str) -> None:
    assert half_up(Fraction(exact), Decimal("0.01")) == Decimal(rounded)


def test_record_names_each_figure_and_its_source() -> None:
    record = as_record(computed("de-288", "10000", "2025-12-31", "2026-09-30"))
    assert record["lines"][0] == {
        "from": "2026-01-01",
        "to": "2026-06-30",
        "days": 181,
        "principal": "10000.00",
        "rate": "10.27",
        "year_part": "181/365",
        "amount": "509.279452",
    }
    assert [row["rate"] for row in record["sources"]] == ["1.27", "1.52"]


def test_every_scheme_says_its_law_and_to_whom_it_does_not_apply() -> None:
    for scheme in SCHEMES.values():
        assert scheme.law
        assert scheme.not_for or "consumer" in scheme.margins
