"""Claims in few words, for the tests of late charges. Schemes and rates are those shipped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from invoices.gateways.rates import shipped_rates, shipped_schemes
from invoices.rules.interest.computing import compute
from invoices.rules.interest.records import AgreedRate, Claim, Computation, Payment
from invoices.rules.interest.reference import RateTable

SCHEMES = shipped_schemes()
RATES = RateTable(shipped_rates())


def a_claim(amount: str, due: str, until: str, **given: Any) -> Claim:
    """Dates and amounts as text; `payments` as "2026-03-02=4000", several apart by spaces; `rate` is agreed, yearly."""
    payments = (pair.split("=") for pair in given.pop("payments", "").split())
    agreed = {"yearly": given.pop("rate", None), "monthly": given.pop("monthly", None)}
    agreed["cap_amount"] = given.pop("cap", None)
    return Claim(
        amount=Decimal(amount),
        currency=given.pop("currency", "EUR"),
        due_on=date.fromisoformat(due),
        until=date.fromisoformat(until),
        debtor_type=given.pop("debtor_type", "company"),
        payments=tuple(Payment(date.fromisoformat(day), Decimal(part)) for day, part in payments),
        agreed=AgreedRate(**{key: Decimal(value) for key, value in agreed.items() if value}),
        **given,
    )


def computed(scheme_id: str, amount: str, due: str, until: str, **given: Any) -> Computation:
    scheme = SCHEMES[scheme_id]
    given.setdefault("currency", scheme.currency or "EUR")
    return compute(scheme, a_claim(amount, due, until, **given), RATES)
