"""The promises board: what is due, what is late, what was kept."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.timezone import localdate

from invoices.queries.clients import client_ids_matching
from reminders.errors import DunningError
from reminders.models import PromiseStatus, PromiseToPay
from reminders.services.promises import withdraw_promise

from ..forms.fields import CURRENCY_CHOICES
from ..listing import BulkAction, Column, Filter, ListPage

STATES = {
    "due": "Due today or late",
    "coming": "Coming",
    "kept": "Kept",
    "partly_kept": "Partly kept",
    "broken": "Broken",
    "gone": "Withdrawn or replaced",
}


def client_url(promise: PromiseToPay) -> str:
    return reverse("dashboard:client", args=[promise.client_id])


def of_state(rows: QuerySet, value: str) -> QuerySet:
    today, is_open = localdate(), Q(status=PromiseStatus.OPEN)
    conditions = {
        "due": is_open & Q(promised_on__lte=today),
        "coming": is_open & Q(promised_on__gt=today),
        "gone": Q(status__in=[PromiseStatus.WITHDRAWN, PromiseStatus.REPLACED]),
    }
    return rows.filter(conditions.get(value, Q(status=value)))


def state(promise: PromiseToPay) -> str:
    """An open promise by its date: today, in grace, or coming."""
    if promise.status != PromiseStatus.OPEN:
        return promise.get_status_display()
    today = localdate()
    if promise.promised_on > today:
        return "Open"
    return "Due today" if promise.promised_on == today else "Late"


def taken_by(promise: PromiseToPay) -> str:
    who = promise.taken_by.full_name if promise.taken_by else ""
    return ", ".join(part for part in (promise.how, who) if part)


def withdraw_ticked(request: HttpRequest, rows: list[PromiseToPay]) -> str:
    for row in rows:
        withdraw_promise(row.pk, actor=request.user)
    return f"{len(rows)} promise{'' if len(rows) == 1 else 's'} withdrawn; the items are dunned again."


def of_client(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text))


class PromiseList(ListPage):
    title = "Promises"
    queryset = PromiseToPay.objects.select_related("client", "taken_by").all
    order = "promised_on"
    columns = [
        Column("client__name", "Client", link=client_url),
        Column("amount", "Promised", "money", sort=True),
        Column("promised_on", "By", "date", sort=True),
        Column("grace_until", "Silence until", "date"),
        Column("kept_amount", "Paid", "money"),
        Column(state, "Status", "badge"),
        Column("made_on", "Made", "date", sort=True),
        Column("made_by", "Who promised", css="nowrap"),
        Column(taken_by, "Taken by", css="nowrap small"),
    ]
    filters = [
        Filter("state", "Status", of_state, list(STATES.items())),
        Filter("currency", "Currency", "currency", CURRENCY_CHOICES),
    ]
    tabs = [(label, f"state={name}") for name, label in STATES.items() if name != "gone"] + [("All", "")]
    search = of_client
    search_hint = "Client"
    actions = [
        BulkAction(
            "withdraw", "Withdraw", withdraw_ticked, icon="undo-2", kind="danger",
            confirm="Withdraw the ticked promises? Their items are dunned again.",
        )
    ]  # fmt: skip
    errors = (DunningError,)
    empty_title = "No promises"
    empty_text = "A promise is taken on a call, on the client's page, or given by the client in the portal."


urls = [path("promises/", PromiseList.as_view(), name="promises")]
