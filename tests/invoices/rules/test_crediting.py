"""What a credit note takes back: its parts sum to the whole, and nothing is taken back twice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.crediting import (
    ByAmount,
    ByLine,
    ByPieces,
    CannotCredit,
    Credit,
    Creditable,
    LineLeft,
    RateLeft,
    What,
    Whole,
    credit,
    proportional,
)
from invoices.rules.invoicing import LineAmounts, line_net, tax_lines
from invoices.rules.money import ZERO, is_whole, quantise, quantum


def left_of(*nets: tuple[str, str], currency: str = "GBP") -> Creditable:
    """An invoice of lines (net, tax rate), nothing credited yet."""
    amounts = [LineAmounts(Decimal(1), Decimal(net), ZERO, Decimal(rate)) for net, rate in nets]
    lines = [LineLeft(n, f"Line {n}", a.tax_rate, line_net(a, currency)) for n, a in enumerate(amounts, start=1)]
    rates = [RateLeft(one.rate, one.base, one.tax, one.category) for one in tax_lines(amounts, currency)]
    return Creditable("INV-1", currency, lines, rates)


def less(left: Creditable, found: Credit) -> Creditable:
    """What is left after one more credit note."""
    lines = [x._replace(net=x.net - sum(c.net for c in found.lines if c.line_id == x.line_id)) for x in left.lines]
    rates = [
        rate._replace(
            net=rate.net - sum(c.net for c in found.lines if c.tax_rate == rate.tax_rate),
            tax=rate.tax - sum(c.tax for c in found.lines if c.tax_rate == rate.tax_rate),
        )
        for rate in left.rates
    ]
    return left._replace(lines=lines, rates=rates)


def amounts(*nets: str) -> ByLine:
    return ByLine({n: Decimal(net) for n, net in enumerate(nets, start=1) if Decimal(net)})


PLAIN = left_of(("1000", "20"))
MIXED = left_of(("100", "20"), ("50", "5"), ("30", "0"))
THIRDS = left_of(("0.33", "20"), ("0.33", "20"), ("0.33", "20"))


@pytest.mark.parametrize(
    ("left", "what", "net", "tax"),
    [
        (PLAIN, Whole(), "1000", "200"),
        (PLAIN, ByAmount(Decimal("120")), "100", "20"),
        (PLAIN, ByAmount(Decimal("1200")), "1000", "200"),
        (PLAIN, ByAmount(Decimal("0.01")), "0.01", "0.00"),
        (PLAIN, amounts("250"), "250", "50"),
        (MIXED, Whole(), "180", "22.50"),
        (MIXED, ByAmount(Decimal("20.25")), "18.00", "2.25"),
        (MIXED, amounts("0", "50"), "50", "2.50"),
        (MIXED, amounts("10", "0", "30"), "40", "2.00"),
        (THIRDS, Whole(), "0.99", "0.20"),
        (THIRDS, amounts("0.33"), "0.33", "0.07"),
    ],
)
def test_credit_takes_net_and_tax(left: Creditable, what: What, net: str, tax: str) -> None:
    found = credit(left, what)
    assert (found.net, found.tax) == (Decimal(net), Decimal(tax))


@pytest.mark.parametrize(
    ("left", "what", "sentence"),
    [
        (PLAIN, ByAmount(Decimal("1200.01")), "1200.00 GBP left to credit; 1200.01 is too much"),
        (PLAIN, ByAmount(ZERO), "is not an amount"),
        (PLAIN, ByAmount(Decimal("-5")), "is not an amount"),
        (PLAIN, ByAmount(Decimal("0.005")), "is not an amount"),
        (PLAIN, ByAmount(Decimal("NaN")), "is not an amount"),
        (PLAIN, amounts("1000.01"), "“Line 1” has 1000.00 GBP left to credit; 1000.01 is too much"),
        (PLAIN, amounts("-1"), "-1.00 is too much"),
        (PLAIN, amounts("0"), "above 0"),
        (PLAIN, ByLine({7: Decimal(1)}), "has no line 7"),
        (less(PLAIN, credit(PLAIN, Whole())), Whole(), "credited in whole already"),
    ],
)
def test_wrong_credit_is_refused_with_figures(left: Creditable, what: What, sentence: str) -> None:
    with pytest.raises(CannotCredit, match=sentence):
        credit(left, what)


def test_lines_credited_one_by_one_sum_to_the_tax_of_the_invoice() -> None:
    left, tax = THIRDS, []
    for line in (1, 2, 3):
        found = credit(left, ByLine({line: Decimal("0.33")}))
        tax.append(found.tax)
        left = less(left, found)
    assert (tax, left.total) == ([Decimal("0.07"), Decimal("0.07"), Decimal("0.06")], 0)


def test_line_cannot_be_credited_after_the_amount_took_most_of_its_rate() -> None:
    left = less(PLAIN, credit(PLAIN, ByAmount(Decimal("1080"))))
    with pytest.raises(CannotCredit, match=r"100.00 GBP left at 20 % tax; 101.00 is too much"):
        credit(left, amounts("101"))


def test_discount_written_as_a_line_is_credited_with_the_rest() -> None:
    left = left_of(("100", "20"), ("-10", "20"))
    assert credit(left, Whole()).total == Decimal("108")


currencies = st.sampled_from(["EUR", "JPY", "KWD"])


@st.composite
def invoices(draw: st.DrawFn) -> Creditable:
    currency = draw(currencies)
    step = quantum(currency)
    rows = draw(st.lists(st.tuples(st.integers(1, 99_999), st.sampled_from(["0", "5", "19", "20"])), max_size=5))
    return left_of(("7", "19"), *[(str(units * step), rate) for units, rate in rows], currency=currency)


@given(left=invoices(), share=st.fractions(0, 1))
def test_amount_splits_into_parts_that_sum_to_it(left: Creditable, share: object) -> None:
    gross = max(quantise(left.total * Decimal(share.numerator) / Decimal(share.denominator), left.currency),
                quantum(left.currency))  # fmt: skip
    found = credit(left, ByAmount(gross))
    assert found.total == gross
    assert all(is_whole(part, left.currency) and part >= 0 for line in found.lines for part in (line.net, line.tax))


@given(left=invoices(), shares=st.lists(st.fractions(0, 1), max_size=4))
def test_any_credits_and_then_the_whole_leave_nothing(left: Creditable, shares: list[object]) -> None:
    total, credited = left.total, ZERO
    for n, share in enumerate(shares):
        part = quantise(left.total * Decimal(share.numerator) / Decimal(share.denominator), left.currency)
        line = left.lines[n % len(left.lines)]
        what = ByAmount(part) if n % 2 else ByLine({line.line_id: min(part, line.net)})
        try:
            found = credit(left, what)
        except CannotCredit:
            continue
        credited, left = credited + found.total, less(left, found)
        assert all(rate.net >= 0 and rate.tax >= 0 for rate in left.rates)
    if left.total:
        found = credit(left, Whole())
        credited, left = credited + found.total, less(left, found)
    assert (credited, left.total) == (total, 0)


@given(
    amount=st.integers(-999, 9999).map(lambda n: Decimal(n) / 100),
    weights=st.lists(st.integers(-99, 999).map(Decimal), min_size=1, max_size=6),
)
def test_proportional_parts_sum_to_the_whole(amount: Decimal, weights: list[Decimal]) -> None:
    assert sum(proportional(amount, weights, "EUR")) == amount


def pieces_of(*lines: tuple[str, str, str]) -> Creditable:
    """An invoice of lines (quantity, price, tax rate)."""
    amounts = [LineAmounts(Decimal(q), Decimal(price), ZERO, Decimal(rate)) for q, price, rate in lines]
    left = [
        LineLeft(n, f"Line {n}", a.tax_rate, line_net(a, "EUR"), pieces=a.quantity) for n, a in enumerate(amounts, 1)
    ]
    rates = [RateLeft(one.rate, one.base, one.tax, one.category) for one in tax_lines(amounts, "EUR")]
    return Creditable("INV-1", "EUR", left, rates)


def less_pieces(left: Creditable, found: Credit) -> Creditable:
    rest = less(left, found)
    taken = {c.line_id: c.quantity or ZERO for c in found.lines}
    lines = [
        line._replace(pieces=None if line.pieces is None else (line.pieces - taken.get(line.line_id, ZERO)) or None)
        for line in rest.lines
    ]
    return rest._replace(lines=lines)


def one_piece(line: int = 1, count: str = "1") -> ByPieces:
    return ByPieces({line: Decimal(count)})


def test_pieces_credited_one_by_one_sum_to_the_line() -> None:
    left, nets = pieces_of(("3", "33.3333", "20")), []
    for _ in range(3):
        found = credit(left, one_piece())
        nets.append(found.net)
        left = less_pieces(left, found)
    assert (nets, left.total) == ([Decimal("33.33"), Decimal("33.34"), Decimal("33.33")], 0)


def test_credit_by_pieces_keeps_their_number() -> None:
    found = credit(pieces_of(("8", "10", "20"), ("1", "5", "20")), one_piece(count="2.5"))
    assert [(line.line_id, line.quantity, line.net, line.tax) for line in found.lines] == [(1, Decimal("2.5"), 25, 5)]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (one_piece(count="4"), "“Line 1” has 3 left to credit; 4 is too many"),
        (one_piece(count="-1"), "-1 is too many"),
        (one_piece(line=9), "has no line 9"),
        (ByPieces({}), "above 0"),
    ],
)
def test_wrong_pieces_are_refused(what: What, sentence: str) -> None:
    with pytest.raises(CannotCredit, match=sentence):
        credit(pieces_of(("3", "10", "20")), what)


def test_allowance_goes_along_with_the_pieces_and_a_surcharge_stays() -> None:
    left = pieces_of(("4", "25", "20"))
    more = [
        LineLeft(8, "Loyalty", Decimal(20), Decimal(-10), kind="allowance"),
        LineLeft(9, "Freight", Decimal(20), Decimal(5), kind="surcharge"),
    ]
    left = left._replace(lines=[*left.lines, *more], rates=[RateLeft(Decimal(20), Decimal(95), Decimal(19))])
    found = credit(left, one_piece(count="1"))
    assert [(line.line_id, line.net) for line in found.lines] == [(1, Decimal(25)), (8, Decimal("-2.50"))]
    assert found.total == Decimal("27.00")


def test_same_rate_in_two_categories_stands_apart() -> None:
    lines = [LineLeft(1, "A", ZERO, Decimal(50), "Z"), LineLeft(2, "B", ZERO, Decimal(30), "E")]
    rates = [RateLeft(ZERO, Decimal(50), ZERO, "Z"), RateLeft(ZERO, Decimal(30), ZERO, "E")]
    found = credit(Creditable("INV-1", "EUR", lines, rates), Whole())
    assert [(line.tax_category, line.net) for line in found.lines] == [("Z", 50), ("E", 30)]


@given(
    lines=st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 9_999), st.sampled_from(["0", "5", "19"])), min_size=1, max_size=3
    ),
    takes=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), max_size=6),
)
def test_pieces_and_then_the_whole_leave_nothing(lines: list, takes: list) -> None:
    left = pieces_of(*[(str(count), str(Decimal(cents) / 100), rate) for count, cents, rate in lines])
    total, credited = left.total, ZERO
    for at, count in takes:
        try:
            found = credit(left, one_piece(at % len(left.lines) + 1, str(count)))
        except CannotCredit:
            continue
        credited, left = credited + found.total, less_pieces(left, found)
        assert all(rate.net >= 0 and rate.tax >= 0 for rate in left.rates)
    if left.total:
        found = credit(left, Whole())
        credited, left = credited + found.total, less_pieces(left, found)
    assert (credited, left.total) == (total, 0)
