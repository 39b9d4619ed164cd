"""What moves a contact that is due to a later day (design: engine.md 1.4, 1.11 to 1.13). Pure.

Each rule is a function of one signature: None, or the first day on which it no longer holds, with its reason. All of
them are asked; the one that holds longest is the answer, and all are said.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from invoices.rules.calendar import next_business_day

from .experiments import held_until, trial_at
from .guardrails import Refusal, Where, closed_day, over_the_cap
from .payruns import better_day, next_run
from .records import Account, Code, Procedure, Reason
from .timing import ONE_DAY, Step

LOOK_FOR_CONTACT = timedelta(days=7)
LOOK_FOR_PAYMENT = timedelta(days=14)  # from the receipt on: nothing stays silent for ever
REMINDERS = ("email", "sms")  # what a pay run moves; letters name their own deadline
CODES = {
    "cap": Code.OVER_THE_CAP,
    "after_talk": Code.AFTER_TALK,
    "day": Code.CLOSED_DAY,
    "hours": Code.OUTSIDE_HOURS,
}


class Hold(NamedTuple):
    """`again_on` is later than today."""

    again_on: date
    reason: Reason


class Contact(NamedTuple):
    """The contact that would be made today; `step` speaks for it."""

    account: Account
    procedure: Procedure
    step: Step
    today: date

    @property
    def channel(self) -> str:
        return self.step.level.channel

    @property
    def where(self) -> Where:
        return Where(self.account.country, self.account.region, self.account.debtor_type)


def holds(contact: Contact) -> list[Hold]:
    """Every rule that moves this contact, the one that holds longest first."""
    found = [hold for rule in RULES if (hold := rule(contact)) is not None]
    if not found and (chance := left_alone(contact)):
        found = [chance]  # asked last: who takes part would be contacted today, so that the arms are alike in all else
    return sorted(found, key=lambda hold: hold.again_on, reverse=True)


def address_missing(contact: Contact) -> Hold | None:
    if contact.account.is_contact_missing and contact.channel == "email":
        return Hold(contact.today + LOOK_FOR_CONTACT, Reason(Code.CONTACT_MISSING))
    return None


def too_soon(contact: Contact) -> Hold | None:
    """One contact a day, always; the procedure may ask for more days between two."""
    last = contact.account.last_contact_on
    if last is None:
        return None
    again = last + max(ONE_DAY, timedelta(days=contact.procedure.minimum_interval_days))
    if again <= contact.today:
        return None
    return Hold(again, Reason(Code.CONTACTED_RECENTLY, {"last_contact_on": last, "again_on": again}))


def no_business_day(contact: Contact) -> Hold | None:
    if not contact.procedure.is_business_days_only:
        return None
    open_on = next_business_day(contact.account.country, contact.account.region, contact.today)
    return Hold(open_on, Reason(Code.NOT_A_BUSINESS_DAY, {"open_on": open_on})) if open_on > contact.today else None


def day_closed(contact: Contact) -> Hold | None:
    """A contact profile knows no hour on this day."""
    if not contact.procedure.respects_contact_rules:
        return None
    return _refused(closed_day(contact.account.rules, contact.channel, contact.where, contact.today))


def enough_lately(contact: Contact) -> Hold | None:
    """One more would go over a cap of a contact profile, or follow a talk too soon."""
    if not contact.procedure.respects_contact_rules or not contact.account.history:
        return None
    return _refused(over_the_cap(contact.account.rules, contact.channel, contact.account.history, contact.today))


def _refused(refusal: Refusal | None) -> Hold | None:
    if refusal is None or refusal.again_on is None:
        return None
    return Hold(refusal.again_on, refusal_reason(refusal))


def refusal_reason(refusal: Refusal) -> Reason:
    """With the rule's profile and version and what it was asked, as evidence."""
    figures: dict[str, object] = {"profile": refusal.profile, "version": refusal.version, **refusal.figures}
    if refusal.again_on:
        figures["again_on"] = refusal.again_on
    return Reason(CODES[refusal.rule], figures)


def perhaps_paid(contact: Contact) -> Hold | None:
    """Money on another account fits: a person looks before the client is asked."""
    recent = [p for p in contact.account.possible if p.received_on + LOOK_FOR_PAYMENT > contact.today]
    if not recent:
        return None
    newest = max(recent, key=lambda payment: payment.received_on)
    again = newest.received_on + LOOK_FOR_PAYMENT
    figures: dict[str, object] = {"receipt_id": newest.receipt_id, "invoice_id": newest.invoice_id}
    figures |= {"amount": newest.amount, "currency": newest.currency, "again_on": again}
    return Hold(again, Reason(Code.POSSIBLE_PAYMENT, figures))


def bank_data_old(contact: Contact) -> Hold | None:
    """Who paid last week must not get a second reminder because nobody imported the bank's file."""
    days, newest = contact.procedure.bank_freshness_days, contact.account.bank_data_on
    if days is None or newest is None or contact.step.level.position <= contact.procedure.levels[0].position:
        return None
    if (contact.today - newest).days <= days:
        return None
    again = contact.today + ONE_DAY
    return Hold(again, Reason(Code.BANK_DATA_OLD, {"newest_on": newest, "days": days, "again_on": again}))


def pay_run_ahead(contact: Contact) -> Hold | None:
    """A reminder that fell due just after a pay run waits for the next, within the procedure's limit."""
    runs, limit = contact.account.pay_runs, contact.procedure.pay_run_limit_days
    if runs is None or limit is None or contact.channel not in REMINDERS:
        return None
    account = contact.account
    wanted = better_day(runs, contact.step.earliest, account.country, account.region, limit_days=limit)
    if wanted <= contact.today:
        return None
    return Hold(wanted, Reason(Code.PAY_RUN, {"again_on": wanted, "run_on": next_run(runs, wanted)}))


def left_alone(contact: Contact) -> Hold | None:
    """An experiment at this level, and chance put the client into the arm that hears nothing for a while."""
    trial = trial_at(contact.procedure.trials, contact.step.level.id) if contact.procedure.trials else None
    until = held_until(trial, contact.account.client_id, contact.today) if trial else None
    if trial is None or until is None:
        return None
    figures: dict[str, object] = {"level": contact.step.level.name, "trial": trial.name, "again_on": until}
    return Hold(until, Reason(Code.HOLDOUT, {**figures, "experiment_id": trial.experiment_id}))


RULES: tuple[Callable[[Contact], Hold | None], ...] = (
    address_missing,
    too_soon,
    no_business_day,
    day_closed,
    enough_lately,
    perhaps_paid,
    bank_data_old,
    pay_run_ahead,
)
