"""The words of late charges: a scheme as data, a claim to charge on, and the computation that comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from ..money import ZERO, quantum
from .reference import ReferenceRate

DEBTOR_TYPES = ("company", "sole_trader", "consumer", "public")


class RateMode(Enum):
    FIXED = "fixed"  # the rate of one day, for the life of the debt
    FLOATING = "floating"  # changes on 1 January and 1 July
    AGREED = "agreed"  # the contract's
    NONE = "none"  # the scheme gives a sum and no interest


class DayBasis(Enum):
    DAYS_365 = "365"
    DAYS_360 = "360"
    ACTUAL = "actual"  # 366 for days in a leap year


class Compounding(Enum):
    NONE = "none"
    MONTHLY = "monthly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        return {"none": 0, "monthly": 1, "yearly": 12}[self.value]


class Rounding(Enum):
    END = "end"  # once, on the running total
    SEGMENT = "segment"  # each line, then summed


class DueOnRestDay(Enum):
    """What a due date on a weekend or public holiday of the scheme's country means."""

    STAYS = "stays"
    MOVES = "moves"  # to the next working day; interest starts after that (BGB 193)
    GRACE = "grace"  # payment on the next working day is in time; later, interest counts from the due date


@dataclass(frozen=True)
class Tier:
    """A sum for debts `below` a limit, or `up_to` and including it; the last tier has neither."""

    sum: Decimal
    below: Decimal | None = None
    up_to: Decimal | None = None


@dataclass(frozen=True)
class Bracket:
    """A percentage of the next part of the debt; of all the rest when `of_next` is None."""

    percent: Decimal
    of_next: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Compensation:
    """The sum owed once per invoice from the first late day. Tiers or brackets, never both."""

    currency: str
    debtor_types: tuple[str, ...] = DEBTOR_TYPES
    tiers: tuple[Tier, ...] = ()
    brackets: tuple[Bracket, ...] = ()
    after_letter: tuple[str, ...] = ()  # debtor types that owe it only after a letter that gave 14 days
    at_least: Decimal | None = None
    at_most: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class AgreedRules:
    """Limits on a rate agreed in the contract. All in percent a year."""

    floor_series: str = ""
    floor_multiple: Decimal = ZERO
    cap_rate: Decimal | None = None
    cap_debtor_types: tuple[str, ...] = ()
    unstated_rate: Decimal | None = (
        None  # most that a monthly rate may give whose yearly equivalent is not written down
    )


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One row of data/schemes.toml. `margins`, in points over the reference rate, names the debtor types reached."""

    id: str
    name: str
    law: str
    country: str
    currency: str
    in_force_from: date
    margins: Mapping[str, Decimal]
    rate_mode: RateMode
    not_for: str = ""
    series: str = ""
    is_rate_of_due_date: bool = False  # else of the first day of interest
    day_basis: DayBasis = DayBasis.DAYS_365
    compounding: Compounding = Compounding.NONE
    rounding: Rounding = Rounding.END
    is_payment_day_counted: bool = True
    due_on_rest_day: DueOnRestDay = DueOnRestDay.STAYS
    days_without_agreed_date: int = 30
    stops_after_years: int | None = None
    agreed: AgreedRules | None = None  # None: the scheme takes no agreed rate
    compensation: Compensation | None = None
    instead_of: str = ""  # for debts in `country`, this scheme replaces that one
    notes: Mapping[str, str] = field(default_factory=dict)  # by debtor type, or "all"


@dataclass(frozen=True)
class Payment:
    """Principal paid, credited or written off on that day."""

    paid_on: date
    amount: Decimal


@dataclass(frozen=True)
class ClaimPart:
    """One part of an invoice in parts, with a due date of its own."""

    due_on: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class AgreedRate:
    """What the contract says, in percent; `cap_amount` is the most interest it allows on the invoice."""

    yearly: Decimal | None = None
    monthly: Decimal | None = None
    cap_amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An invoice to charge on, through `until` (inclusive). Payments may be dated before the due date; those after
    `until` are not looked at. `region` refines public holidays ("BY"). `parts`, the oldest first, sum to the amount;
    none where all of it is due on `due_on`."""

    amount: Decimal
    currency: str
    due_on: date
    until: date
    debtor_type: str
    payments: tuple[Payment, ...] = ()
    agreed: AgreedRate = AgreedRate()
    region: str = ""
    parts: tuple[ClaimPart, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """Days from `from_on` to `to_on`, both counted, with one principal and one yearly rate in percent."""

    from_on: date
    to_on: date
    days: int
    exact_principal: Fraction
    rate: Decimal
    year_part: str  # "59/365"; "30/360" for a whole month
    exact: Fraction

    @property
    def amount(self) -> Decimal:
        """Unrounded interest, shown to six places."""
        return shown(self.exact, 6)

    @property
    def principal(self) -> Decimal:
        """With the interest added to it, where the scheme compounds; shown to six places."""
        return shown(self.exact_principal, 6)


@dataclass(frozen=True, kw_only=True)
class Computation:
    """`rate` is that of the last day counted; when none was, of the first that would be, None if unknown.

    `interest` and `fixed_sum` are rounded. `exact` is the interest before rounding.
    """

    scheme: Scheme
    claim: Claim
    starts_on: date
    days: int
    rate: Decimal | None
    lines: tuple[Line, ...]
    exact: Fraction
    interest: Decimal
    fixed_sum: Decimal
    fixed_sum_currency: str
    sources: tuple[ReferenceRate, ...]
    notes: tuple[str, ...]


def shown(exact: Fraction, places: int) -> Decimal:
    """An exact amount as a decimal, half up."""
    return half_up(exact, Decimal(1).scaleb(-places))


def rounded(exact: Fraction, currency: str) -> Decimal:
    """An exact amount in the currency's minor unit, half up, from all its digits."""
    return half_up(exact, quantum(currency))


def half_up(exact: Fraction, step: Decimal) -> Decimal:
    units = abs(exact) / Fraction(step) + Fraction(1, 2)
    whole = units.numerator // units.denominator
    return (Decimal(whole if exact >= 0 else -whole) * step).quantize(step)
