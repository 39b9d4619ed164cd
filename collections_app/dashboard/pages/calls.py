"""The call queue."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.timezone import localdate

from invoices.queries.clients import client_ids_matching
from reminders.models import CallTask, TaskStatus
from reminders.queries.calls import calls_with_numbers
from reminders.services.calls import assign_calls

from ..listing import BulkAction, Column, Filter, Link, ListPage
from .tasks import of_owner, owner_choices


def call_url(task: CallTask) -> str:
    return reverse("dashboard:call", args=[task.pk])


def client_url(task: CallTask) -> str:
    return reverse("dashboard:client", args=[task.client_id])


def owner(task: CallTask) -> str:
    return task.assigned_to.full_name if task.assigned_to else ""


def number(task: CallTask) -> str:
    """The number that call mode offers first."""
    return next((contact.phone for contact in task.client.reachable_by_phone), "")


def tries(task: CallTask) -> str:
    return f"{task.attempts} so far" if task.attempts else "not yet"


def of_time(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(due_on__lte=localdate()) if value == "due" else rows.filter(due_on__gt=localdate())


def of_client(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text)) | Q(reason__icontains=text)


def take_ticked(request: HttpRequest, rows: list[CallTask]) -> str:
    taken = assign_calls([row.pk for row in rows], request.user, actor=request.user)
    return f"{taken} call{' is' if taken == 1 else 's are'} yours."


def give_back_ticked(request: HttpRequest, rows: list[CallTask]) -> str:
    given = assign_calls([row.pk for row in rows], None, actor=request.user)
    return f"{given} call{'' if given == 1 else 's'} given back to everybody."


class CallList(ListPage):
    title = "Calls"
    subtitle = "The most valuable first. Call mode takes one after the other."
    order = "-priority"
    columns = [
        Column("client__name", "Client", link=client_url),
        Column("reason", "Reason", link=call_url),
        Column(number, "Number", css="nowrap"),
        Column("priority", "Rank", "number", sort=True),
        Column("due_on", "Due", "date", sort=True),
        Column("call_back_at", "Agreed hour", "moment", sort=True),
        Column(tries, "Tried"),
        Column(owner, "Owner"),
    ]
    filters = [
        Filter("when", "When", of_time, [("due", "Due"), ("later", "Later")], default="due"),
        Filter("owner", "Owner", of_owner, owner_choices),
    ]
    search = of_client
    search_hint = "Client or reason"
    links = [Link("Start calling", "dashboard:call_next", "phone", "c", "work")]
    actions = [
        BulkAction("take", "Take", take_ticked, icon="hand", key="t"),
        BulkAction("give_back", "Give back", give_back_ticked, icon="undo-2"),
    ]
    empty_title = "No calls due"
    empty_text = "The run makes calls where a procedure asks for one, and agreed hours come back by themselves."

    def rows(self) -> QuerySet[Any]:
        return calls_with_numbers().filter(status=TaskStatus.OPEN)

    @property
    def tabs(self) -> list[tuple[str, str]]:  # type: ignore[override]
        return [("All due", ""), ("Mine", f"owner={self.request.user.pk}"), ("Nobody's", "owner=nobody")]


urls = [path("calls/", CallList.as_view(), name="calls")]
