"""One notice: what it would say now, or said when it left; why; and what a person can do about it."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import Channel, Notice, OutgoingStatus
from reminders.queries.notices import amounts_of, history_of, next_proposed, reasons_of
from reminders.services import approvals, parts, recovery
from reminders.services.previewing import WAITING, Preview, preview, preview_file, preview_letter

from ..dunning_access import attachment_for_staff, notice_for_staff, part_for_staff
from ..forms.notices import ReasonForm
from ..said import done, refused

# Mail carries its styles inline, letters take ours; the frame that shows them may run nothing and load nothing else.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": ["data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
}
LETTER_SHEETS = ("documents/print.css", "css/letter.css")


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "dashboard/notices/page.html", notice_context(notice_for_staff(pk)))


def notice_context(notice: Notice, cancel_form: ReasonForm | None = None) -> dict[str, Any]:
    is_waiting = notice.status in WAITING
    today = localdate()
    found = preview(notice, today) if is_waiting else Preview(today)
    lines = list(notice.lines.select_related("invoice").order_by("invoice__due_on", "pk"))
    numbers = {line.invoice_id: str(line.invoice) for line in lines}
    is_letter = notice.channel == Channel.LETTER
    return {
        "notice": notice,
        "client": notice.client,
        "is_waiting": is_waiting,
        "preview": found,
        "is_later": found.leaves_on > today,
        "recipient": found.recipient or notice.recipient,
        "amounts": (found.amounts if found.words else amounts_of(lines)).items(),
        "subject": found.words.subject if found.words else notice.subject,
        "text": found.words.text if found.words else notice.body_text,
        "has_frame": bool(found.words) or bool(notice.body_html),
        "is_letter": is_letter,
        "lines": lines,
        "files": list(enumerate(found.files)),
        "attachments": notice.attachments.order_by("pk"),
        "parts": [] if is_waiting else notice.parts.order_by("pk"),
        "deliveries": [] if is_waiting else notice.deliveries.order_by("at", "pk")[:20],
        "reasons": reasons_of(notice, numbers),
        "history": history_of(notice),
        "is_cancellable": notice.status in approvals.CANCELLABLE,
        "cancel_form": cancel_form or ReasonForm(),
    }


@needs("view")
@xframe_options_sameorigin
@csp(MAIL_POLICY)
def as_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail or letter as its reader sees it, for a sandboxed frame."""
    notice = notice_for_staff(pk)
    if notice.status not in WAITING:
        return HttpResponse(notice.body_html or "")
    if notice.channel == Channel.LETTER:
        sheets = "".join(f'<link rel="stylesheet" href="{static(name)}">' for name in LETTER_SHEETS)
        return HttpResponse(preview_letter(notice, localdate()).replace("</head>", sheets + "</head>", 1))
    words = preview(notice, localdate()).words
    return HttpResponse(words.html if words else "")


@needs("view")
def file_now(request: HttpRequest, pk: int, index: int) -> HttpResponse:
    """A file as it would be made and sent now."""
    notice = notice_for_staff(pk)
    found = preview_file(notice, localdate(), index) if notice.status in WAITING else None
    if found is None:
        raise Http404("There is no such file.")
    return HttpResponse(
        found.content,
        content_type=found.content_type,
        headers={"Content-Disposition": f'inline; filename="{found.name}"'},
    )


@needs("view")
def attachment(request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """A file as it left, byte for byte."""
    kept = attachment_for_staff(pk, file_pk)
    return FileResponse(kept.file.open("rb"), as_attachment=True, filename=kept.name, content_type=kept.content_type)


@needs("approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    notice = notice_for_staff(pk)
    try:
        approvals.approve(pk, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:notice", pk)
    messages.success(request, f"{notice.level.name} to {notice.client} approved.")
    return to_next(pk)


def to_next(pk: int) -> HttpResponse:
    """On to the next one that waits; back to the empty queue after the last."""
    following = next_proposed(pk)
    return redirect("dashboard:notice", following) if following else redirect("dashboard:approvals")


@needs("approve")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    notice = notice_for_staff(pk)
    if request.method != "POST":
        return redirect("dashboard:notice", pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        was_proposed = notice.status == OutgoingStatus.PROPOSED
        try:
            approvals.cancel_notice(pk, reason=form.cleaned_data["reason"], actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, f"{notice.level.name} to {notice.client} cancelled; the client is planned afresh."
            )
            return to_next(pk) if was_proposed else redirect("dashboard:notice", pk)
    return render(request, "dashboard/notices/page.html", notice_context(notice, form), status=422)


@needs("work")
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A person says whether a notice in doubt left."""
    notice_for_staff(pk)
    was_sent = request.POST.get("was_sent") == "yes"
    try:
        recovery.settle_unknown(pk, was_sent=was_sent, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:notice", pk)
    text = "Recorded as sent." if was_sent else "Recorded as not sent. Its level is proposed again by the next run."
    return done(request, text, "dashboard:notice", pk)


@needs("work")
@require_POST
def settle_one(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """A person says whether a text or second mail in doubt left."""
    part = part_for_staff(pk, part_pk)
    was_sent = request.POST.get("was_sent") == "yes"
    try:
        parts.settle_part(part.pk, was_sent=was_sent, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:notice", pk)
    text = "Recorded as sent." if was_sent else "Recorded as not sent. It is not repeated: the notice itself has left."
    return done(request, text, "dashboard:notice", pk)


urls = [
    path("notices/<int:pk>/", page, name="notice"),
    path("notices/<int:pk>/parts/<int:part_pk>/settle/", settle_one, name="notice_part_settle"),
    path("notices/<int:pk>/html/", as_html, name="notice_html"),
    path("notices/<int:pk>/now/<int:index>/", file_now, name="notice_file_now"),
    path("notices/<int:pk>/files/<int:file_pk>/", attachment, name="notice_attachment"),
    path("notices/<int:pk>/approve/", approve, name="notice_approve"),
    path("notices/<int:pk>/cancel/", cancel, name="notice_cancel"),
    path("notices/<int:pk>/settle/", settle, name="notice_settle"),
]
