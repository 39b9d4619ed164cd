"""Facts in, the evidence about a disputed payment out: as HTML to print, and as the texts that the processor takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.timezone import localtime
from django.utils.translation import override


class EvidenceInvoice(NamedTuple):
    """One invoice that the payment paid."""

    number: str
    issued_on: date
    due_on: date
    delivered_on: date | None
    reference: str
    total: Decimal
    paid: Decimal
    lines: Sequence[str]


class EvidenceEvent(NamedTuple):
    """One thing that shows that the client knew of the debt, and agreed to pay it."""

    at: datetime
    what: str
    detail: str


class EvidenceFacts(NamedTuple):
    sender: object  # invoices.Organisation
    client_name: str
    client_address: str
    client_code: str
    payer: str
    payer_email: str
    reference: str
    dispute: str
    reason: str
    amount: Decimal
    disputed: Decimal
    currency: str
    paid_at: datetime
    method: str
    terms: str
    invoices: Sequence[EvidenceInvoice]
    mails: Sequence[EvidenceEvent]
    visits: Sequence[EvidenceEvent]
    happened: Sequence[EvidenceEvent]


def evidence_html(facts: EvidenceFacts) -> str:
    with override("en-gb"):
        return render_to_string("documents/evidence.html", {"facts": facts, "sender": facts.sender})


def evidence_texts(facts: EvidenceFacts) -> dict[str, str]:
    """As the processor names them (https://docs.stripe.com/api/disputes/update, `evidence`)."""
    told = [_said(event) for event in (*facts.mails, *facts.visits, *facts.happened)]
    numbers = ", ".join(invoice.number for invoice in facts.invoices)
    return {
        "customer_name": facts.client_name,
        "customer_email_address": facts.payer_email,
        "billing_address": facts.client_address,
        "product_description": "; ".join(line for invoice in facts.invoices for line in invoice.lines)[:5000],
        "service_date": ", ".join(str(i.delivered_on) for i in facts.invoices if i.delivered_on),
        "access_activity_log": "\n".join(_said(event) for event in facts.visits),
        "uncategorized_text": f"Payment {facts.reference} of invoices {numbers}.\n" + "\n".join(told),
    }


def _said(event: EvidenceEvent) -> str:
    return f"{localtime(event.at):%Y-%m-%d %H:%M} {event.what}: {event.detail}"
