"""Facts in, HTML of the confirmation of a payment plan out. No database, no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import override


class PlanRow(NamedTuple):
    name: str
    due_on: date
    amount: Decimal
    left: Decimal  # of the plan, after this one


class PlanItemFacts(NamedTuple):
    number: str
    issued_on: date
    due_on: date
    amount: Decimal


class PlanFacts(NamedTuple):
    """What the confirmation prints. `sender` is us; `state` is printed large where the plan is not in force."""

    sender: object  # invoices.Organisation
    client_name: str
    client_address: str
    first_name: str
    language: str
    number: str
    state: str
    agreed_on: date
    agreed_by: str
    currency: str
    total: Decimal
    rows: Sequence[PlanRow]
    items: Sequence[PlanItemFacts]
    grace_days: int
    payoff_percent: Decimal | None
    payoff_until: date | None
    iban: str
    transfer_reference: str
    manager_name: str


def plan_html(facts: PlanFacts) -> str:
    with override("en"):
        return render_to_string("documents/plan.html", {"facts": facts, "sender": facts.sender})
