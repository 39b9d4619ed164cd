"""The audit trail: one event per change, in the transaction of the change."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from ..models import AuditEvent

# Who does something: a member of staff, or a word such as "worker", "import", "client Ann Lee".
Actor = AbstractBaseUser | str


def record(
    verb: str,
    subject: models.Model,
    *,
    actor: Actor,
    client_id: int | None = None,
    text: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one event. `client_id` puts it on that client's timeline."""
    is_user = isinstance(actor, AbstractBaseUser)
    return AuditEvent.objects.create(
        verb=verb,
        actor=actor if is_user else None,
        actor_label=str(actor),
        client_id=client_id,
        subject_type=subject._meta.model_name,
        subject_id=subject.pk,
        text=text[:300],
        before=before or {},
        after=after or {},
    )


def user_or_none(actor: Actor) -> AbstractBaseUser | None:
    return actor if isinstance(actor, AbstractBaseUser) else None
