"""Files of a dispute: served as a download, never shown by us, since a client sent them."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.urls import path

from collections_app.permissions import needs
from collections_app.portal.uploads import download

from ..portal_access import dispute_file_for_staff


@needs("view")
def dispute_file(request: HttpRequest, pk: int, file_id: int) -> FileResponse:
    return download(dispute_file_for_staff(pk, file_id))


urls = [path("disputes/<int:pk>/files/<int:file_id>/", dispute_file, name="dispute_file")]
