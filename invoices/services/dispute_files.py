"""Files that belong to a dispute: taken in after a check of their bytes, kept under a name that nobody can guess."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction

from ..errors import LedgerError
from ..models import Dispute, DisputeFile
from ..rules.uploads import ENDINGS, MOST_FILES, check, clean_name, problems
from .audit import Actor, record
from .ledger import lock_client

MOST_IN_ALL = 20  # of one dispute


@transaction.atomic
def attach_files(
    dispute_id: int, files: Sequence[tuple[str, bytes]], *, sent_by: str, actor: Actor
) -> list[DisputeFile]:
    """All of these, names and contents, or none. Raises LedgerError with the sentence for who sent them."""
    if not files:
        return []
    if found := problems(files):
        raise LedgerError(" ".join(found))
    dispute = Dispute.objects.select_related("invoice").get(pk=dispute_id)
    lock_client(dispute.invoice.client_id)
    if DisputeFile.objects.filter(dispute=dispute).count() + len(files) > MOST_IN_ALL:
        raise LedgerError(f"A dispute has at most {MOST_IN_ALL} files, {MOST_FILES} at once. Send us the rest by mail.")
    rows = [_keep(dispute, name, content, sent_by) for name, content in files]
    text = f"{len(rows)} file{'' if len(rows) == 1 else 's'} about {dispute.invoice}: {', '.join(map(str, rows))}"
    record("dispute_files_added", dispute, actor=actor, client_id=dispute.invoice.client_id, text=text)
    return rows


def _keep(dispute: Dispute, name: str, content: bytes, sent_by: str) -> DisputeFile:
    content_type = check(name, content).content_type
    return DisputeFile.objects.create(
        dispute=dispute,
        name=clean_name(name, content_type),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        # The sender's name for it never reaches the disk.
        file=ContentFile(content, name=f"{uuid4().hex}.{ENDINGS[content_type]}"),
        sent_by=sent_by[:120],
    )
