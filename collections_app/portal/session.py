"""Who is reading: the link becomes a signed cookie at the first visit, good for an hour without a click."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import override

from invoices.models import Contact
from invoices.queries.contacts import contact_of_link
from invoices.queries.organisation import organisation
from invoices.queries.payments import are_payments_real, can_pay_online
from invoices.services.portal_views import note_view

COOKIE = "portal"
SALT = "portal.session"
IDLE_SECONDS = 3600
PATH = "/p/"
# The pages are written in English; figures and dates follow, until there are translations.
LANGUAGE = "en-gb"

TABS = (
    ("To pay", ""),
    ("Paid", "paid/"),
    ("Statements", "statements/"),
    ("Documents", "documents/"),
    ("Messages", "messages/"),
    ("Settings", "settings/"),
)

View = Callable[..., HttpResponseBase]


def reader(request: HttpRequest) -> Contact | None:
    """The contact of the cookie; looked up each time, so that revoking a link ends its sessions too."""
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=IDLE_SECONDS)
    portal_id, _, version = str(value).rpartition(":")
    return contact_of_link(portal_id, int(version)) if version.isdigit() else None


def remember(response: HttpResponseBase, contact: Contact) -> None:
    response.set_signed_cookie(
        COOKIE,
        f"{contact.portal_id}:{contact.portal_version}",
        salt=SALT,
        max_age=IDLE_SECONDS,
        path=PATH,
        httponly=True,
        secure=settings.IS_HTTPS,
        samesite="Lax",
    )


def forget(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")


def sealed(view: View) -> View:
    """Headers of every portal answer: kept by nobody, found by no search engine, no address told to others."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with override(LANGUAGE):
            response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "same-origin"  # no-referrer would make browsers send "Origin: null": 403 by CSRF
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


def client_page(view: View) -> View:
    """A page for whoever came by a link; `view` gets the contact after the request."""

    @sealed
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        contact = reader(request)
        if contact is None:
            return no_link(request)
        response = view(request, contact, *args, **kwargs)
        if request.method == "GET" and response.status_code == 200 and request.resolver_match:
            note_view(contact, request.resolver_match.url_name or "")
        if COOKIE not in response.cookies:
            remember(response, contact)
        return response

    return wrapped


def no_link(request: HttpRequest, *, token: str = "", status: int = 403) -> HttpResponse:
    """ "Send me a new link": the same page whether the link is bent, too old, revoked, or not there at all."""
    context = {"organisation": organisation(), "token": token}
    return render(request, "portal/no_link.html", context, status=status)


def page(
    request: HttpRequest, contact: Contact, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page in the portal's frame."""
    us, manager = organisation(), contact.client.account_manager
    person = {"name": us.name, "phone": us.phone, "email": us.email}
    if manager:
        person = {"name": manager.full_name, "phone": manager.phone or us.phone, "email": manager.email or us.email}
    frame = {
        "organisation": us,
        "client": contact.client,
        "contact": contact,
        "person": person,
        "tabs": tabs(request),
        "can_pay": can_pay_online(),
        "is_test": can_pay_online() and not are_payments_real(),
    }
    return render(request, f"portal/{template}.html", {**frame, **context}, status=status)


def tabs(request: HttpRequest) -> list[dict[str, object]]:
    return [{"label": label, "url": PATH + path, "is_current": request.path == PATH + path} for label, path in TABS]
