"""Imports: upload, look at what would happen, then take it over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.signing import BadSignature, dumps, loads
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from collections_app import uploads
from collections_app.permissions import needs
from invoices.rules.importing.records import FileKind, FileUnusable
from invoices.services.importing.files import import_file
from invoices.services.importing.report import ImportReport

from ..forms.imports import UploadForm, options_of

SALT = "dashboard.imports"
REJECTED_SHOWN = 200


@needs("work")
def upload(request: HttpRequest) -> HttpResponse:
    """The form; on POST the file is kept and read without writing anything, and the report is shown."""
    if request.method != "POST":
        return render(request, "dashboard/imports/upload.html", {"form": UploadForm()})
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "dashboard/imports/upload.html", {"form": form}, status=422)
    name = uploads.keep(form.cleaned_data["file"])
    try:
        found = read(request, name, form.choices, is_dry_run=True)
    except FileUnusable as error:
        uploads.forget(name)
        form.add_error("file", str(error))
        return render(request, "dashboard/imports/upload.html", {"form": form}, status=422)
    # Signed, so that the second step reads this file in this way, and no other.
    token = dumps([name, form.choices, form.cleaned_data["file"].name], salt=SALT)
    context = {
        **report_context(found, form.choices["kind"]),
        "token": token,
        "file_name": form.cleaned_data["file"].name,
    }
    return render(request, "dashboard/imports/report.html", {**context, "is_dry_run": True})


@needs("work")
@require_POST
def commit(request: HttpRequest) -> HttpResponse:
    """Take over the file that was looked at. The same file again changes nothing, so a second click is harmless."""
    try:
        name, choices, file_name = loads(request.POST.get("token", ""), salt=SALT, max_age=uploads.KEPT_SECONDS)
    except BadSignature:
        raise Http404("This import is too old or was not made here.")
    if not uploads.kept(name):
        messages.warning(request, "This file was taken over already, or is more than a day old. Upload it again.")
        return redirect("dashboard:imports")
    try:
        found = read(request, name, choices, is_dry_run=False)
    except FileUnusable as error:
        messages.error(request, str(error))
        return redirect("dashboard:imports")
    uploads.forget(name)
    context = {**report_context(found, choices["kind"]), "file_name": file_name, "is_dry_run": False}
    return render(request, "dashboard/imports/report.html", context)


def read(request: HttpRequest, name: str, choices: dict[str, Any], *, is_dry_run: bool) -> ImportReport:
    path_kept = uploads.kept(name)
    if path_kept is None:
        raise FileUnusable("The file is not here any more. Upload it again.")
    options = options_of(choices, is_dry_run=is_dry_run)
    return import_file(FileKind(choices["kind"]), path_kept, options=options, actor=request.user)


def report_context(found: ImportReport, kind: str) -> dict[str, Any]:
    figures = [
        ("Read", found.read, ""),
        ("New", found.created, "ok"),
        ("Changed", found.updated, ""),
        ("Unchanged", found.unchanged, ""),
        ("Rejected", found.rejected_rows, "bad" if found.rejected else ""),
    ]
    return {
        "report": found,
        "kind": kind,
        "figures": [{"label": label, "value": f"{value:,}", "tone": tone} for label, value, tone in figures],
        "rejected": found.rejected[:REJECTED_SHOWN],
        "more_rejected": max(len(found.rejected) - REJECTED_SHOWN, 0),
        "takes": found.created + found.updated,
        "list_url": f"dashboard:{kind}",
    }


urls = [
    path("imports/", upload, name="imports"),
    path("imports/commit/", commit, name="import_commit"),
]
