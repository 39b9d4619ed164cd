"""Files that staff upload for an import: kept under MEDIA_ROOT by a random name, looked at twice, then forgotten."""

from __future__ import annotations

import re
import time
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.crypto import get_random_string

NAME = re.compile(r"[A-Za-z0-9]{32}\Z")
KEPT_SECONDS = 24 * 3600


def keep(upload: UploadedFile) -> str:
    """Write the upload to the folder; returns the random name by which it is found again. Old ones are swept out."""
    folder().mkdir(parents=True, exist_ok=True)
    sweep()
    name = get_random_string(32)
    with (folder() / name).open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return name


def kept(name: str) -> Path | None:
    """The file of that name, or None when it is gone or the name was not one of ours."""
    path = folder() / name
    return path if NAME.match(name) and path.is_file() else None


def forget(name: str) -> None:
    path = kept(name)
    if path:
        path.unlink(missing_ok=True)


def sweep() -> None:
    """Delete what somebody uploaded more than a day ago and never took over."""
    oldest = time.time() - KEPT_SECONDS
    for path in folder().iterdir():
        if NAME.match(path.name) and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "uploads"
