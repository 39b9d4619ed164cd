"""What a credit note takes back: all that is left of an invoice, some lines or less of them, pieces, or an amount.

Pure. The parts sum to the whole, and nothing is taken back twice: what was credited before is taken off `Creditable`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from .invoicing import ALLOWANCE, LINE, STANDARD, UNTAXED
from .money import ZERO, is_whole, plain, quantise, split

Tax = tuple[str, Decimal]  # category and rate


class CannotCredit(ValueError):
    """The text is a sentence for the person who asked."""


class LineLeft(NamedTuple):
    """A line of the invoice and what is left of its net amount. `line_id` is None where the invoice has no lines.

    `pieces` are those that no credit note took back yet; None where the line is not counted in pieces.
    """

    line_id: int | None
    description: str
    tax_rate: Decimal
    net: Decimal
    tax_category: str = STANDARD
    pieces: Decimal | None = None
    kind: str = LINE
    unit: str = ""

    @property
    def key(self) -> Tax:
        return self.tax_category, self.tax_rate


class RateLeft(NamedTuple):
    """What is left at one tax category and rate (in percent), after every credit note so far."""

    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    tax_category: str = STANDARD

    @property
    def key(self) -> Tax:
        return self.tax_category, self.tax_rate


class Creditable(NamedTuple):
    """What can still be credited of an invoice."""

    number: str
    currency: str
    lines: Sequence[LineLeft]
    rates: Sequence[RateLeft]

    @property
    def total(self) -> Decimal:
        return sum((rate.net + rate.tax for rate in self.rates), ZERO)


class Whole(NamedTuple):
    """All that is left."""


class ByLine(NamedTuple):
    """Net amounts by line id: the whole line, or less of it."""

    nets: Mapping[int | None, Decimal]


class ByPieces(NamedTuple):
    """Quantities by line id. What an allowance on the whole invoice took off them stays taken off; surcharges stay."""

    pieces: Mapping[int | None, Decimal]


class ByAmount(NamedTuple):
    """An amount with tax, split over the tax rates in proportion to what is left of each."""

    gross: Decimal


What = Whole | ByLine | ByPieces | ByAmount


class CreditLine(NamedTuple):
    line_id: int | None
    description: str
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    tax_category: str = STANDARD
    quantity: Decimal | None = None

    @property
    def key(self) -> Tax:
        return self.tax_category, self.tax_rate


class Credit(NamedTuple):
    lines: tuple[CreditLine, ...]

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def credit(left: Creditable, what: What) -> Credit:
    """The lines of the credit note. Raises CannotCredit when nothing, or more than is left, would be credited."""
    if left.total <= ZERO:
        raise CannotCredit(f"Invoice {left.number} is credited in whole already.")
    match what:
        case ByAmount():
            found = _by_amount(left, what.gross)
        case ByPieces():
            found = _by_line(left, _nets_of(left, what.pieces), what.pieces)
        case ByLine():
            found = _by_line(left, what.nets)
        case Whole():
            found = _by_line(left, _all_of(left))
    if found.total <= ZERO:
        raise CannotCredit("A credit note needs an amount above 0.")
    if found.total > left.total:
        raise CannotCredit(_too_much(left, found.total))
    return found


def _too_much(left: Creditable, wanted: Decimal) -> str:
    most, asked = plain(left.total, left.currency), plain(wanted, left.currency)
    return f"Invoice {left.number} has {most} {left.currency} left to credit; {asked} is too much."


def _by_amount(left: Creditable, gross: Decimal) -> Credit:
    if not gross.is_finite() or gross <= ZERO or not is_whole(gross, left.currency):
        raise CannotCredit(f"{gross} {left.currency} is not an amount that can be credited.")
    if gross > left.total:
        raise CannotCredit(_too_much(left, gross))
    weights = [part for rate in left.rates for part in (rate.net, rate.tax)]
    parts = proportional(gross, weights, left.currency)
    words = f"Credit on invoice {left.number}"
    lines = (
        CreditLine(None, words, rate.tax_rate, net, tax, rate.tax_category)
        for rate, net, tax in zip(left.rates, parts[::2], parts[1::2], strict=True)
    )
    return Credit(tuple(line for line in lines if line.net or line.tax))


def _all_of(left: Creditable) -> dict[int | None, Decimal]:
    """The lines with all that is left at their rate: less than the lines say where an amount was credited before."""
    nets: dict[int | None, Decimal] = {}
    for rate in left.rates:
        lines = [line for line in left.lines if line.key == rate.key]
        parts = proportional(rate.net, [line.net for line in lines], left.currency)
        nets |= {line.line_id: part for line, part in zip(lines, parts, strict=True) if part}
    return nets


def _nets_of(left: Creditable, pieces: Mapping[int | None, Decimal]) -> dict[int | None, Decimal]:
    """Net amounts of so many pieces of each line: the last of them takes what is left, so that all sum to the line.

    The allowances of a tax category and rate go along in proportion.
    """
    by_id = {line.line_id: line for line in left.lines}
    nets = {
        line_id: _net_of_pieces(by_id[line_id], count, left.currency)
        for line_id, count in pieces.items()
        if count and line_id in by_id
    }
    if unknown := set(pieces) - set(by_id):
        raise CannotCredit(f"Invoice {left.number} has no line {min(unknown, key=str)}.")
    for allowance in (line for line in left.lines if line.kind == ALLOWANCE):
        beside = [line for line in left.lines if line.kind == LINE and line.key == allowance.key]
        base = sum((line.net for line in beside), ZERO)
        taken = sum((nets.get(line.line_id, ZERO) for line in beside), ZERO)
        if base and taken:
            nets[allowance.line_id] = quantise(allowance.net * taken / base, left.currency)
    return nets


def _net_of_pieces(line: LineLeft, count: Decimal, currency: str) -> Decimal:
    if line.pieces is None or line.kind != LINE:
        raise CannotCredit(f"“{line.description}” is not counted in pieces; credit an amount of it.")
    if not count.is_finite() or count < ZERO or count > line.pieces:
        asked, most = f"{count.normalize():f}", f"{line.pieces.normalize():f}"
        raise CannotCredit(f"“{line.description}” has {most} left to credit; {asked} is too many.")
    return line.net if count == line.pieces else quantise(line.net * count / line.pieces, currency)


def _by_line(
    left: Creditable, nets: Mapping[int | None, Decimal], pieces: Mapping[int | None, Decimal] | None = None
) -> Credit:
    lines: list[CreditLine] = []
    for line in left.lines:
        if net := nets.get(line.line_id, ZERO):
            _check_line(line, net, left.currency)
            count = (pieces or {}).get(line.line_id)
            lines.append(CreditLine(line.line_id, line.description, line.tax_rate, net, ZERO, line.tax_category, count))
    if unknown := set(nets) - {line.line_id for line in left.lines}:
        raise CannotCredit(f"Invoice {left.number} has no line {min(unknown, key=str)}.")
    return Credit(tuple(taxed for rate in left.rates for taxed in _with_tax(lines, rate, left)))


def _check_line(line: LineLeft, net: Decimal, currency: str) -> None:
    if not net.is_finite() or not is_whole(net, currency):
        raise CannotCredit(f"{net} {currency} is not an amount that can be credited.")
    # A discount written as a line of its own is negative, and so is what is taken back of it.
    if net * line.net < ZERO or abs(net) > abs(line.net):
        most, asked = plain(line.net, currency), plain(net, currency)
        raise CannotCredit(f"“{line.description}” has {most} {currency} left to credit; {asked} is too much.")


def _with_tax(lines: Sequence[CreditLine], rate: RateLeft, left: Creditable) -> list[CreditLine]:
    """The lines of one rate with their tax: computed on their sum, once, as the invoice computed it."""
    own = [line for line in lines if line.key == rate.key]
    base = sum((line.net for line in own), ZERO)
    if abs(base) > abs(rate.net):
        most, asked = plain(rate.net, left.currency), plain(base, left.currency)
        words = UNTAXED.get(rate.tax_category, f"{rate.tax_rate.normalize():f} % tax")
        at = f"at {words}"
        raise CannotCredit(f"Invoice {left.number} has {most} {left.currency} left {at}; {asked} is too much.")
    tax = quantise(base * rate.tax_rate / 100, left.currency)
    # The last of it takes the tax that is left, so that all credit notes sum to the invoice.
    if base == rate.net or abs(tax) > abs(rate.tax):
        tax = rate.tax
    shares = proportional(tax, [line.net for line in own], left.currency) if own else []
    return [line._replace(tax=share) for line, share in zip(own, shares, strict=True)]


def proportional(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """`amount` in parts by weight that sum to it; as `money.split`, and for negative weights (discount lines) too."""
    if min(weights) >= ZERO and sum(weights) > ZERO:
        return split(amount, weights, currency)
    total = sum(weights, ZERO)
    parts = [quantise(amount * weight / total, currency) if total else ZERO for weight in weights]
    largest = max(range(len(parts)), key=lambda n: abs(weights[n]))
    parts[largest] += amount - sum(parts, ZERO)
    return parts
