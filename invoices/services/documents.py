"""Documents as PDF, made from the books as they are now. Nothing is written."""

from __future__ import annotations

from ..composing import ChargeFacts, CreditNoteFacts, InvoiceFacts, LineFacts, credit_note_html, invoice_html
from ..gateways.pdf import render_pdf
from ..models import ChargeKind, CreditNote, Invoice, InvoiceStatus
from ..queries.charges import charge_of
from ..queries.credit_notes import taken_off_invoice, taxes_of
from ..queries.documents import line_amounts
from ..queries.organisation import organisation
from ..rules.invoicing import tax_lines
from ..rules.references import Transfer, in_fours, invoice_reference, transfer_code


def invoice_pdf(invoice: Invoice) -> bytes:
    """The invoice as its client gets it; a draft or void one says so. About half a second for 25 lines."""
    return render_pdf(invoice_html(invoice_facts(invoice)))


def invoice_facts(invoice: Invoice) -> InvoiceFacts:
    client, us = invoice.client, organisation()
    reference = invoice_reference(invoice.pk)
    transfer = Transfer(us.account_holder or us.name, us.iban, us.bic, invoice.open_amount, reference)
    return InvoiceFacts(
        sender=us,
        client_name=client.legal_name or client.name,
        client_address=client.address,
        client_code=client.code,
        client_tax_number=client.tax_number,
        language=client.language,
        number=invoice.number or "",
        state="" if invoice.status == InvoiceStatus.ISSUED else invoice.get_status_display(),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        delivered_on=invoice.delivered_on,
        their_reference=invoice.reference,
        currency=invoice.currency,
        lines=_lines(invoice),
        taxes=tax_lines(line_amounts(invoice), invoice.currency),
        net_amount=invoice.net_amount,
        tax_amount=invoice.tax_amount,
        total_amount=invoice.total_amount,
        open_amount=invoice.open_amount,
        text=invoice.text,
        terms_text=(invoice.terms.text or invoice.terms.name) if invoice.terms else "",
        transfer_reference=in_fours(reference),
        iban=in_fours(us.iban.replace(" ", "")),
        code=transfer_code(transfer, invoice.currency),
        charge=_charge(invoice),
    )


def _charge(document: Invoice) -> ChargeFacts | None:
    """The computation, when the document is a late charge."""
    charge = charge_of(document)
    if charge is None:
        return None
    late = charge.invoice
    return ChargeFacts(
        charge.kind == ChargeKind.INTEREST,
        late.number or "",
        late.issued_on,
        late.due_on,
        late.total_amount,
        charge.computation,
    )


def _lines(invoice: Invoice) -> list[LineFacts]:
    return [
        LineFacts(
            line.position,
            line.description,
            line.quantity,
            line.unit_price,
            line.discount_percent,
            line.tax_rate,
            line.net_amount,
            invoice.currency,
        )
        for line in invoice.lines.all()
    ]


def credit_note_pdf(note: CreditNote) -> bytes:
    """The credit note as its client gets it."""
    return render_pdf(credit_note_html(credit_note_facts(note)))


def credit_note_facts(note: CreditNote) -> CreditNoteFacts:
    client, invoice = note.client, note.invoice
    return CreditNoteFacts(
        sender=organisation(),
        client_name=client.legal_name or client.name,
        client_address=client.address,
        client_code=client.code,
        client_tax_number=client.tax_number,
        language=client.language,
        number=note.number,
        issued_on=note.issued_on,
        invoice_number=invoice.number or "",
        invoice_issued_on=invoice.issued_on,
        their_reference=invoice.reference,
        currency=note.currency,
        reason=note.reason,
        lines=list(note.lines.all()),
        taxes=taxes_of(note),
        net_amount=note.net_amount,
        tax_amount=note.tax_amount,
        total_amount=note.total_amount,
        taken_off=taken_off_invoice(note),
    )
