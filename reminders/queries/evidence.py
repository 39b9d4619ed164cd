"""What shows that a client owed, knew and agreed to pay: for the bank that asks about his payment."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Sum

from invoices.models import Allocation, AuditEvent, Invoice, Payment, PortalView, ProcessorDispute
from invoices.queries.organisation import organisation
from invoices.rules.money import ZERO

from ..composing_evidence import EvidenceEvent, EvidenceFacts, EvidenceInvoice
from ..models import Acknowledgement, Notice, OutgoingStatus

MOST = 60
BEFORE = timedelta(days=400)


def evidence_of(dispute: ProcessorDispute) -> EvidenceFacts:
    """Eight queries, whatever was paid."""
    payment = dispute.payment
    client, contact = payment.client, payment.contact
    return EvidenceFacts(
        sender=organisation(),
        client_name=client.legal_name or client.name,
        client_address=client.address,
        client_code=client.code,
        payer=contact.name if contact else "",
        payer_email=contact.email if contact else "",
        reference=str(payment.uuid),
        dispute=dispute.dispute_id,
        reason=dispute.reason,
        amount=payment.received_amount or payment.amount,
        disputed=dispute.amount,
        currency=payment.currency,
        paid_at=payment.created_at,
        method=payment.method.replace("_", " "),
        terms=client.terms.name if client.terms else "",
        invoices=_invoices(payment),
        mails=_mails(payment),
        visits=_visits(payment),
        happened=_happened(payment),
    )


def invoices_paid(payment: Payment) -> list[Invoice]:
    """What it was meant for, and what it was allocated to since."""
    allocated = Allocation.objects.filter(receipt=payment.receipt_id or 0).values("invoice")
    rows = Invoice.objects.filter(pk__in=payment.lines.values("invoice")) | Invoice.objects.filter(pk__in=allocated)
    return list(rows.select_related("client").prefetch_related("lines").order_by("issued_on", "pk"))


def _invoices(payment: Payment) -> list[EvidenceInvoice]:
    meant = dict(payment.lines.values_list("invoice_id").annotate(sum=Sum("amount")).order_by())
    return [
        EvidenceInvoice(
            number=invoice.number or "",
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            delivered_on=invoice.delivered_on,
            reference=invoice.reference,
            total=invoice.total_amount,
            paid=meant.get(invoice.pk, ZERO),
            lines=[line.description for line in invoice.lines.all()],
        )
        for invoice in invoices_paid(payment)
    ]


def _mails(payment: Payment) -> list[EvidenceEvent]:
    """Notices and other mails that left, up to the payment and after it, the oldest first."""
    since = payment.created_at - BEFORE
    found: list[EvidenceEvent] = []
    for model in (Notice, Acknowledgement):
        rows = model.objects.filter(client=payment.client_id, status=OutgoingStatus.SENT, sent_at__gt=since)
        for row in rows.order_by("-sent_at")[:MOST]:
            found.append(EvidenceEvent(row.sent_at, f"to {row.recipient}"[:80], row.subject))
    return sorted(found)[-MOST:]


def _visits(payment: Payment) -> list[EvidenceEvent]:
    rows = PortalView.objects.filter(client=payment.client_id, hour_at__gt=payment.created_at - BEFORE)
    rows = rows.select_related("contact").order_by("-hour_at")[:MOST]
    return [EvidenceEvent(row.hour_at, row.contact.name, row.page) for row in reversed(rows)]


def _happened(payment: Payment) -> list[EvidenceEvent]:
    """The payment from its start, and what the client said about it in the portal."""
    since: datetime = payment.created_at - BEFORE
    rows = AuditEvent.objects.filter(client=payment.client_id, at__gt=since, actor_label__startswith="client ")
    rows = rows.order_by("-at")[:MOST]
    return [EvidenceEvent(row.at, row.actor_label, row.text) for row in reversed(rows)]
