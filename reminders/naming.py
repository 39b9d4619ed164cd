"""Facts in, the variables of the texts out (`rules.variables` lists them), in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoices.gateways.words import words_of

from .rules.speech import Day, Sum, say_all, say_day, say_money, say_rate
from .rules.variables import ANSWER

if TYPE_CHECKING:
    from .answering import AnswerFacts
    from .composing import InterestFacts, ItemFacts, NoticeFacts

FULL_NAMES = frozenset({"de"})  # where a first name alone would be too familiar beside a formal "you"
RECORDS = {"lines", "dues", "balances"}


def greeting(first_name: str, full_name: str, client: str, *, language: str, is_letter: bool = False) -> str:
    """`Dear Anna,`, or as the language greets somebody without a name."""
    words = words_of(language)
    # A second person on the same mail has a first name of his own.
    name = full_name if first_name and first_name in full_name and language in FULL_NAMES else first_name
    if name:
        return words["mail_greeting"].format(name=name)
    return words["letter_greeting_nobody"] if is_letter else words["mail_greeting_nobody"].format(client=client)


def sums(amounts: Sequence[tuple[Decimal, str]], language: str) -> str:
    """`1,000.00 EUR and 20.00 USD`."""
    said = [say_money(amount, currency, language) for amount, currency in amounts]
    return say_all(said, words_of(language)["mail_and"])


def interest_said(running: Sequence[InterestFacts], language: str) -> str:
    """One sentence per currency and rate; empty where none is running."""
    words = words_of(language)
    return " ".join(
        words["interest_law" if one.law else "interest_agreed"].format(
            rate=say_rate(one.rate, language),
            law=one.law,
            per_day=say_money(one.per_day, one.currency, language),
            amount=say_money(one.amount, one.currency, language),
        )
        for one in running
    )


def before_said(days: Sequence[date], language: str) -> str:
    """When we wrote before; empty where we did not."""
    words = words_of(language)
    said = say_all([say_day(on, language) for on in sorted(days)], words["mail_and"])
    return words["letter_before"].format(dates=said) if days else ""


def notice_names(facts: NoticeFacts, language: str) -> dict[str, Any]:
    items = [_item(item, language) for item in facts.items]
    oldest = items[0] if items else dict.fromkeys(("number", "amount", "due_on", "days_late", "reference", "project"))
    last = facts.last_payment
    return {
        **_person(facts, language),
        "total": sums(facts.totals, language),
        "count": len(items),
        "overdue_count": len(facts.overdue),
        **{name: oldest[name] for name in ("number", "amount", "due_on", "days_late", "reference", "project")},
        "today": Day(facts.on, language),
        "deadline": _day(facts.deadline_on, language),
        "last_payment": sums([(last.amount, last.currency)], language) if last else None,
        "last_payment_on": _day(last.on if last else None, language),
        "last_notice_on": _day(facts.previous[0][1] if facts.previous else None, language),
        "paid_since": sums(facts.paid_since, language) or None,
        "new_since": sums(facts.new_since, language) or None,
        "interest": interest_said(facts.interest, language) or None,
        "enclosed": facts.has_copies,
        "plan_months": getattr(facts.sender, "plan_months", None),
        "link": facts.portal_url or None,
        "items": items,
        "overdue": items[: len(facts.overdue)],
        "upcoming": items[len(facts.overdue) :],
    }


def answer_names(facts: AnswerFacts, language: str) -> dict[str, Any]:
    """Each field by its own name; an amount of nothing and an empty text are empty."""
    sender: Any = facts.sender
    names = {**_person(facts, language), "bic": sender.bic or None}
    names["account_holder"] = sender.account_holder or sender.name
    for variable in ANSWER:
        if variable.name not in names:
            value = getattr(facts, variable.name)
            names[variable.name] = _plain(value, facts.currency, language)
    names["left"] = _sum(facts.left, facts.currency, language)
    for name in RECORDS:
        names[name] = [_record(one, facts.currency, language) for one in getattr(facts, name)]
    return names


def _person(facts: NoticeFacts | AnswerFacts, language: str) -> dict[str, Any]:
    sender: Any = facts.sender
    return {
        "first_name": facts.first_name or None,
        "full_name": facts.full_name or facts.first_name or None,
        "client": facts.client_name,
        "sender": sender.name,
        "phone": facts.manager_phone or sender.phone or None,
        "manager_name": facts.manager_name or None,
        "manager_phone": facts.manager_phone or None,
    }


def _item(item: ItemFacts, language: str) -> dict[str, Any]:
    return {
        "number": item.number,
        "issued_on": Day(item.issued_on, language),
        "due_on": Day(item.due_on, language),
        "days_late": item.days_past_due,
        "total": Sum(item.total_amount, item.currency, language),
        "amount": Sum(item.amount, item.currency, language),
        "reference": item.reference or None,
        "project": item.project or None,
    }


def _record(one: Any, currency: str, language: str) -> Mapping[str, Any]:
    currency = getattr(one, "currency", currency)
    record = {name: _plain(getattr(one, name), currency, language) for name in one._fields}
    if "closing" in record:
        record["is_credit"] = one.closing < 0
        record["closing"] = Sum(one.closing, currency, language)
        record["overdue"] = _sum(one.overdue, currency, language) if one.overdue > 0 else None
    return record


def _plain(value: Any, currency: str, language: str) -> Any:
    if isinstance(value, Decimal):
        return _sum(value, currency, language) if value else None
    if isinstance(value, date):
        return Day(value, language)
    return None if value == "" else value


def _sum(value: Decimal | None, currency: str, language: str) -> Sum | None:
    return None if value is None else Sum(value, currency, language)


def _day(value: date | None, language: str) -> Day | None:
    return None if value is None else Day(value, language)
