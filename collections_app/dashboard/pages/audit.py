"""The audit list: who did what, when, and what it changed."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import path, reverse

from invoices.models import AuditEvent
from invoices.queries.clients import client_ids_matching
from reminders.queries.timeline import differences

from ..columns import Column, Filter
from ..listing import ListPage

SUBJECTS = (
    "client contact invoice receipt allocation notice promisetopay dispute dunningblock paymentterms organisation user"
).split()


def client_url(event: AuditEvent) -> str:
    return reverse("dashboard:client", args=[event.client_id]) if event.client_id else ""


def all_events() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.select_related("client", "actor")


def who(event: AuditEvent) -> str:
    return event.actor.full_name if event.actor else event.actor_label


def verb(event: AuditEvent) -> str:
    return event.verb.replace("_", " ").capitalize()


def of_client(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text))


class AuditList(ListPage):
    title = "Audit"
    subtitle = "Everything that was changed, by whom. Written with the change, never edited."
    queryset = all_events
    order = "-at"
    columns = [
        Column("at", "When", "moment", sort=True),
        Column(who, "Who"),
        Column(verb, "What"),
        Column("client__name", "Client", link=client_url),
        Column("text", "Text"),
        Column(differences, "Before → after", css="pre small"),
    ]
    filters = [
        Filter("subject", "About", "subject_type", [(name, name.capitalize()) for name in SUBJECTS]),
        Filter("from", "From", "at__date__gte", kind="date"),
        Filter("to", "To", "at__date__lte", kind="date"),
    ]
    search = of_client
    search_hint = "Client"
    empty_title = "Nothing was changed yet"


urls = [path("audit/", AuditList.as_view(), name="audit")]
