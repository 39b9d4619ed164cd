"""Where mail goes while EMAIL_URL is not set: one .eml file a message in MAIL_FOLDER, for any mail program to open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class FolderBackend(BaseEmailBackend):
    """Sends to nobody. Raises OSError when the folder cannot be written, unless `fail_silently`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_FOLDER)
        written = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                _write(folder, message.message().as_bytes(linesep="\r\n"))
            except OSError:
                if not self.fail_silently:
                    raise
            else:
                written += 1
        return written


def _write(folder: Path, content: bytes) -> None:
    """Under a temporary name first, so that whoever watches the folder never reads half a message."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{timezone.now():%Y%m%d-%H%M%S}-{uuid4().hex[:12]}"
    part = folder / f"{name}.part"
    part.write_bytes(content)
    part.rename(folder / f"{name}.eml")
