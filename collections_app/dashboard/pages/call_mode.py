"""Call mode: one client on the whole screen, one key per outcome, and on to the next."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.errors import LedgerError
from reminders.errors import DunningError, NotWaiting
from reminders.models import CallOutcome, CallTask, TaskStatus
from reminders.queries.calls import call_facts, calls_due, last_call_of, next_call
from reminders.queries.permission import may_contact
from reminders.queries.timeline import timeline
from reminders.rules.outcomes import COUNTS_AS
from reminders.services.call_effects import UNDO_TIME
from reminders.services.call_undo import undo_call
from reminders.services.calls import record_call

from ..dunning_access import call_for_staff, outcome_for_staff
from ..forms.calls import OUTCOMES, CallForm
from ..said import done, refused, with_undo
from .client_timeline import shown

RECENT = 6
MOST_SKIPPED = 100


def skipped_in(request: HttpRequest) -> list[int]:
    """The calls passed over in this round; they stand in the address, so that nothing is stored by looking."""
    raw = request.GET.get("skip", "").split(",")[:MOST_SKIPPED]
    return [int(part) for part in raw if part.isascii() and part.isdecimal() and len(part) < 19]


def with_skips(url: str, skipped: list[int]) -> str:
    return f"{url}?{urlencode({'skip': ','.join(map(str, skipped))})}" if skipped else url


@needs("work")
def following(request: HttpRequest) -> HttpResponse:
    """To the next call of this collector."""
    skipped = skipped_in(request)
    task = next_call(request.user.pk, localdate(), now(), skipped)
    if task is None:
        text = "No more calls in this round; those you passed over are still here." if skipped else "No calls are due."
        messages.info(request, text)
        return redirect("dashboard:calls")
    return redirect(with_skips(reverse("dashboard:call", args=[task.pk]), skipped))


@needs("work")
def call(request: HttpRequest, pk: int) -> HttpResponse:
    task = call_for_staff(pk)
    skipped = skipped_in(request)
    if task.status != TaskStatus.OPEN:
        messages.info(request, f"The call to {task.client} is {task.get_status_display().lower()}.")
        return redirect(with_skips(reverse("dashboard:call_next"), skipped))
    facts = call_facts(task.client, localdate(), now())
    form = CallForm(facts, task.attempts, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = record_call(pk, form.result, actor=request.user)
        except NotWaiting as error:
            messages.warning(request, str(error))
            return redirect(with_skips(reverse("dashboard:call", args=[pk]), skipped))
        except (DunningError, LedgerError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, with_undo(said(outcome), reverse("dashboard:call_undo", args=[outcome.pk])))
            # A call that stays due today (an agreed hour) is not offered again at once.
            return redirect(with_skips(reverse("dashboard:call_next"), [*skipped, pk]))
    window = may_contact(task.client, "call", now())
    context = {
        **call_context(task, skipped, request.user.pk),
        "facts": facts,
        "form": form,
        "window": window,
        **choices(form),
    }
    return render(request, "dashboard/calls/mode.html", context, status=422 if form.is_bound else 200)


def said(outcome: CallOutcome) -> str:
    words = f"{outcome.client}: {outcome.get_outcome_display().lower()}. Saved."
    return f"{words} Nobody was reached: a mail with the link goes out." if is_mail_instead(outcome) else words


def is_mail_instead(outcome: CallOutcome) -> bool:
    return COUNTS_AS.get(outcome.outcome) == "attempt" and bool(outcome.did.get("mails"))


@needs("work")
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the call, as it was before its outcome."""
    outcome = outcome_for_staff(pk)
    try:
        undo_call(pk, actor=request.user)
    except (DunningError, LedgerError) as error:
        return refused(request, error, "dashboard:client", outcome.client_id)
    text = f"{outcome.client}: {outcome.get_outcome_display().lower()} is taken back. The call is open again."
    return done(request, text, "dashboard:call", outcome.task_id)


def call_context(task: CallTask, skipped: list[int], user_id: int) -> dict[str, Any]:
    client, today = task.client, localdate()
    recent = [shown(one) for one in timeline(client.pk, limit=RECENT)]
    return {
        "task": task,
        "client": client,
        "recent": recent,
        "last": last_call_of(user_id, now() - UNDO_TIME),
        "left": calls_due(today, now()).count(),
        "skip_url": with_skips(reverse("dashboard:call_next"), [*skipped, task.pk]),
    }


def choices(form: CallForm) -> dict[str, Any]:
    """The outcomes as buttons, and which items are ticked."""
    chosen = form["outcome"].value()
    ticked = {str(pk) for pk in form["items"].value() or ()}
    return {
        "outcomes": [
            {"key": key, "value": outcome.value, "label": outcome.label, "hint": hint, "is_on": outcome == chosen}
            for key, outcome, hint in OUTCOMES
        ],
        "ticked": ticked,
    }


urls = [
    path("calls/next/", following, name="call_next"),
    path("calls/<int:pk>/", call, name="call"),
    path("calls/outcomes/<int:pk>/undo/", undo, name="call_undo"),
]
