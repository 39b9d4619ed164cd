"""The door: a link comes in, a cookie and a clean address go out; and what stands there when the link is no good."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from invoices.queries.contacts import contact_of_link
from invoices.queries.organisation import organisation
from reminders.links import ExpiredLink, InvalidLink, read_token
from reminders.services.acknowledgements import send_new_link

from . import limits
from .session import forget, no_link, remember, sealed


@require_safe
@sealed
def enter(request: HttpRequest, token: str, invoice_id: int | None = None) -> HttpResponse:
    """Changes nothing, so that mail scanners may open it as often as they like. Some links lead to one invoice."""
    try:
        parts = read_token(token)
    except ExpiredLink:
        return _miss(request, token)
    except InvalidLink:
        return _miss(request, "")
    contact = contact_of_link(parts.portal_id, parts.version)
    if contact is None:
        return _miss(request, token)
    response = redirect("portal:invoice", invoice_id) if invoice_id else redirect("portal:overview")
    remember(response, contact)
    return response


def _miss(request: HttpRequest, token: str) -> HttpResponse:
    is_fine = limits.count(request, "miss")
    return no_link(request, token=token, status=403 if is_fine else 429)


@require_POST
@sealed
def new_link(request: HttpRequest) -> HttpResponse:
    """By the old link, or by a mail address. The answer is the same whether we know it or not."""
    if limits.count(request, "new_link"):
        email = request.POST.get("email", "").strip()[:254]
        if email and _is_address(email):
            send_new_link(email=email)
        elif portal_id := _owner(request.POST.get("token", "")[:200]):
            send_new_link(portal_id=portal_id)
    return render(request, "portal/link_sent.html", {"organisation": organisation()})


def _owner(token: str) -> str:
    try:
        return read_token(token).portal_id
    except ExpiredLink as expired:
        return expired.portal_id
    except InvalidLink:
        return ""


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


@require_POST
@sealed
def leave(request: HttpRequest) -> HttpResponse:
    """On a shared computer."""
    response = render(request, "portal/left.html", {"organisation": organisation()})
    forget(response)
    return response
