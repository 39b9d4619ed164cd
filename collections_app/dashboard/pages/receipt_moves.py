"""Moving money on account to the client it belongs to: what it does is shown first, and it can be moved back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.queries.clients import credit_of
from invoices.rules.money import ZERO
from invoices.services.transfers import move_back, move_receipt

from ..access import receipt_for_staff
from ..forms.receipts import MoveForm
from ..said import done, refused


@needs("work")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    receipt = receipt_for_staff(pk)
    if not receipt.unapplied_amount:
        return redirect("dashboard:receipt", pk)
    form = MoveForm(receipt.unapplied_amount, receipt.currency, request.POST or None)
    context: dict[str, Any] = {"receipt": receipt, "client": receipt.client, "form": form}
    if request.method == "POST" and form.is_valid():
        if "confirmed" not in request.POST or "change" in request.POST:
            effects = [] if "change" in request.POST else effects_of(receipt, form)
            return render(request, "dashboard/receipt/move.html", {**context, "effects": effects})
        try:
            moved = move_receipt(pk, form.values, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            text = f"{money(moved.amount, moved.currency)} moved to {moved.client}, where it is on account."
            return done(request, text, "dashboard:receipt", moved.pk)
    return render(request, "dashboard/receipt/move.html", context, status=422 if form.errors else 200)


def effects_of(receipt: Any, form: MoveForm) -> list[dict[str, Any]]:
    """Money on account of both clients, before and after."""
    given = form.values
    clients = ((receipt.client, -given.amount), (form.cleaned_data["client"], given.amount))
    found = []
    for client, change in clients:
        before = credit_of(client.pk).get(receipt.currency, ZERO)
        found.append({"client": client, "before": before, "change": change, "after": before + change})
    return found


@needs("work")
@require_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    receipt = receipt_for_staff(pk)
    try:
        move_back(pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:receipt", pk)
    text = f"{money(receipt.amount, receipt.currency)} moved back."
    return done(request, text, "dashboard:receipt", receipt.moved_from_id)


urls = [
    path("receipts/<int:pk>/move/", move, name="receipt_move"),
    path("receipts/<int:pk>/move-back/", back, name="receipt_move_back"),
]
