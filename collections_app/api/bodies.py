"""What all webhooks do with a body and an answer."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse

LARGEST = 1_000_000  # bytes; real events stay far below


def too_large(request: HttpRequest) -> bool:
    try:
        return int(request.headers.get("Content-Length") or 0) > LARGEST
    except ValueError:
        return True


def fields(request: HttpRequest) -> dict[str, str]:
    """A flat JSON object or a form, as text. Empty when it is neither."""
    if request.content_type != "application/json":
        return {name: clean(value) for name, value in request.POST.items()}
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): clean(str(value)) for name, value in found.items() if isinstance(value, str | int | float)}


def clean(text: str) -> str:
    """Without what no database takes: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
