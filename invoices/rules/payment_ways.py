"""How the ways of paying online differ: which are bank debits, and how long their money may take.

Source of the caps: https://docs.stripe.com/payments/bank-debits and the pages of each debit (time until the money is
confirmed, with the slowest first payment): ACH 10, SEPA 15, Bacs 10 business days.
"""

from __future__ import annotations

from datetime import date

from .calendar import add_business_days

DEBITS = ("debit", "us_bank_account", "bacs", "becs", "sepa", "ach")
CAPS = {"us_bank_account": 10, "ach_debit": 10, "sepa_debit": 15, "bacs_debit": 10}
LONGEST_CAP = 15


def is_debit(method: str) -> bool:
    """Taken from a bank account by mandate: it may bounce days later, and come back weeks later."""
    return any(word in method for word in DEBITS)


def waits_until(method: str, started_on: date, country: str, region: str = "") -> date:
    """The last day on which money on its way is waited for; a way that is not known gets the longest cap."""
    return add_business_days(country, region, started_on, CAPS.get(method, LONGEST_CAP))
