"""Payouts of the card processor: what came to our bank, out of which payments, after which fees."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from invoices.models import Payout, PayoutLine

from ..listing import Column, Filter, ListPage


def payout_url(row: Payout) -> str:
    return reverse("dashboard:payout", args=[row.pk])


def state(row: Payout) -> str:
    return "Reconciled" if row.is_reconciled else "Differs"


def of_state(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(is_reconciled=value == "reconciled")


class PayoutList(ListPage):
    title = "Payouts"
    subtitle = "What the card processor sent to our bank, reconciled each night."
    queryset = Payout.objects.all
    order = "-arrived_on"
    columns = [
        Column("arrived_on", "Arrived", "date", sort=True, link=payout_url),
        Column("payout_id", "Payout"),
        Column("amount", "Amount", "money"),
        Column("fee_amount", "Fees", "money"),
        Column("difference", "Difference", css="small why"),
        Column(state, "State", "badge"),
    ]
    filters = [
        Filter("status", "State", of_state, [("reconciled", "Reconciled"), ("differs", "Differs")]),
        Filter("from", "From", "arrived_on__gte", kind="date"),
        Filter("to", "To", "arrived_on__lte", kind="date"),
    ]
    tabs = [("All", ""), ("Differing", "status=differs")]
    search = ("payout_id",)
    search_hint = "Number"
    empty_title = "No payouts yet"
    empty_text = "They are read each night from the card processor."


def client_name(line: PayoutLine) -> str:
    return line.payment.client.name if line.payment else "none of ours"


def receipt_url(line: PayoutLine) -> str:
    if line.payment is None or line.payment.receipt_id is None:
        return ""
    return reverse("dashboard:receipt", args=[line.payment.receipt_id])


def net(line: PayoutLine) -> Any:
    return line.amount - line.fee_amount


class PayoutLineList(ListPage):
    """One payout: its movements, to export too."""

    queryset = PayoutLine.objects.none
    order = "pk"
    columns = [
        Column("kind", "Movement"),
        Column(client_name, "Client", link=receipt_url),
        Column("amount", "Amount", "money", currency="payout__currency"),
        Column("fee_amount", "Fee", "money", currency="payout__currency"),
        Column(net, "Net", "money", currency="payout__currency"),
        Column("text", "Text"),
        Column("transaction_id", "Number"),
    ]
    empty_title = "No movements"

    @property
    def payout(self) -> Payout:
        return get_object_or_404(Payout, pk=self.kwargs["pk"])

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Payout {self.payout.payout_id}"

    @property
    def subtitle(self) -> str:  # type: ignore[override]
        return self.payout.difference or "Agrees with its movements and with our books."

    def rows(self) -> QuerySet:
        return PayoutLine.objects.filter(payout=self.payout).select_related("payout", "payment__client")


urls = [
    path("payouts/", PayoutList.as_view(), name="payouts"),
    path("payouts/<int:pk>/", PayoutLineList.as_view(), name="payout"),
]
