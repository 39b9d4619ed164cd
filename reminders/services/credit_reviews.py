"""Ask people, once, to look at a client again: his credit limit, his rating, or how he is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from invoices.models import Client
from invoices.queries.credit import applications_to_review, over_limit
from invoices.queries.risk import limited_clients
from invoices.rules.money import plain
from invoices.rules.risk import has_fallen
from invoices.services.audit import Actor
from invoices.services.clients import change_client

from ..models import Task, TaskKind, TaskStatus
from ..queries.risk import ratings
from .tasks import close_task, make_task

# A rating is compared with the one of a month ago, and a client is not asked about again within that month.
MONTH = timedelta(days=30)
CHUNK = 500


class Asked(NamedTuple):
    """How many tasks a tick made, by what they ask for."""

    reviews: int = 0
    over_limit: int = 0
    fallen: int = 0
    check_ins: int = 0


def make_review_tasks(today: date) -> Asked:
    """The daily tick. Each question is asked once: rung twice, or a day late, it makes the same tasks.

    A review whose day has come; then who owes more than his limit or is rated worse than a month ago (only clients
    with a limit: the others have nothing to review); then the regular talks.
    """
    return Asked(_reviews(today), _over_limit(today), _fallen(today), _check_ins(today))


def _reviews(today: date) -> int:
    """Once for each review date: a task made on it or later stands for it, closed or not."""
    tasks = Task.objects.filter(client=OuterRef("client"), kind=TaskKind.CREDIT_REVIEW)
    asked = tasks.filter(due_on__gte=OuterRef("review_on"))
    made = 0
    for row in applications_to_review(today).filter(~Exists(asked)):
        made += _ask(row.client_id, today, f"The credit limit was to be looked at again on {row.review_on:%d %B %Y}.")
    return made


def _over_limit(today: date) -> int:
    made = 0
    for client in over_limit(_not_asked(today)).order_by("pk"):
        owed, limit = (plain(amount, client.currency) for amount in (client.limit_owed, client.credit_limit))
        made += _ask(client.pk, today, f"{owed} {client.currency} is owed, above the credit limit of {limit}.")
    return made


def _fallen(today: date) -> int:
    """A chunk of clients at a time, by key, in a fixed number of queries each."""
    return sum(_ask(client_id, today, text) for client_id, text in _falls(today))


def _falls(today: date) -> Iterator[tuple[int, str]]:
    after = 0
    while chunk := limited_clients(_not_asked(today), after, CHUNK):
        after = chunk[-1]
        before, now = ratings(chunk, today - MONTH), ratings(chunk, today)
        for pk in chunk:
            if has_fallen(before[pk].rating, now[pk].rating):
                was, letter = before[pk].rating.letter, now[pk].rating.letter
                yield pk, f"The rating fell from {was} to {letter} within a month. {now[pk].why[0][0]}"


def _not_asked(today: date) -> QuerySet[Client]:
    """Active clients whose credit nobody was asked to review within the month, nor is asked now."""
    recent = Task.objects.filter(client=OuterRef("pk"), kind=TaskKind.CREDIT_REVIEW, due_on__gt=today - MONTH)
    waiting = Task.objects.filter(client=OuterRef("pk"), kind=TaskKind.CREDIT_REVIEW, status=TaskStatus.OPEN)
    return Client.objects.filter(~Exists(recent), ~Exists(waiting), is_active=True)


@transaction.atomic
def _ask(client_id: int, today: date, text: str) -> int:
    """1 when a task was made, 0 when one is open already."""
    task = make_task(client_id, TaskKind.CREDIT_REVIEW, due_on=today, text=text)
    return int(task.due_on == today and task.text == text[:300])


def _check_ins(today: date) -> int:
    """Once for each date: a task that is due on it stands for it."""
    asked = Task.objects.filter(client=OuterRef("pk"), kind=TaskKind.CHECK_IN, due_on__gte=OuterRef("check_in_on"))
    waiting = Task.objects.filter(client=OuterRef("pk"), kind=TaskKind.CHECK_IN, status=TaskStatus.OPEN)
    clients = Client.objects.filter(~Exists(asked), ~Exists(waiting), check_in_on__lte=today, is_active=True)
    due = list(clients.order_by("check_in_on", "pk").values_list("pk", "check_in_on"))
    for pk, on in due:
        make_task(pk, TaskKind.CHECK_IN, due_on=on, text="Ask how they are, and whether anything is in the way.")
    return len(due)


@transaction.atomic
def finish_check_in(task_id: int, *, outcome: str, next_on: date | None, actor: Actor) -> Task:
    """Close the talk, and arrange the next one; None arranges none."""
    task = close_task(task_id, outcome=outcome, actor=actor)
    change_client(task.client_id, {"check_in_on": next_on}, actor=actor)
    return task
