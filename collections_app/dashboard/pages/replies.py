"""The reply inbox: what people wrote back, beside the client it is about."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate

from collections_app.permissions import needs
from invoices.queries.clients import client_ids_matching
from reminders.errors import DunningError
from reminders.models import Inbound, InboundKind, InboundStatus
from reminders.queries.inbound import thread, to_answer
from reminders.services.explaining import explain_client
from reminders.services.replies import answer_reply, close_reply, give_to_client

from ..dunning_access import inbound_for_staff
from ..forms.replies import AnswerForm, CloseReplyForm, GiveForm, empty_forms
from ..listing import Column, Filter, ListPage
from ..said import done


def reply_url(row: Inbound) -> str:
    return reverse("dashboard:reply", args=[row.pk])


def who(row: Inbound) -> str:
    return row.sender_name or row.sender or "Unknown sender"


def client_name(row: Inbound) -> str:
    return row.client.name if row.client else "Nobody knows yet"


def beginning(row: Inbound) -> str:
    return " ".join(row.text.split())[:160]


def of_client(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text)) | Q(sender__icontains=text) | Q(subject__icontains=text)


def known_or_not(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(client__isnull=value == "no")


class ReplyList(ListPage):
    title = "Replies"
    subtitle = (
        "What clients wrote back. A reply holds automatic steps for five business days, or until it is dealt with."
    )
    queryset = Inbound.objects.select_related("client", "assigned_to").all
    order = "-received_at"
    columns = [
        Column(who, "From", link=reply_url),
        Column(client_name, "Client"),
        Column("subject", "Subject"),
        Column(beginning, "Text", css="small why"),
        Column("kind", "Kind"),
        Column("received_at", "Received", "moment", sort=True),
        Column("status", "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", "status", InboundStatus.choices, default="open"),
        Filter("kind", "Kind", "kind", InboundKind.choices),
        Filter("known", "Client known", known_or_not, [("yes", "Yes"), ("no", "Not yet")]),
    ]
    search = of_client
    search_hint = "Client, sender or subject"
    empty_title = "Nothing to answer"
    empty_text = "Answers to our mails appear here once a mailbox is set up (IMAP_URL)."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, inbound_for_staff(pk))


def _page(request: HttpRequest, row: Inbound, status: int = 200, **bound: forms.Form) -> HttpResponse:
    context: dict[str, Any] = {
        "row": row,
        "client": row.client,
        "thread": thread(row),
        "next": to_answer().filter(pk__gt=row.pk).first(),
        "explanation": explain_client(row.client_id, localdate()) if row.client_id else None,
        **empty_forms(),
        **bound,
    }
    return render(request, "dashboard/replies/page.html", context, status=status)


@needs("work")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    row = inbound_for_staff(pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            mail = answer_reply(pk, form.cleaned_data["text"], actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, f"Your answer goes to {mail.recipient} within a minute.", "dashboard:replies")
    return _bad(request, row, answer_form=form)


@needs("work")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    row = inbound_for_staff(pk)
    form = CloseReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            close_reply(pk, outcome=form.cleaned_data["outcome"], actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, "Done. Automatic steps go on.", "dashboard:replies")
    return _bad(request, row, close_form=form)


@needs("work")
def give(request: HttpRequest, pk: int) -> HttpResponse:
    row = inbound_for_staff(pk)
    form = GiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            give_to_client(pk, form.cleaned_data["client"], actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, f"This mail belongs to {form.cleaned_data['client']} now.", "dashboard:reply", pk)
    return _bad(request, row, give_form=form)


def _bad(request: HttpRequest, row: Inbound, **bound: forms.Form) -> HttpResponse:
    """A GET of an address that only takes POST leads back to the page."""
    if request.method != "POST":
        return redirect("dashboard:reply", row.pk)
    return _page(request, row, 422, **bound)


@needs("view")
def raw(request: HttpRequest, pk: int) -> FileResponse:
    """The mail as it came, for a mail program: never shown by us, since it may hold anything."""
    row = inbound_for_staff(pk)
    if not row.raw:
        raise Http404("This mail was not kept as it came.")
    return FileResponse(row.raw.open("rb"), as_attachment=True, filename=f"mail-{row.pk}.eml")


urls = [
    path("replies/", ReplyList.as_view(), name="replies"),
    path("replies/<int:pk>/", page, name="reply"),
    path("replies/<int:pk>/answer/", answer, name="reply_answer"),
    path("replies/<int:pk>/close/", close, name="reply_close"),
    path("replies/<int:pk>/client/", give, name="reply_give"),
    path("replies/<int:pk>/mail/", raw, name="reply_mail"),
]
