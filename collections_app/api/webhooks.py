"""Webhooks in. Verified on the raw body, kept, answered; the worker does the rest."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from invoices.errors import InvalidWebhook
from invoices.services.payment_events import receive_webhook

LARGEST = 1_000_000  # bytes; real events stay far below


@csrf_exempt  # the signature over the body is the proof, there is no browser
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = LARGEST + 1
    if length > LARGEST:
        return HttpResponse("The body is too large for an event.\n", status=400, content_type="text/plain")
    try:
        receive_webhook(request.body, request.headers.get("Stripe-Signature", ""))
    except InvalidWebhook as error:
        return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok\n", content_type="text/plain")
