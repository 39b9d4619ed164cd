"""What waits for a second person (write-offs, refunds): approved, refused, or taken back by who asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.errors import LedgerError

from .said import done, refused

View = Callable[..., HttpResponse]


class Decision(NamedTuple):
    """How a row is fetched and decided, what is said after its approval, and the page it stands on."""

    fetch: Callable[[int], Any]
    decide: Callable[..., Any]
    said: Callable[[Any], str]
    url: str


def approving(decision: Decision) -> View:
    @needs("approve")
    @require_POST
    def approve(request: HttpRequest, pk: int) -> HttpResponse:
        return _decided(request, decision, pk, is_approved=True)

    return approve


def refusing(decision: Decision) -> View:
    """Who asked may take it back; anybody else needs the right to decide."""

    @needs("work")
    @require_POST
    def refuse(request: HttpRequest, pk: int) -> HttpResponse:
        is_own = decision.fetch(pk).asked_by == request.user
        return (_decided if is_own else needs("approve")(_decided))(request, decision, pk, is_approved=False)

    return refuse


def _decided(request: HttpRequest, decision: Decision, pk: int, *, is_approved: bool) -> HttpResponse:
    row = decision.fetch(pk)
    try:
        row = decision.decide(row.pk, is_approved=is_approved, actor=request.user)
    except LedgerError as error:
        return refused(request, error, decision.url, pk)
    return done(request, decision.said(row) if is_approved else "Refused; nothing was booked.", decision.url, pk)
