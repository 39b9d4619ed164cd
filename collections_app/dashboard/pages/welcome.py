"""The welcome letter of a client: seen first, then mailed once or downloaded."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.services.welcome import preview_welcome, send_welcome, welcome_of, welcome_pdf

from ..access import client_for_staff
from ..said import done, refused


@needs("work")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    context = {"client": client, "sent": welcome_of(pk), "answer": preview_welcome(client)}
    return render(request, "dashboard/client/welcome.html", context)


@needs("work")
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    try:
        to = send_welcome(client.pk, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:welcome", pk)
    return done(request, f"The welcome letter leaves within a minute, to {to}.", "dashboard:client", pk)


@needs("work")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    answer = HttpResponse(welcome_pdf(client), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="welcome-{slugify(client.code)}.pdf"'
    return answer


urls = [
    path("clients/<int:pk>/welcome/", page, name="welcome"),
    path("clients/<int:pk>/welcome/send/", send, name="welcome_send"),
    path("clients/<int:pk>/welcome/pdf/", pdf, name="welcome_pdf"),
]
