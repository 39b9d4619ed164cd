"""What made it hard to pay in time, in clients' words: counted by reason, and one by one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path, reverse

from invoices.models import Feedback, FeedbackReason
from invoices.queries.feedback import counts_by_reason, feedback_matching

from ..listing import Column, Filter, ListPage


def client_url(row: Feedback) -> str:
    return reverse("dashboard:client", args=[row.client_id])


def listed() -> QuerySet[Feedback]:
    return Feedback.objects.select_related("client", "contact")


def given_by(row: Feedback) -> str:
    return str(row.contact) if row.contact else ""


class FeedbackList(ListPage):
    title = "Feedback"
    subtitle = "“What made it hard to pay in time?”, asked once after a dispute or a settlement."
    template_name = "dashboard/requests/feedback.html"
    queryset = listed
    order = "-pk"
    columns = [
        Column("reason", "Reason"),
        Column("client__name", "Client", link=client_url),
        Column("about", "About"),
        Column("text", "In their words", css="small why"),
        Column(given_by, "From"),
        Column("given_at", "Given", "moment"),
    ]
    filters = [Filter("reason", "Reason", "reason", FeedbackReason.choices)]
    search = feedback_matching
    search_hint = "Client"
    empty_title = "No feedback yet"
    empty_text = "Clients are asked in the portal once a dispute or a settlement has ended."

    def extra(self) -> dict[str, Any]:
        return {"reasons": counts_by_reason()}


urls = [path("feedback/", FeedbackList.as_view(), name="feedback")]
