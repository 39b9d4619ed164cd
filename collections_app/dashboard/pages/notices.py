"""Notices: the list of all, and the approval queue."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.timezone import localdate

from collections_app.formats import money
from invoices.queries.clients import client_ids_matching
from invoices.queries.decisions import decisions_waiting
from reminders.errors import DunningError
from reminders.models import Channel, DunningLevel, Notice, OutgoingStatus
from reminders.queries.notices import amounts_of, notices_with_lines, reasons_of, recipient_of
from reminders.queries.queues import troubled, waiting_counts
from reminders.services.approvals import approve_many

from ..listing import BulkAction, Column, Filter, ListPage


def notice_url(notice: Notice) -> str:
    return reverse("dashboard:notice", args=[notice.pk])


def client_url(notice: Notice) -> str:
    return reverse("dashboard:client", args=[notice.client_id])


def amounts(notice: Notice) -> str:
    """What it is about, each currency for itself."""
    return ", ".join(money(amount, code) for code, amount in amounts_of(notice.lines.all()).items())


def main_reason(notice: Notice) -> str:
    numbers = {line.invoice_id: str(line.invoice) for line in notice.lines.all()}
    more = len(notice.lines.all()) - 1
    first = next(iter(reasons_of(notice, numbers)), "")
    return f"{first} And {more} more." if more > 0 else first


def of_client(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text))


def of_status(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(troubled(localdate())) if value == "trouble" else rows.filter(status=value)


def level_choices() -> list[tuple[Any, str]]:
    """Levels of all procedures; the procedure is named where there are several."""
    levels = list(DunningLevel.objects.select_related("procedure").order_by("procedure__name", "position"))
    is_one = len({level.procedure_id for level in levels}) == 1
    return [(level.pk, level.name if is_one else f"{level.procedure}: {level.name}") for level in levels]


class NoticeList(ListPage):
    title = "Notices"
    queryset = Notice.objects.select_related("client", "level").all
    order = "-pk"
    columns = [
        Column("client__name", "Client", link=notice_url),
        Column("level__name", "Level", css="nowrap"),
        Column("channel", "Channel", css="nowrap"),
        Column("status", "Status", "badge"),
        Column("recipient", "Recipient"),
        Column("proposed_on", "Proposed", "date"),
        Column("sent_at", "Sent", "moment"),
        Column("error", "Remark", css="small why"),
    ]
    filters = [
        Filter("status", "Status", of_status, [("trouble", "Failed or unknown"), *OutgoingStatus.choices]),
        Filter("channel", "Channel", "channel", Channel.choices),
        Filter("level", "Level", "level", level_choices),
        Filter("from", "Sent from", "sent_on__gte", kind="date"),
    ]
    tabs = [("All", ""), ("Failed or unknown", "status=trouble"), ("Ready to send", "status=approved")]
    search = of_client
    search_hint = "Client"
    template_name = "dashboard/notices/list.html"
    empty_title = "No notices yet"
    empty_text = "The daily run proposes them once something falls due."

    def extra(self) -> dict[str, Any]:
        trouble = Notice.objects.select_related("client", "level").filter(troubled(localdate()))
        is_shown = not self.request.GET.get("status")
        return {"trouble": list(trouble.order_by("-status", "-pk")[:5]) if is_shown else []}


def approve_ticked(request: HttpRequest, rows: list[Notice]) -> str:
    done, refused = approve_many([row.pk for row in rows], actor=request.user)
    if not done:
        raise DunningError(" ".join(refused))
    text = f"{done} notice{'' if done == 1 else 's'} approved. Each is read again before it leaves."
    return f"{text} Not approved: {' '.join(refused)}" if refused else text


# Queue -> the page of one of its rows, and the list of those that wait.
PAGES = {
    "plans": "plan",
    "settlements": "settlement",
    "discounts": "discount",
    "write_offs": "write_off",
    "refunds": "refund",
}
DECISION_LISTS = (
    ("plans", "Payment plans"),
    ("settlements", "Settlements"),
    ("discounts", "Discounts"),
    ("write_offs", "Write-offs"),
    ("refunds", "Refunds"),
)


class ApprovalList(ListPage):
    title = "Approvals"
    subtitle = "What needs a person's yes. Open one to see its words, figures and files."
    order = "pk"
    columns = [
        Column("client__name", "Client", link=notice_url),
        Column("level__name", "Level", css="nowrap"),
        Column("channel", "Channel"),
        Column(recipient_of, "Recipient"),
        Column(amounts, "Amount", css="num"),
        Column(main_reason, "Why", css="small why"),
        Column("proposed_on", "Proposed", "date", sort=True),
        Column("send_before", "Leaves by", "date", sort=True),
    ]
    filters = [
        Filter("channel", "Channel", "channel", Channel.choices),
        Filter("level", "Level", "level", level_choices),
    ]
    search = of_client
    search_hint = "Client"
    actions = [BulkAction("approve", "Approve", approve_ticked, "approve", "check", "primary", "a")]
    errors = (DunningError,)
    template_name = "dashboard/notices/approvals.html"
    empty_title = "No notice waits for approval"
    empty_text = "Letters and other notices that need a person's yes appear here."

    def rows(self) -> QuerySet:
        return notices_with_lines().filter(status=OutgoingStatus.PROPOSED)

    def extra(self) -> dict[str, Any]:
        counts = waiting_counts(localdate())  # which the navigation would read anyway
        asked = decisions_waiting({kind for kind in PAGES if counts[kind]})
        rows = [(one, reverse(f"dashboard:{PAGES[one.kind]}", args=[one.pk])) for one in asked]
        return {"decisions": rows, "lists": DECISION_LISTS, "nav_counts": counts}


urls = [
    path("notices/", NoticeList.as_view(), name="notices"),
    path("approvals/", ApprovalList.as_view(), name="approvals"),
]
