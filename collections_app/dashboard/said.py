"""What a page says after something was done, with a way back where a service for it exists."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html


def done(request: HttpRequest, text: str, url: str, *args: object) -> HttpResponse:
    """Say it and go to the named page."""
    messages.success(request, text)
    return redirect(url, *args)


def refused(request: HttpRequest, error: Exception, url: str, *args: object) -> HttpResponse:
    """A service said no: its sentence, and back to the named page."""
    messages.error(request, str(error))
    return redirect(url, *args)


def with_undo(text: str, undo_url: str) -> str:
    """A message with an Undo button (htmx posts it with the page's token; without script the pages have their own)."""
    return format_html(
        '{} <button class="btn btn-small" type="button" hx-post="{}" hx-target="body" hx-push-url="true"'
        ' data-key="u" data-key-label="Undo">Undo</button>',
        text,
        undo_url,
    )
