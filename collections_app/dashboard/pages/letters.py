"""Letters: check and print a batch, say what was posted, look up what went before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import Channel, Notice, OutgoingStatus
from reminders.services.approvals import drop_stale_letters, letters_to_print, mark_posted, print_batch

from ..listing import BulkAction, Column, ListPage
from .notices import client_url, notice_url, of_client


def post_ticked(request: HttpRequest, rows: list[Notice]) -> str:
    posted = mark_posted([row.pk for row in rows], actor=request.user)
    return f"{posted} letter{'' if posted == 1 else 's'} recorded as posted; their levels count from today."


class LetterList(ListPage):
    title = "Letters"
    order = "pk"
    columns = [
        Column("client__name", "Client", link=client_url),
        Column("level__name", "Letter", link=notice_url),
        Column("deadline_on", "Pay by", "date"),
        Column("claimed_at", "Made", "moment"),
        Column("sent_on", "Posted", "date"),
        Column("status", "Status", "badge"),
    ]
    tabs = [("To print", ""), ("Posted", "state=posted")]
    search = of_client
    search_hint = "Client"
    actions = [BulkAction("posted", "Mark as posted", post_ticked, "work", "mail-check", "primary", "p")]
    errors = (DunningError,)
    template_name = "dashboard/letters/list.html"
    empty_title = "No letter to print"
    empty_text = "Approved letters are made by the next sending tick, within a minute, and wait here for the post."

    @property
    def is_posted(self) -> bool:
        return self.request.GET.get("state") == "posted"

    def rows(self) -> QuerySet:
        status = OutgoingStatus.SENT if self.is_posted else OutgoingStatus.PRINTING
        return Notice.objects.select_related("client", "level").filter(channel=Channel.LETTER, status=status)

    def permitted(self, things: Any) -> list[Any]:
        return [] if self.is_posted and things is self.actions else super().permitted(things)

    def extra(self) -> dict[str, Any]:
        is_ready = not self.is_posted and Notice.objects.filter(status=OutgoingStatus.PRINTING).exists()
        return {"can_print": is_ready}


@needs("work")
@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    """Take out what was settled meanwhile; then the batch is right to print."""
    dropped = drop_stale_letters(localdate())
    left = letters_to_print().count()
    if dropped:
        text = f"{dropped} letter{' was' if dropped == 1 else 's were'} taken out: nothing may be asked for any more."
        messages.warning(request, text)
    messages.success(request, f"{left} letter{'' if left == 1 else 's'} checked and ready to print.")
    return redirect(f"{reverse('dashboard:letters')}?checked=1")


@needs("work")
def batch(request: HttpRequest) -> HttpResponse:
    """Every letter to print as one PDF under a cover list. Changes nothing: posting is recorded by hand."""
    letters = list(letters_to_print())
    if not letters:
        messages.warning(request, "There is no letter to print.")
        return redirect("dashboard:letters")
    on = localdate()
    headers = {"Content-Disposition": f'attachment; filename="letters-{on.isoformat()}.pdf"'}
    return HttpResponse(print_batch(letters, on=on), content_type="application/pdf", headers=headers)


urls = [
    path("letters/", LetterList.as_view(), name="letters"),
    path("letters/prepare/", prepare, name="letters_prepare"),
    path("letters/batch.pdf", batch, name="letters_batch"),
]
