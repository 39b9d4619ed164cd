"""Reasons in words, for the "why" panel, the explain command and the record of a cancelled notice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from invoices.rules.money import plain

from .records import Code, Reason

SENTENCES: dict[Code, str] = {
    Code.LEVEL_DUE: "{level} is due for {invoice} ({amount}).",
    Code.NEXT_LEVEL: "Next is {level} for {invoice}, on {on}.",
    Code.NOTHING_OWED: "Nothing is owed.",
    Code.NOT_YET_DUE: "{amount} of {invoice} is in parts that are due later, the next on {due_on}.",
    Code.CREDIT_COVERS: "Credit on account covers {amount} of {invoice}; allocate it.",
    Code.BELOW_TOLERANCE: "{amount} left on {invoice} is too little to ask for.",
    Code.DISPUTED: "{amount} of {invoice} is disputed.",
    Code.ON_THE_WAY: "{amount} for {invoice} is on its way.",
    Code.PROMISED: "{amount} is promised for {promised_on}.",
    Code.PAYMENT_PLAN: "{invoice} is in a payment plan: next instalment {amount} on {due_on}.",
    Code.SETTLEMENT_OFFERED: "{invoice} can be settled by paying {amount} until {expires_on}, that day included.",
    Code.BLOCKED: "Dunning is blocked ({reason}) {until}.",
    Code.PENDING: "A notice is under way already.",
    Code.OUTCOME_UNKNOWN: "Nobody knows whether the last notice was sent; somebody has to say so first.",
    Code.CONTACTED_RECENTLY: "The client was contacted on {last_contact_on}; again from {again_on}.",
    Code.NOT_A_BUSINESS_DAY: "It is no business day where the client is; the next is {open_on}.",
    Code.CONTACT_MISSING: "No working address is known; a task asks for one.",
    Code.OVER_THE_CAP: "Rule {profile} {version}: {had} {counts} in {days} days are enough (at most {most},"
    " {channels}); again from {again_on}.",
    Code.AFTER_TALK: "Rule {profile} {version}: no call for {days} days after the talk on {talked_on}; again from"
    " {again_on}.",
    Code.CLOSED_DAY: "Rule {profile} {version}: no {channel} on {day_on}; again from {again_on}.",
    Code.OUTSIDE_HOURS: "Rule {profile} {version}: {channel} only from {hours} where the client is; it is {local}.",
    Code.CHANNEL_CLOSED: "{level} for {invoice} cannot go out by {channel}: {closed}.",
    Code.BANK_DATA_OLD: "The newest receipt is of {newest_on}, and older than {days} days: only first levels go out.",
    Code.POSSIBLE_PAYMENT: "A receipt of {amount} on another account may pay this; a task asks. We wait until"
    " {again_on}.",
    Code.PAY_RUN: "The client pays next on {run_on}; a reminder is best read on {again_on}.",
    Code.ENTRY_NEW_ONLY: "{invoice} was issued before the procedure was switched on, on {switched_on}; it starts with"
    " newer ones.",
    Code.ENTRY_FITTING: "{invoice} was late when the procedure was switched on; it begins with {level}, which fits.",
    Code.HOLDOUT: "Left alone by chance, to learn what {level} does ({trial}); again from {again_on}.",
    Code.LEVEL_PASSED_OVER: "{level} is passed over: the client owes less than its floor.",
    Code.PROCEDURE_FINISHED: "Every level of the procedure has been gone through.",
}

PLAIN_WORDS = ("profile", "version", "had", "counts", "days", "most", "channel", "closed", "trial", "local", "hours")
AS_IT_IS = (int, type(None))  # in JSON; a tuple, since `int | None` would be built anew for each of a million figures


def day(value: date) -> str:
    """Fri 5 June 2026."""
    return f"{value:%a} {value.day} {value:%B %Y}"


def sentence(reason: Reason, numbers: Mapping[int, str] | None = None) -> str:
    """The reason as a sentence; `numbers` turns invoice ids into their numbers."""
    figures = dict(reason.figures)
    words: dict[str, str] = {key: day(value) for key, value in figures.items() if isinstance(value, date)}
    invoice_id = figures.get("invoice_id")
    words["invoice"] = (numbers or {}).get(invoice_id, f"invoice {invoice_id}") if isinstance(invoice_id, int) else ""
    if isinstance(amount := figures.get("amount"), Decimal):
        words["amount"] = f"{plain(amount, str(figures['currency']))} {figures['currency']}"
    words["level"] = str(figures.get("level", ""))
    words["reason"] = str(figures.get("reason", "")).replace("_", " ")
    words |= {key: str(figures.get(key, "")) for key in PLAIN_WORDS}
    words["channels"] = f"by {figures.get('channel')}" if figures.get("channel") != "all" else "by all channels"
    words["until"] = f"until {words['last_on']}, that day included" if "last_on" in words else "until it is lifted"
    return SENTENCES[reason.code].format(**words)


def stored(reason: Reason) -> dict[str, object]:
    """For a JSON column: dates and amounts as text."""
    kept: dict[str, object] = {"code": reason.code.value}
    for key, value in reason.figures.items():
        kept[key] = value if isinstance(value, AS_IT_IS) else str(value)
    return kept


def from_stored(kept: Mapping[str, object]) -> Reason:
    """The reason as it was before `stored`."""
    figures: dict[str, object] = {}
    for key, value in kept.items():
        if key == "amount":
            figures[key] = Decimal(str(value))
        elif (key == "on" or key.endswith("_on")) and value is not None:
            figures[key] = date.fromisoformat(str(value))
        elif key != "code":
            figures[key] = value
    return Reason(Code(str(kept["code"])), figures)
