"""The evidence about a disputed payment: as one PDF to look at and keep, and sent to the bank by a person."""

from __future__ import annotations

from io import BytesIO

from django.utils.timezone import localdate
from pypdf import PdfWriter

from invoices.gateways.pdf import render_pdf
from invoices.models import ProcessorDispute
from invoices.queries.statements import account_statement
from invoices.rules.periods import Period
from invoices.rules.statement import StatementKind
from invoices.services.audit import Actor
from invoices.services.dispute_answers import answer_dispute
from invoices.services.documents import invoice_pdf
from invoices.services.statements import statement_pdf

from ..composing_evidence import evidence_html, evidence_texts
from ..queries.evidence import evidence_of, invoices_paid

MOST_INVOICES = 24  # half a second each; the table has them all


def evidence_pdf(dispute: ProcessorDispute) -> bytes:
    """Summary, invoices, and the statement from the first of them until today. Nothing is written."""
    invoices = invoices_paid(dispute.payment)
    parts = [render_pdf(evidence_html(evidence_of(dispute)))]
    parts += [invoice_pdf(invoice) for invoice in invoices[:MOST_INVOICES]]
    today = localdate()
    first_on = min([invoice.issued_on for invoice in invoices] or [localdate(dispute.payment.created_at)])
    period = Period(min(first_on, today), today)
    parts.append(statement_pdf(account_statement(dispute.payment.client, period), StatementKind.BALANCE_FORWARD))
    writer, file = PdfWriter(), BytesIO()
    for part in parts:
        writer.append(BytesIO(part))
    writer.write(file)
    return file.getvalue()


def evidence_name(dispute: ProcessorDispute) -> str:
    return f"evidence-{dispute.dispute_id}"


def send_evidence(dispute_id: int, *, actor: Actor) -> ProcessorDispute:
    """The same facts to the payer's bank, once. Raises LedgerError with what to do."""
    dispute = ProcessorDispute.objects.select_related("payment__client__terms", "payment__contact").get(pk=dispute_id)
    return answer_dispute(dispute_id, evidence_texts(evidence_of(dispute)), actor=actor)
