"""How staff pages fetch what clients sent through the portal; not there is 404."""

from __future__ import annotations

from django.http import Http404

from invoices.models import ClientRequest, DisputeFile
from invoices.queries.told import dispute_file_or_none, request_or_none


def request_for_staff(pk: int) -> ClientRequest:
    row = request_or_none(pk)
    if row is None:
        raise Http404("There is no such request.")
    return row


def dispute_file_for_staff(dispute_id: int, pk: int) -> DisputeFile:
    file = dispute_file_or_none(dispute_id, pk)
    if file is None:
        raise Http404("There is no such file.")
    return file
