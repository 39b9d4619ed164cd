"""Files as answers."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.text import slugify


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF to be looked at in the browser, saved under `name`."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{slugify(name)}.pdf"'
    return answer
