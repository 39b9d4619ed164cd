"""The timeline of a client: everything that happened, newest first, a page at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime

from collections_app.permissions import needs
from invoices.models import Client
from reminders.queries.timeline import KINDS, Happening, timeline

from ..access import client_for_staff

MOMENTS_SHOWN = 30


def moments(client: Client, request: HttpRequest) -> dict[str, Any]:
    """A page of the timeline with the address of the next."""
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in KINDS else ""
    before = moment_or_none(request.GET.get("before", ""))
    found = timeline(client.pk, kind=kind, before=before, limit=MOMENTS_SHOWN)
    base = reverse("dashboard:client_timeline", args=[client.pk])
    more = ""
    if len(found) == MOMENTS_SHOWN:
        more = f"{base}?{urlencode({'kind': kind, 'before': found[-1].at.isoformat()})}"
    kinds = [("", "All"), *KINDS.items()]
    return {
        "events": [shown(one) for one in found],
        "more_url": more,
        "kinds": [{"label": label, "url": f"{base}?kind={name}", "is_current": name == kind} for name, label in kinds],
    }


def moment_or_none(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


ICONS = {
    "notices": ("send", "info"),
    "calls": ("phone", "info"),
    "notes": ("sticky-note", "quiet"),
    "money": ("banknote", "ok"),
    "changes": ("pencil", "quiet"),
    "visits": ("eye", "quiet"),
}
LINKED = {
    "invoice": "dashboard:invoice",
    "receipt": "dashboard:receipt",
    "allocation": "dashboard:allocation",
    "creditnote": "dashboard:credit_note",
    "notice": "dashboard:notice",
    "paymentplan": "dashboard:plan",
    "settlement": "dashboard:settlement",
    "writeoff": "dashboard:write_off",
    "refund": "dashboard:refund",
    "charge": "dashboard:charge",
    "recurringinvoice": "dashboard:recurring",
}


def shown(one: Happening) -> dict[str, Any]:
    """A happening as the timeline component takes it."""
    icon, tone = ICONS[one.kind]
    url = reverse(LINKED[one.subject], args=[one.subject_id]) if one.subject in LINKED and one.subject_id else ""
    return {"icon": icon, "tone": tone, "title": one.title, "at": one.at, "who": one.who, "text": one.text, "url": url}


@needs("view")
def timeline_part(request: HttpRequest, pk: int) -> HttpResponse:
    """One kind of the timeline, or what lies further back: a part for htmx, a page of its own without."""
    client = client_for_staff(pk)
    context = {"client": client, **moments(client, request)}
    if request.htmx and request.GET.get("before"):
        return render(request, "dashboard/client/_timeline_more.html", context)
    template = "dashboard/client/_timeline.html" if request.htmx else "dashboard/client/timeline.html"
    return render(request, template, context)


urls = [path("clients/<int:pk>/timeline/", timeline_part, name="client_timeline")]
