"""How clients were, and may be, contacted: past touches, closed channels, contact profiles. For many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.timezone import localtime, make_aware

from invoices.models import Contact, EmailState
from invoices.queries.among import Chosen

from ..models import CallOutcome, Notice, Outcome, Task, TaskKind, TaskStatus
from ..rules.guardrails import Profile, Touch, Where, applicable
from .profiles import profiles

LOOK_BACK = timedelta(days=90)  # longer than any cap or interval that can be set
UNHEARD = ("decide", "webhook")  # reach nobody at the client
UNANSWERED = (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.GATEKEEPER)
NO_CONSENT = "nobody there agreed to text messages"
NO_CALLS = "they asked not to be called"
NO_MAIL = "they asked not to be mailed"
NO_SMS: Mapping[str, str] = {"sms": NO_CONSENT}


def touches(client_ids: Chosen, today: date, without_notice: int | None = None) -> dict[int, list[Touch]]:
    """Client -> what he heard from us, or we tried, in the last 90 days. Two queries.

    A call counts when it was rung; that its task was made is a contact too, but no attempt.
    """
    since = today - LOOK_BACK
    found: dict[int, list[Touch]] = defaultdict(list)
    sent = Notice.objects.filter(client_id__in=client_ids, sent_on__gte=since).exclude(channel__in=UNHEARD)
    for client_id, on, channel in sent.exclude(pk=without_notice).values_list("client_id", "sent_on", "channel"):
        found[client_id].append(Touch(on, "call_task" if channel == "call" else channel))
    begin = make_aware(datetime.combine(since, time()))
    calls = CallOutcome.objects.filter(client_id__in=client_ids, at__gte=begin, undone_at=None)
    calls = calls.exclude(outcome=Outcome.WRONG_NUMBER)
    for client_id, at, outcome in calls.values_list("client_id", "at", "outcome"):
        is_talk = outcome not in UNANSWERED
        found[client_id].append(Touch(localtime(at).date(), "call", is_contact=is_talk, is_talk=is_talk))
    return found


def last_contact(history: Sequence[Touch], told_on: date | None) -> date | None:
    """The business date of the last contact of any kind; `told_on`: the last mail about a payment plan."""
    days = [touch.on for touch in history]
    return max([*days, told_on] if told_on else days, default=None)


def reachable_contacts(client_ids: Collection[int] | None = None) -> QuerySet[Contact, Any]:
    """Contacts who get reminders, at an address that works; of these clients, or of all."""
    rows = Contact.objects.filter(is_active=True, receives_reminders=True, email_state=EmailState.OK).exclude(email="")
    return rows if client_ids is None else rows.filter(client_id__in=client_ids)


class Reach(NamedTuple):
    """`closed`: channel -> why; clients not in it have no contact. `missing`: a task looks for an address."""

    closed: Mapping[int, Mapping[str, str]]
    missing: set[int]


def reach(client_ids: Chosen) -> Reach:
    """Which channels are closed by what contacts asked for. Two queries."""
    columns = ("client_id", "email", "email_state", "receives_reminders", "phone", "is_phone_dead")
    rows = Contact.objects.filter(client_id__in=client_ids, is_active=True)
    people: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for client_id, *person in rows.values_list(*columns, "refuses_calls", "has_sms_consent"):
        people[client_id].append(tuple(person))
    asked = Task.objects.filter(client_id__in=client_ids, kind=TaskKind.FIND_CONTACT, status=TaskStatus.OPEN)
    missing = {pk for pk in asked.values_list("client_id", flat=True) if not any(map(_has_mail, people.get(pk, ())))}
    return Reach({pk: _closed(persons) for pk, persons in people.items()}, missing)


def _has_mail(person: tuple[Any, ...]) -> bool:
    email, state, receives = person[:3]
    return bool(email) and receives and state == EmailState.OK


def _closed(persons: Sequence[tuple[Any, ...]]) -> Mapping[str, str]:
    """A channel is closed when somebody refused it and nobody else is left; SMS until somebody agreed to it."""
    closed: dict[str, str] = {}
    has_mail = has_refused_mail = has_phone = has_refused_calls = has_consent = False
    for email, state, receives, phone, is_dead, refuses_calls, agreed_to_sms in persons:
        if email:
            has_mail |= receives and state == EmailState.OK
            has_refused_mail |= not receives or state == EmailState.REFUSED
        if phone and not is_dead:
            has_phone |= not refuses_calls
            has_refused_calls |= refuses_calls
            has_consent |= agreed_to_sms
    if has_refused_mail and not has_mail:
        closed["email"] = NO_MAIL
    if has_refused_calls and not has_phone:
        closed["call"] = NO_CALLS
    if not has_consent:
        if not closed:
            return NO_SMS
        closed["sms"] = NO_CONSENT
    return closed


class Rules:
    """The profiles in force on a day, read once; those that apply are found once for each kind of client."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._profiles = profiles()
        self._found: dict[Where, list[Profile]] = {}

    def of(self, where: Where) -> Sequence[Profile]:
        if where not in self._found:
            self._found[where] = applicable(self._profiles, where, self._today)
        return self._found[where]
