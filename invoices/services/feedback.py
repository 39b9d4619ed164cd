"""What made it hard to pay in time, in the client's words: asked once after a dispute or a settlement."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from ..errors import LedgerError
from ..models import Contact, Feedback
from .audit import record

LONGEST = 1000


@transaction.atomic
def give_feedback(contact: Contact, *, about: str, reason: str, text: str = "") -> Feedback:
    """`about` such as "dispute 17". Raises LedgerError when this client has answered it before."""
    try:
        with transaction.atomic():
            row = Feedback.objects.create(
                client_id=contact.client_id, contact=contact, about=about, reason=reason, text=text[:LONGEST]
            )
    except IntegrityError as twice:
        raise LedgerError("You have told us already. Thank you.") from twice
    words = f"Feedback about {about}: {row.get_reason_display()}"
    record("feedback_given", row, actor=f"client {contact}"[:120], client_id=contact.client_id, text=words)
    return row
