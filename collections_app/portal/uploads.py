"""Files from clients: refused by their size before a byte of them is read, and served as downloads only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from invoices.models import DisputeFile
from invoices.queries.organisation import organisation
from invoices.rules.uploads import MOST_BYTES, MOST_FILES, problems

MOST_AT_ONCE = MOST_FILES * MOST_BYTES + 2**20


def takes_files(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A body larger than all that may be sent is answered at once; the token is checked after that.

    The other way round the check would read the whole body, however large, to find its token.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MOST_AT_ONCE:
            return _too_large(request)
        return checked(request, *args, **kwargs)

    return wrapped


def _too_large(request: HttpRequest) -> HttpResponse:
    context = {"organisation": organisation(), "most": MOST_FILES, "most_mb": MOST_BYTES // 2**20}
    return render(request, "portal/too_large.html", context, status=413)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each PDF, PNG or JPEG by its bytes; gives [(name, content)]."""

    def __init__(self, **kwargs: Any) -> None:
        widget = FilesInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"})
        text = f"Up to {MOST_FILES} files of {MOST_BYTES // 2**20} MB: PDF, PNG or JPEG."
        super().__init__(required=False, widget=widget, help_text=text, max_length=None, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        files = [(str(file.name), _read(file)) for file in given[: MOST_FILES + 1]]
        if found := problems(files):
            raise ValidationError(found)
        return files


def _read(file: UploadedFile) -> bytes:
    """No more than tells that it is too much."""
    return bytes(file.read(MOST_BYTES + 1))


def download(file: DisputeFile) -> FileResponse:
    answer = FileResponse(file.file.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
