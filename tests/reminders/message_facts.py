"""Facts of a message, with and without each thing that may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from invoices.models import Organisation
from reminders.answering import AnswerBalance, AnswerDue, AnswerFacts, AnswerLine
from reminders.composing import InterestFacts, ItemFacts, NoticeFacts, PaymentFacts

LINK = "https://pay.example/c/abc"
US = Organisation(
    name="Northwind",
    legal_name="Northwind Supplies Ltd",
    phone="+44 20 7946 0100",
    email="accounts@northwind.example",
    address="1 Dock Road\nLondon",
    iban="GB33BUKB20201555555555",
    bic="BUKBGB22",
)
LATE = ItemFacts(
    "INV-1041", date(2026, 1, 1), date(2026, 1, 31), 30, Decimal(1200), Decimal(1000), "GBP", "PO 7", None, "Quay"
)
EUROS = LATE._replace(number="INV-1042", amount=Decimal("20.50"), total_amount=Decimal("20.50"), currency="EUR")
SOON = LATE._replace(number="INV-1050", due_on=date(2026, 3, 7), days_past_due=-5, amount=Decimal(300))


def notice_facts(language: str = "en", **given: Any) -> NoticeFacts:
    """Slowco owes 1,000.00 GBP since 31 January; it is 2 March."""
    told: dict[str, Any] = {
        "client_name": "Slowco Ltd",
        "client_address": "2 Side Street\nLeeds",
        "first_name": "Anna",
        "full_name": "Anna Berg",
        "language": language,
        "on": date(2026, 3, 2),
        "overdue": [LATE],
        "upcoming": [],
        "totals": [(Decimal(1000), "GBP")],
        "portal_url": LINK,
        "sender": US,
        "manager_name": "Fay Field",
        "manager_phone": "+44 20 7946 0101",
        "deadline_on": date(2026, 3, 12),
        **given,
    }
    return NoticeFacts(**told)


def all_notice_facts(language: str, *, is_due: bool = True) -> Iterator[NoticeFacts]:
    """Every combination of what may be there or not; `is_due` false: before anything is due."""
    previous = [("First reminder", date(2026, 2, 22))]
    interest = [InterestFacts(Decimal("11.75"), Decimal("0.32"), Decimal("9.65"), "GBP", "BGB 288")]
    for person, many, history, more in product((True, False), repeat=4):
        due, soon = ([LATE, EUROS] if many else [LATE], [SOON] if many else [])
        overdue, upcoming = (due, soon) if is_due else ([], [SOON, EUROS] if many else [SOON])
        sums: dict[str, Decimal] = {}
        for item in overdue or upcoming:
            sums[item.currency] = sums.get(item.currency, Decimal(0)) + item.amount
        yield notice_facts(
            language,
            overdue=overdue,
            upcoming=upcoming,
            totals=[(amount, currency) for currency, amount in sorted(sums.items())],
            first_name="Anna" if person else "",
            full_name="Anna Berg" if person else "",
            manager_name="Fay Field" if person else "",
            manager_phone="+44 20 7946 0101" if person else "",
            previous=previous if history else [],
            last_payment=PaymentFacts(Decimal(480), "GBP", date(2026, 2, 25)) if history else None,
            paid_since=[(Decimal(480), "GBP")] if history else [],
            new_since=[(Decimal(1000), "GBP")] if history else [],
            interest=interest if more else [],
            has_copies=more,
        )


def answer_facts(language: str = "en", *, is_full: bool = True, layout: str = "") -> AnswerFacts:
    """All that an answer may say, or as little as there ever is."""
    least = AnswerFacts(
        client_name="Slowco Ltd",
        first_name="Anna" if is_full else "",
        full_name="Anna Berg" if is_full else "",
        sender=US,
        portal_url=LINK,
        on=date(2026, 3, 2),
        language=language,
        layout=layout,
        amount=Decimal(480),
        currency="GBP",
        number="INV-1041",
        reference="INV-1041",
        issued_on=date(2026, 3, 1),
        due_on=date(2026, 3, 31),
        promised_on=date(2026, 3, 12),
        first_on=date(2026, 2, 1),
        last_on=date(2026, 2, 28),
        link_days=90,
        reason="C-41",
        comment="B-17.",
        invoices_to="ap@slowco.example",
        open_amount=Decimal(900),
        lines=[AnswerLine("INV-1041", Decimal(480))],
        balances=[AnswerBalance("GBP", Decimal(-5), Decimal(0))],
    )
    if not is_full:
        return least
    return least._replace(
        manager_name="Fay Field",
        manager_phone="+44 20 7946 0101",
        on_account=Decimal(20),
        left=Decimal(720),
        is_test=True,
        lines=[AnswerLine("INV-1041", Decimal(400)), AnswerLine("INV-1042", Decimal(80))],
        balances=[AnswerBalance("GBP", Decimal(900), Decimal(100))],
        dues=[AnswerDue(date(2026, 3, 31), Decimal(240)), AnswerDue(date(2026, 4, 30), Decimal(240))],
        discount_until=date(2026, 3, 11),
        discounted_amount=Decimal("470.40"),
        iban="GB33 BUKB 2020 1555 5555 55",
        transfer_reference="RF18 5390 0754 7034",
        taken_off=Decimal(100),
        terms_name="30 D",
    )
