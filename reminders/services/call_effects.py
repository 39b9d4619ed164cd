"""What each outcome of a call does beyond the queue: one function each, of one signature.

Each returns what it changed, so that `services.call_undo` can take exactly that back for a short while. Mails wait as
long, since none can be unsent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.timezone import localdate, now

from invoices.models import Client, Contact, Invoice
from invoices.queries.plan_terms import NewPlan
from invoices.queries.plans import open_for_plan
from invoices.rules.calendar import add_business_days
from invoices.rules.instalments import Frequency
from invoices.rules.plan_terms import Wanted
from invoices.services.audit import Actor
from invoices.services.disputes import open_dispute

from ..errors import DunningError
from ..models import Acknowledgement, BlockReason, Outcome, PromiseStatus, PromiseToPay, Task, TaskKind, TaskStatus
from ..rules.reasons import day
from .acknowledgements import acknowledge_dispute, acknowledge_promise
from .blocks import add_block
from .document_mails import mailable_contacts, mails_about, next_round, send_document
from .plans import agree_plan
from .promises import make_promise
from .tasks import WRONG_NUMBER, ask_for_number, make_task

UNDO_TIME = timedelta(seconds=30)
SEARCH_DAYS = 3  # business days in which we look for money that a client says he sent
REVIEW_DAYS = timedelta(days=30)  # until hardship is looked at again, where nothing else is said


class CallResult(NamedTuple):
    """What the collector entered. Promise: amount, currency, promised_on, the items (all open ones when none is named).

    Dispute: invoice, amount, reason. Copy: the items. Plan: the items, parts, frequency and first_on; without parts a
    task asks for one. Hardship: review_on. `contact` is whose number was rung. `attempts_seen` is how many calls the
    task had when the form was opened: with another figure somebody else, or a second press of the key, has recorded it
    already.
    """

    outcome: str
    note: str = ""
    amount: Decimal | None = None
    currency: str = ""
    promised_on: date | None = None
    invoice: Invoice | None = None
    reason: str = ""
    call_back_at: datetime | None = None
    spoke_with: str = ""
    items: Sequence[Invoice] = ()
    contact: Contact | None = None
    attempts_seen: int | None = None
    parts: int | None = None
    frequency: str = Frequency.MONTHLY.value
    first_on: date | None = None
    review_on: date | None = None
    paid_on: date | None = None


Did = dict[str, Any]  # as it goes into CallOutcome.did
Effect = Callable[[Client, CallResult, Actor], Did]


def do(client: Client, result: CallResult, actor: Actor) -> Did:
    """Raises DunningError or LedgerError with the sentence for the collector; nothing is written then."""
    effect = EFFECTS.get(result.outcome)
    return effect(client, result, actor) if effect else {}


def hold_back(rows: Iterable[Acknowledgement | None]) -> list[int]:
    """These mails wait until the outcome can no longer be taken back."""
    ids = [row.pk for row in rows if row is not None]
    Acknowledgement.objects.filter(pk__in=ids).update(not_before_at=now() + UNDO_TIME)
    return ids


def _promised(client: Client, result: CallResult, actor: Actor) -> Did:
    if not result.amount or not result.promised_on:
        raise DunningError("A promise needs an amount and a date.")
    replaced = _open_promises(client)
    promise = make_promise(
        client,
        items=result.items or list(client.invoices.filter(currency=result.currency, open_amount__gt=0)),
        amount=result.amount,
        currency=result.currency,
        promised_on=result.promised_on,
        actor=actor,
        made_by=result.spoke_with,
        how="call",
    )
    mails = hold_back([acknowledge_promise(promise, result.contact)])
    return {"promise": promise.pk, "replaced": _now_replaced(replaced), "mails": mails}


def _dispute(client: Client, result: CallResult, actor: Actor) -> Did:
    if result.invoice is None or result.invoice.client_id != client.pk:
        raise DunningError("Choose the invoice that is disputed.")
    dispute = open_dispute(
        result.invoice.pk,
        amount=result.amount or result.invoice.open_amount,
        reason=result.reason or "other",
        comment=result.note,
        opened_by=result.spoke_with or client.name,
        actor=actor,
    )
    return {"dispute": dispute.pk, "mails": hold_back([acknowledge_dispute(dispute, result.contact)])}


def _wrong_number(client: Client, result: CallResult, actor: Actor) -> Did:
    rung = Contact.objects.filter(client=client, is_phone_dead=False)
    rung = rung.filter(pk=result.contact.pk) if result.contact else rung.filter(is_primary=True)
    phones = list(rung.values_list("pk", flat=True))
    Contact.objects.filter(pk__in=phones).update(is_phone_dead=True)
    searches = Task.objects.filter(client=client, kind=TaskKind.FIND_CONTACT, status=TaskStatus.OPEN)
    search = searches.first()
    task = ask_for_number(client.pk, localdate())
    if search is None:
        return {"phones": phones, "tasks": [task.pk]}
    return {"phones": phones, "joined": None if WRONG_NUMBER in search.text else task.pk}


def _says_paid(client: Client, result: CallResult, actor: Actor) -> Did:
    today = localdate()
    if result.paid_on and result.paid_on > today:
        raise DunningError(f"{day(result.paid_on)} is still to come; take a promise for a later date.")
    on = f"Says paid on {day(result.paid_on)}" if result.paid_on else "Says it is paid"
    text = ": ".join(part for part in (on, result.note) if part)
    last_on = add_business_days(client.country, client.region, today, SEARCH_DAYS)
    block = add_block(client, reason=BlockReason.PAID_SEARCH, last_on=last_on, actor=actor, note=text)
    return {"block": block.pk, "tasks": _ask(client, TaskKind.FIND_PAYMENT, text)}


def _needs_copy(client: Client, result: CallResult, actor: Actor) -> Did:
    if not result.items:
        raise DunningError("Tick the invoices of which a copy is needed.")
    people = mailable_contacts(client.pk)
    wanted = [contact for contact in people if result.contact and contact.pk == result.contact.pk] or people[:1]
    written: list[Acknowledgement] = []
    for invoice in result.items:
        before = set(mails_about(invoice).values_list("pk", flat=True))
        send_document(invoice, [contact.pk for contact in wanted], round=next_round(invoice), actor=actor)
        written += mails_about(invoice).exclude(pk__in=before)
    return {"mails": hold_back(written)}


def _asks_plan(client: Client, result: CallResult, actor: Actor) -> Did:
    """Agreed at once within the limits; above them it waits for a second person."""
    if not result.parts or not result.first_on:
        return {"tasks": _ask(client, TaskKind.PLAN_REQUEST, result.note or "Wants to pay in instalments.")}
    free = open_for_plan(client.pk)
    items = result.items or free.filter(currency=result.currency)
    new = NewPlan(
        tuple(item.pk for item in items),
        Wanted(result.first_on, Frequency(result.frequency), parts=result.parts),
        agreed_by=result.spoke_with,
        how="call",
        note=result.note[:300],
    )
    promises = _open_promises(client)
    plan = agree_plan(client.pk, new, actor=actor)
    mails = hold_back(Acknowledgement.objects.filter(once_key=f"plan_agreed:{plan.pk}"))
    return {"plan": plan.pk, "replaced": _now_replaced(promises), "mails": mails}


def _hardship(client: Client, result: CallResult, actor: Actor) -> Did:
    last_on = result.review_on or localdate() + REVIEW_DAYS
    block = add_block(client, reason=BlockReason.HARDSHIP, last_on=last_on, actor=actor, note=result.note)
    return {"block": block.pk}


def _insolvent(client: Client, result: CallResult, actor: Actor) -> Did:
    block = add_block(client, reason=BlockReason.INSOLVENCY, last_on=None, actor=actor, note=result.note)
    text = f"Insolvent or closed: {result.note or 'no proof yet'}. File the claim, or write it off."
    return {"block": block.pk, "tasks": _ask(client, TaskKind.DECIDE, text)}


def _refused(client: Client, result: CallResult, actor: Actor) -> Did:
    """The next level comes in its time; a manager sees it today."""
    text = f"Refuses to pay: {result.note or 'no reason given'}."
    return {"tasks": _ask(client, TaskKind.DECIDE, text)}


def _timed(client: Client, result: CallResult, actor: Actor) -> Did:
    if result.call_back_at is None and result.outcome == Outcome.CALL_BACK:
        raise DunningError("Say when to call back.")
    if result.call_back_at is not None and result.call_back_at < now():
        raise DunningError("The time to call back is past; choose a later one.")
    return {}


def _ask(client: Client, kind: TaskKind, text: str) -> list[int]:
    """The task when this made it; none when it joined one that waits already."""
    waits = Task.objects.filter(client=client, kind=kind, status=TaskStatus.OPEN).exists()
    task = make_task(client.pk, kind, due_on=localdate(), text=text)
    return [] if waits else [task.pk]


def _open_promises(client: Client) -> list[int]:
    rows = PromiseToPay.objects.filter(client=client, status=PromiseStatus.OPEN)
    return list(rows.values_list("pk", flat=True))


def _now_replaced(were_open: Sequence[int]) -> list[int]:
    rows = PromiseToPay.objects.filter(pk__in=were_open, status=PromiseStatus.REPLACED)
    return list(rows.values_list("pk", flat=True))


EFFECTS: dict[str, Effect] = {
    Outcome.PROMISED: _promised,
    Outcome.DISPUTE: _dispute,
    Outcome.WRONG_NUMBER: _wrong_number,
    Outcome.SAYS_PAID: _says_paid,
    Outcome.NEEDS_COPY: _needs_copy,
    Outcome.ASKS_PLAN: _asks_plan,
    Outcome.HARDSHIP: _hardship,
    Outcome.INSOLVENT: _insolvent,
    Outcome.REFUSED: _refused,
    Outcome.CALL_BACK: _timed,
    Outcome.GATEKEEPER: _timed,
}
