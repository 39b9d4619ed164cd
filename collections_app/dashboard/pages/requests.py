"""What clients asked in the portal: a queue, and one request with its answer; a change of contacts as a diff."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import ClientRequest, RequestKind, RequestStatus
from invoices.queries.told import all_requests, requests_matching
from reminders.errors import DunningError, NotWaiting
from reminders.services.contact_requests import differences
from reminders.services.requests import answer_request

from ..forms.requests import AnswerRequestForm
from ..listing import Column, Filter, ListPage
from ..portal_access import request_for_staff
from ..said import done, refused


def request_url(row: ClientRequest) -> str:
    return reverse("dashboard:request", args=[row.pk])


def client_url(row: ClientRequest) -> str:
    return reverse("dashboard:client", args=[row.client_id])


def asked_by(row: ClientRequest) -> str:
    return str(row.contact) if row.contact else ""


def beginning(row: ClientRequest) -> str:
    return " ".join(str(row.data.get("summary") or row.text).split())[:160]


class RequestList(ListPage):
    title = "Requests"
    subtitle = "What clients asked in the portal. Questions and plans hold automatic steps for five business days."
    queryset = all_requests
    order = "-pk"
    columns = [
        Column("kind", "Request", link=request_url),
        Column("client__name", "Client", link=client_url),
        Column(beginning, "Text", css="small why"),
        Column(asked_by, "From"),
        Column("asked_at", "Asked", "moment"),
        Column("status", "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", "status", RequestStatus.choices, default="open"),
        Filter("kind", "Kind", "kind", RequestKind.choices),
    ]
    search = requests_matching
    search_hint = "Client"
    empty_title = "Nothing waits"
    empty_text = "Questions, plans outside the rules and changes of contacts from the portal appear here."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, request_for_staff(pk), AnswerRequestForm())


def _page(request: HttpRequest, row: ClientRequest, form: AnswerRequestForm, status: int = 200) -> HttpResponse:
    context = {"row": row, "client": row.client, "form": form, "differences": differences(row)}
    return render(request, "dashboard/requests/page.html", context, status=status)


@needs("work")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Done or refused, with words for the client; accepting a change of contacts makes it."""
    row = request_for_staff(pk)
    if request.method != "POST":
        return redirect(request_url(row))
    form = AnswerRequestForm(request.POST)
    if form.is_valid():
        is_refused = request.POST.get("verdict") == "refuse"
        try:
            answer_request(pk, form.cleaned_data["text"], actor=request.user, is_refused=is_refused)
        except NotWaiting as error:
            return refused(request, error, "dashboard:request", pk)
        except (DunningError, LedgerError) as error:
            form.add_error(None, str(error))
        else:
            return done(request, "The client gets your answer by mail within a minute.", "dashboard:requests")
    return _page(request, row, form, 422)


urls = [
    path("requests/", RequestList.as_view(), name="requests"),
    path("requests/<int:pk>/", page, name="request"),
    path("requests/<int:pk>/answer/", answer, name="request_answer"),
]
