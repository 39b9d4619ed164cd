"""What the database does not check by itself about notices."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from invoices.models import Invoice

from ..models import Notice, NoticeLine, OutgoingStatus


def memory_differences() -> Iterator[str]:
    """Lines without an invoice or a notice, and live lines of notices that never left."""
    orphans = NoticeLine.objects.filter(~Exists(Invoice.objects.filter(pk=OuterRef("invoice_id"))))
    for pk, invoice_id in orphans.values_list("pk", "invoice_id").iterator(5000):
        yield f"Notice line {pk} speaks of invoice {invoice_id}, which does not exist."
    lost = NoticeLine.objects.filter(~Exists(Notice.objects.filter(pk=OuterRef("notice_id"))))
    for pk, notice_id in lost.values_list("pk", "notice_id").iterator(5000):
        yield f"Notice line {pk} belongs to notice {notice_id}, which does not exist."
    dead = [OutgoingStatus.CANCELLED, OutgoingStatus.FAILED]
    for pk in (
        NoticeLine.objects.filter(is_live=True, notice__status__in=dead).values_list("pk", flat=True).iterator(5000)
    ):
        yield f"Notice line {pk} counts as reached, but its notice was never sent."
