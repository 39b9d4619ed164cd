"""Amounts as the card processor counts them: whole minor units (cents, yen, fils).

Source of every table: https://docs.stripe.com/currencies (zero-decimal, three-decimal, special cases, minimum and
maximum charge amounts). They are Stripe's own and differ from ISO 4217: MGA has no decimals there, ISK and UGX have two
that must be 00. UGX stands in the list of zero-decimal currencies too; the special case is the more specific rule.
"""

from __future__ import annotations

import re
from decimal import Decimal

ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
WHOLE_BUT_SENT_WITH_CENTS = frozenset({"ISK", "UGX"})

# Stripe asks for the minimum of the settlement currency; for a charge in that same currency it is this one.
MINIMUM_AMOUNTS = {
    **dict.fromkeys(["AUD", "BRL", "CAD", "CHF", "EUR", "INR", "NZD", "SGD", "USD"], Decimal("0.50")),
    **dict.fromkeys(["AED", "MYR", "PLN", "RON"], Decimal("2.00")),
    "BGN": Decimal("1.00"),
    "CZK": Decimal("15.00"),
    "DKK": Decimal("2.50"),
    "GBP": Decimal("0.30"),
    "HKD": Decimal("4.00"),
    "HUF": Decimal("175.00"),
    "JPY": Decimal("50"),
    "MXN": Decimal("10.00"),
    "NOK": Decimal("3.00"),
    "SEK": Decimal("3.00"),
    "THB": Decimal("10.00"),
}
MAXIMUM_DIGITS = {"COP": 10, "HUF": 10, "IDR": 12, "INR": 9, "JPY": 10, "LBP": 11}
USUAL_MAXIMUM_DIGITS = 8


class AmountNotChargeable(ValueError):
    """The processor would refuse this amount; the message is a sentence for the person who pays."""


def decimals(currency: str) -> int:
    """Decimals of the integer sent to the processor. Raises AmountNotChargeable for what is no currency code."""
    code = _code(currency)
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


def step(currency: str) -> Decimal:
    """The smallest difference between two chargeable amounts: 0.01 EUR, 1 JPY, 1 ISK, 0.010 KWD."""
    code = _code(currency)
    if code in ZERO_DECIMAL or code in WHOLE_BUT_SENT_WITH_CENTS:
        return Decimal("1")
    return Decimal("0.010") if code in THREE_DECIMAL else Decimal("0.01")


def minimum(currency: str) -> Decimal:
    """The smallest amount that can be charged; one step where Stripe names no minimum."""
    return MINIMUM_AMOUNTS.get(_code(currency), step(currency))


def maximum(currency: str) -> Decimal:
    """The largest amount that can be charged: 999,999.99 for most currencies; offer a bank transfer above it."""
    digits = MAXIMUM_DIGITS.get(_code(currency), USUAL_MAXIMUM_DIGITS)
    largest = from_minor(10**digits - 1, currency)
    return largest - largest % step(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Exact, never rounded, also for amounts under the minimum (one line of several); 12.34 EUR is 1234.

    Raises AmountNotChargeable for an amount that is no finite number, is negative, or falls between two steps.
    """
    code = _code(currency)
    if not amount.is_finite() or amount < 0:
        raise AmountNotChargeable(f"{code} {amount} cannot be charged; enter a positive amount.")
    if amount >= Decimal(10) ** 15:
        raise AmountNotChargeable(f"{code} {amount} is more than a card payment can carry; pay by bank transfer.")
    if amount % step(code):
        lower = (amount // step(code) * step(code)).quantize(step(code))
        raise AmountNotChargeable(
            f"{code} {amount} cannot be charged, because card payments in {code} go in steps of {step(code)}; "
            f"enter {lower} or {lower + step(code)}."
        )
    return int(amount.scaleb(decimals(code)))


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount with the decimals of the currency: 1234 in EUR is 12.34, 500 in JPY is 500, 500 in ISK is 5."""
    code = _code(currency)
    amount = Decimal(minor).scaleb(-decimals(code))
    whole = code in WHOLE_BUT_SENT_WITH_CENTS and amount == amount.to_integral_value()
    return amount.quantize(Decimal(1)) if whole else amount


def check_chargeable(amount: Decimal, currency: str) -> None:
    """Raises AmountNotChargeable when the total of a payment is no amount that the processor takes."""
    code = _code(currency)
    to_minor(amount, code)
    if amount < minimum(code):
        raise AmountNotChargeable(
            f"{code} {amount} is less than the {code} {minimum(code)} that a card payment needs; "
            "pay more at once or by bank transfer."
        )
    if amount > maximum(code):
        raise AmountNotChargeable(
            f"{code} {amount} is more than the {code} {maximum(code)} that a card payment can carry; "
            "pay a part of it or pay by bank transfer."
        )


def _code(currency: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", currency):
        raise AmountNotChargeable(f"{currency!r} is not a currency; use three letters such as EUR.")
    return currency.upper()
