"""A client who does not exist, for trying texts: with everything there may be, and with as little as there ever is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from .answering import AnswerBalance, AnswerDue, AnswerFacts, AnswerLine
from .composing import ItemFacts, NoticeFacts, PaymentFacts

LINK = "https://pay.example/c/your-clients-own-link"


def sample_notice(sender: object, language: str, on: date, *, is_full: bool = True, is_due: bool = True) -> NoticeFacts:
    """`is_due` false: nothing is overdue yet."""
    due_on = on - timedelta(days=30) if is_due else on + timedelta(days=5)
    item = ItemFacts(
        *("INV-1041", due_on - timedelta(days=30), due_on, (on - due_on).days, Decimal(1200), Decimal(1000), "GBP"),
        reference="PO 7734" if is_full else "",
        project="New warehouse" if is_full else "",
    )
    facts = NoticeFacts(
        client_name="Slowco Ltd",
        client_address="2 Side Street\nLeeds LS1 4DY",
        first_name="Anna" if is_full else "",
        full_name="Anna Berg" if is_full else "",
        language=language,
        on=on,
        overdue=[item] if is_due else [],
        upcoming=[] if is_due else [item],
        totals=[(item.amount, item.currency)],
        portal_url=LINK,
        sender=sender,
        manager_name="",
        manager_phone="",
        deadline_on=on + timedelta(days=10),
    )
    if not is_full:
        return facts
    wrote_on = on - timedelta(days=8)
    return facts._replace(
        manager_name="Fay Field",
        manager_phone="+44 20 7946 0101",
        previous=[("First reminder", wrote_on)],
        last_payment=PaymentFacts(Decimal(480), "GBP", wrote_on),
        paid_since=[(Decimal(480), "GBP")],
        has_copies=True,
    )


def sample_answer(sender: object, language: str, on: date, *, is_full: bool = True) -> AnswerFacts:
    facts = AnswerFacts(
        client_name="Slowco Ltd",
        first_name="Anna" if is_full else "",
        full_name="Anna Berg" if is_full else "",
        language=language,
        sender=sender,
        portal_url=LINK,
        on=on,
        amount=Decimal(480),
        currency="GBP",
        number="INV-1041",
        reference="INV-1041",
        issued_on=on - timedelta(days=1),
        due_on=on + timedelta(days=29),
        promised_on=on + timedelta(days=10),
        first_on=on - timedelta(days=30),
        last_on=on,
        link_days=90,
        open_amount=Decimal(900),
        lines=[AnswerLine("INV-1041", Decimal(480))],
        balances=[AnswerBalance("GBP", Decimal(900), Decimal(100))],
        invoices_to="ap@slowco.example",
    )
    if not is_full:
        return facts
    return facts._replace(
        manager_name="Fay Field",
        manager_phone="+44 20 7946 0101",
        reason="damaged goods",
        comment="Two boxes were missing.",
        on_account=Decimal(20),
        left=Decimal(720),
        taken_off=Decimal(100),
        dues=[AnswerDue(on + timedelta(days=29), Decimal(480))],
        iban="GB33 BUKB 2020 1555 5555 55",
        transfer_reference="RF18 5390 0754 7034",
        terms_name="30 days",
    )
