"""What a client told us himself, as he sees it: disputes with their files, requests with our answers."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ..models import Client, ClientRequest, Dispute, DisputeFile, RequestStatus
from .clients import client_ids_matching

MOST = 50


def disputes_of_client(client: Client) -> list[Dispute]:
    """Open ones first, then the newest; with their files."""
    rows = Dispute.objects.filter(invoice__client=client).select_related("invoice").prefetch_related("files")
    found = list(rows.order_by("-pk")[:MOST])
    return sorted(found, key=lambda one: one.status != "open")


def requests_of_client(client: Client) -> list[ClientRequest]:
    return list(ClientRequest.objects.filter(client=client).order_by("-pk")[:MOST])


def dispute_file_of_client(client: Client, file_id: int) -> DisputeFile | None:
    return DisputeFile.objects.filter(pk=file_id, dispute__invoice__client=client).first()


def requests_waiting() -> QuerySet[ClientRequest]:
    """Served by client_request_open."""
    return ClientRequest.objects.filter(status=RequestStatus.OPEN)


def all_requests() -> QuerySet[ClientRequest]:
    return ClientRequest.objects.select_related("client", "contact")


def request_or_none(pk: int) -> ClientRequest | None:
    return all_requests().select_related("client__account_manager", "answered_by").filter(pk=pk).first()


def requests_matching(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text))


def dispute_file_or_none(dispute_id: int, file_id: int) -> DisputeFile | None:
    return DisputeFile.objects.filter(pk=file_id, dispute_id=dispute_id).first()
