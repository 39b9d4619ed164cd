"""The second lock: a code by mail before saved methods, autopay or contacts may be touched.

@sure_page
def methods(request, contact): ...
"""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from invoices.models import Contact
from reminders.errors import DunningError
from reminders.services.step_up import check_code, send_code

from . import limits
from .session import PATH, View, client_page, page

COOKIE = "portal_sure"
SALT = "portal.sure"
GOOD_FOR_SECONDS = 1800


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Six digits from our mail",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


def is_sure(request: HttpRequest, contact: Contact) -> bool:
    """Whether this reader gave a code within the last half hour."""
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=GOOD_FOR_SECONDS)
    return value == _mark(contact)


def sure_page(view: View) -> View:
    """A page for a client who has confirmed by a code; else he is led to it, and comes back."""

    @client_page
    @wraps(view)
    def wrapped(request: HttpRequest, contact: Contact, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_sure(request, contact):
            return view(request, contact, *args, **kwargs)
        # What was sent without the code is not kept: the page is opened anew.
        return redirect(f"{reverse('portal:confirm')}?{urlencode({'next': request.path})}")

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def confirm(request: HttpRequest, contact: Contact) -> HttpResponse:
    """`send` asks for a code, `code` gives one. A GET sends nothing: mail scanners open links."""
    onward = _onward(request.POST.get("next") or request.GET.get("next", ""))
    if is_sure(request, contact):
        return redirect(onward)
    if request.method != "POST":
        return _page(request, contact, onward, None)
    if "send" in request.POST:
        return _send(request, contact, onward)
    form = CodeForm(request.POST)
    if form.is_valid():
        if limits.count(request, "code") and check_code(contact, form.cleaned_data["code"]):
            return _let_in(redirect(onward), contact)
        form.add_error("code", "This code is wrong or too old. After five wrong ones ask for a new code.")
    return _page(request, contact, onward, form, status=400)


def _send(request: HttpRequest, contact: Contact, onward: str) -> HttpResponse:
    form = CodeForm()
    if not limits.count(request, "send_code"):
        return _page(request, contact, onward, form, problem="Too many codes were asked for. Try again in an hour.")
    try:
        send_code(contact)
    except DunningError as refusal:
        return _page(request, contact, onward, form, problem=str(refusal))
    return _page(request, contact, onward, form)


def _page(
    request: HttpRequest, contact: Contact, onward: str, form: CodeForm | None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "next": onward, "problem": problem, "address": masked(contact.email)}
    return page(request, contact, "confirm", context, status=400 if problem else status)


def _let_in(response: HttpResponse, contact: Contact) -> HttpResponse:
    response.set_signed_cookie(
        COOKIE,
        _mark(contact),
        salt=SALT,
        max_age=GOOD_FOR_SECONDS,
        path=PATH,
        httponly=True,
        secure=settings.IS_HTTPS,
        samesite="Lax",
    )
    return response


def masked(email: str) -> str:
    """a...@acme.example: enough to know which mailbox to open."""
    name, at, host = email.rpartition("@")
    return f"{name[:1]}…{at}{host}" if at else ""


def _mark(contact: Contact) -> str:
    return f"{contact.portal_id}:{contact.portal_version}"


def _onward(path: str) -> str:
    """Inside the portal only."""
    is_inside = path.startswith(PATH) and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_inside else reverse("portal:overview")
