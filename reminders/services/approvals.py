"""What people do with notices that wait: approve, cancel, print, post."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import localdate, now
from pypdf import PdfReader, PdfWriter

from invoices.gateways.pdf import render_pdf
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import lock_client, wake

from ..composing import compose_cover
from ..errors import DunningError, NotWaiting
from ..models import Notice, OutgoingStatus
from .dispatch import ask_again, finish_sent
from .proposals import cancel, why

CANCELLABLE = (OutgoingStatus.PROPOSED, OutgoingStatus.APPROVED, OutgoingStatus.PRINTING)


@transaction.atomic
def approve(notice_id: int, *, actor: Actor, today: date | None = None) -> Notice:
    """Let a proposed notice go. It is read again before it leaves; this only opens the gate."""
    changed = Notice.objects.filter(pk=notice_id, status=OutgoingStatus.PROPOSED).update(
        status=OutgoingStatus.APPROVED, approved_by=user_or_none(actor), approved_at=now()
    )
    notice = Notice.objects.select_related("level").get(pk=notice_id)
    if not changed:
        raise NotWaiting(f"This notice is not waiting for approval: {notice.get_status_display().lower()}.")
    text = f"{notice.level.name} approved"
    record("notice_approved", notice, actor=actor, client_id=notice.client_id, text=text)
    return notice


def approve_many(notice_ids: Collection[int], *, actor: Actor) -> tuple[int, list[str]]:
    """Approve each; one that cannot be approved does not stop the others. Returns how many, and why not the rest."""
    done, refused = 0, []
    for notice_id in notice_ids:
        try:
            approve(notice_id, actor=actor)
            done += 1
        except DunningError as exc:
            refused.append(str(exc))
    return done, refused


@transaction.atomic
def cancel_notice(notice_id: int, *, reason: str, actor: Actor, today: date | None = None) -> Notice:
    """Take back a notice that has not left. The client is planned afresh tomorrow."""
    notice = Notice.objects.select_related("level").get(pk=notice_id)
    lock_client(notice.client_id)
    notice = Notice.objects.select_related("level").get(pk=notice_id)
    if notice.status not in CANCELLABLE:
        raise NotWaiting(f"This notice can no longer be cancelled: {notice.get_status_display().lower()}.")
    if not reason.strip():
        raise DunningError("Say why it is cancelled: the reason stays in the record.")
    cancel(notice.pk, reason)
    wake([notice.client_id], (today or localdate()) + timedelta(days=1))
    text = f"{notice.level.name} cancelled: {reason}"
    record("notice_cancelled", notice, actor=actor, client_id=notice.client_id, text=text)
    notice.refresh_from_db()
    return notice


def letters_to_print() -> Sequence[Notice]:
    """Letters made and waiting for the post, in the order of the print batch."""
    waiting = Notice.objects.filter(status=OutgoingStatus.PRINTING).select_related("client", "level")
    return waiting.prefetch_related("attachments").order_by("id")


def drop_stale_letters(today: date) -> int:
    """Before printing: cancel letters that no longer stand, and those whose printed deadline has come too near: the
    client is planned afresh and gets a new one. Returns how many.
    """
    dropped = 0
    for notice in letters_to_print():
        with transaction.atomic():
            lock_client(notice.client_id)
            found = ask_again(notice, today)
            if found.withdraws or today > notice.send_before:
                late = f"Too late to post: it was to leave by {notice.send_before:%d %B %Y}."
                cancel(notice.pk, why(found) if found.withdraws else late)
                wake([notice.client_id], today)
                dropped += 1
    return dropped


def print_batch(notices: Sequence[Notice], *, on: date | None = None) -> bytes:
    """One PDF: with `on` a cover list of that day, then every letter and its enclosures as they were kept, in order."""
    writer = PdfWriter()
    if on:
        for page in PdfReader(io.BytesIO(render_pdf(compose_cover(notices, on)))).pages:
            writer.add_page(page)
    for notice in notices:
        for attachment in notice.attachments.order_by("id"):
            with attachment.file.open("rb") as file:
                for page in PdfReader(file).pages:
                    writer.add_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def mark_posted(notice_ids: Collection[int], *, actor: Actor, today: date | None = None) -> int:
    """These letters are in the post: their levels count as reached. Returns how many were still waiting."""
    today, posted = today or localdate(), 0
    for notice_id in notice_ids:
        with transaction.atomic():
            notice = Notice.objects.select_related("level").get(pk=notice_id)
            lock_client(notice.client_id)
            if not Notice.objects.filter(pk=notice_id, status=OutgoingStatus.PRINTING).exists():
                continue
            finish_sent(notice, today)
            wake([notice.client_id], today)
            record("letter_posted", notice, actor=actor, client_id=notice.client_id, text=f"{notice.level.name} posted")
            posted += 1
    return posted
