"""The worklist: what a person has to do about a client that is not a call."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate

from collections_app.formats import day
from collections_app.models import User
from collections_app.permissions import needs
from invoices.queries.clients import client_ids_matching, open_items_of
from reminders.errors import DunningError
from reminders.models import Task, TaskKind, TaskStatus
from reminders.services.blocks import decide_to_wait
from reminders.services.credit_reviews import finish_check_in
from reminders.services.explaining import explain_client
from reminders.services.tasks import assign_tasks, close_task

from ..dunning_access import task_for_staff
from ..forms.tasks import CheckInForm, CloseTaskForm, WaitForm
from ..listing import BulkAction, Column, Filter, ListPage
from ..said import done
from .placements import place_choices

# Broken promises first: nothing loses its effect faster.
URGENCY = (TaskKind.BROKEN_PROMISE, TaskKind.OUTCOME_UNKNOWN, TaskKind.FIND_PAYMENT, TaskKind.DECIDE)
HELP = {
    TaskKind.DECIDE: "A person decides what comes next. Choose below; what you choose closes this task.",
    TaskKind.HARDSHIP_REVIEW: "Talk with the client before the block ends: extend it on his page, agree a plan, or let "
    "it end. Say here what was decided.",
    TaskKind.PLAN_REQUEST: "The client asks for instalments. Agree a plan on his page, or say here why not.",
    TaskKind.ALLOCATE: "Money on account covers open items. Allocate it on the receipt's page, then close this.",
    TaskKind.FIND_CONTACT: "Mail or calls do not get through. Add a working address or number to the client's "
    "contacts, then close this.",
    TaskKind.FIND_PAYMENT: "The client says it is paid. Look in the bank and among the receipts. Found: enter or "
    "allocate it. Not found: ask for proof, then close this.",
    TaskKind.BROKEN_PROMISE: "The date and its grace have passed without the money. Ring and ask what happened. "
    "The next level goes out by itself.",
    TaskKind.CREDIT_REVIEW: "Open the client's credit page: is the limit still right? Set it there, with the reason "
    "and the next date, even if it stays as it is. Then close this.",
    TaskKind.CHECK_IN: "Ring, without asking for money. Write down what they say, and when to ring next.",
    TaskKind.OUTCOME_UNKNOWN: "Open the notice and say whether it left.",
}


def task_url(task: Task) -> str:
    return reverse("dashboard:task", args=[task.pk])


def owner(task: Task) -> str:
    return task.assigned_to.full_name if task.assigned_to else ""


def of_client(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text)) | Q(text__icontains=text)


def take_ticked(request: HttpRequest, rows: list[Task]) -> str:
    taken = assign_tasks([row.pk for row in rows], request.user, actor=request.user)
    return f"{taken} task{' is' if taken == 1 else 's are'} yours."


def give_back_ticked(request: HttpRequest, rows: list[Task]) -> str:
    given = assign_tasks([row.pk for row in rows], None, actor=request.user)
    return f"{given} task{'' if given == 1 else 's'} given back to everybody."


def of_owner(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(assigned_to=None if value == "nobody" else value)


def owner_choices() -> list[tuple[Any, str]]:
    people = User.objects.filter(is_active=True).order_by("first_name", "username")
    return [("nobody", "Nobody"), *((user.pk, user.full_name) for user in people)]


class TaskList(ListPage):
    title = "Worklist"
    subtitle = "What a person has to do, beside calls and approvals."
    order = "urgency"
    columns = [
        Column("client__name", "Client", link=task_url),
        Column("kind", "Task", css="nowrap"),
        Column("text", "About", css="small why"),
        Column("due_on", "Due", "date", sort=True),
        Column(owner, "Owner"),
        Column("status", "Status", "badge"),
        Column("outcome", "Outcome", css="small why"),
    ]
    filters = [
        Filter("status", "Status", "status", TaskStatus.choices, default="open"),
        Filter("kind", "Kind", "kind", TaskKind.choices),
        Filter("owner", "Owner", of_owner, owner_choices),
    ]
    search = of_client
    search_hint = "Client or words"
    actions = [
        BulkAction("take", "Take", take_ticked, icon="hand", key="t"),
        BulkAction("give_back", "Give back", give_back_ticked, icon="undo-2"),
    ]
    template_name = "dashboard/notices/list.html"
    empty_title = "Nothing to do"
    empty_text = "Broken promises, money to find and decisions to take appear here."

    def rows(self) -> QuerySet:
        ranks = [When(kind=kind, then=Value(rank)) for rank, kind in enumerate(URGENCY)]
        urgency = Case(*ranks, default=Value(len(URGENCY)), output_field=IntegerField())
        return Task.objects.select_related("client", "assigned_to").annotate(urgency=urgency)


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    task = task_for_staff(pk)
    return render(request, "dashboard/tasks/page.html", task_context(task, form_of(task)()))


def form_of(task: Task) -> type[CloseTaskForm]:
    return CheckInForm if task.kind == TaskKind.CHECK_IN else CloseTaskForm


def task_context(task: Task, form: CloseTaskForm) -> dict[str, Any]:
    explanation = explain_client(task.client_id, localdate())
    context = {"task": task, "client": task.client, "form": form, "explanation": explanation}
    if task.kind == TaskKind.DECIDE and task.status == TaskStatus.OPEN:
        context |= {"choices": decisions(task), "wait_form": WaitForm()}
    return {**context, "help_text": HELP.get(TaskKind(task.kind), "")}


def decisions(task: Task) -> list[tuple[str, str, str, str]]:
    """(words, what follows, address, capability) of every way on; each leads to its form."""
    client = task.client
    oldest = open_items_of(client.pk).first()
    plan, settlement = (reverse(f"dashboard:{name}", args=[client.pk]) for name in ("plan_new", "settlement_new"))
    ways = [(words, "on the evidence of a final notice", url, "approve") for words, url in place_choices(client)]
    ways.append(("Payment plan", "in instalments; its items are silent while it is kept", plan, "work"))
    ways.append(("Settlement", "a smaller sum by a day, in full discharge", settlement, "work"))
    if oldest is not None:
        loss = reverse("dashboard:write_off_new", args=[oldest.pk])
        ways.append(("Write-off", f"of {oldest}, the oldest; the claim may live on", loss, "work"))
    return ways


@needs("work")
def wait(request: HttpRequest, pk: int) -> HttpResponse:
    """Decided to wait: silent until a day, then it comes up again."""
    task = task_for_staff(pk)
    if request.method != "POST":
        return redirect("dashboard:task", pk)
    form = WaitForm(request.POST)
    if form.is_valid():
        try:
            decide_to_wait(pk, actor=request.user, **form.cleaned_data)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(
                request, f"{task.client}: silent until {day(form.cleaned_data['until'])}.", "dashboard:worklist"
            )
    context = {**task_context(task, form_of(task)()), "wait_form": form}
    return render(request, "dashboard/tasks/page.html", context, status=422)


@needs("work")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    task = task_for_staff(pk)
    if request.method != "POST":
        return redirect("dashboard:task", pk)
    form = form_of(task)(request.POST)
    if form.is_valid():
        try:
            if task.kind == TaskKind.CHECK_IN:
                finish_check_in(pk, actor=request.user, **form.cleaned_data)
            else:
                close_task(pk, actor=request.user, **form.cleaned_data)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, f"{task.get_kind_display()} for {task.client}: done.", "dashboard:worklist")
    return render(request, "dashboard/tasks/page.html", task_context(task, form), status=422)


urls = [
    path("worklist/", TaskList.as_view(), name="worklist"),
    path("worklist/<int:pk>/", page, name="task"),
    path("worklist/<int:pk>/close/", close, name="task_close"),
    path("worklist/<int:pk>/wait/", wait, name="task_wait"),
]
