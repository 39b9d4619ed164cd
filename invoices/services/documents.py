"""Documents as PDF, made from the books as they are now. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from ..composing import (
    AdjustmentFacts,
    ChargeFacts,
    CreditNoteFacts,
    Frame,
    InvoiceFacts,
    LateClause,
    LineFacts,
    Online,
    Party,
    PortalLink,
    credit_note_html,
    invoice_html,
)
from ..gateways.pdf import render_pdf
from ..gateways.words import document_language, words_of
from ..models import ChargeKind, Client, CreditNote, CreditNoteLine, Invoice, InvoiceKind, InvoiceStatus, LineKind
from ..queries.charges import charges_of
from ..queries.credit_notes import creditable, taken_off_invoice, taxes_of_lines
from ..queries.documents import line_amounts
from ..queries.organisation import organisation
from ..queries.schedules import schedule_of
from ..rules.crediting import Credit, What, credit
from ..rules.interest.records import Compensation
from ..rules.interest.refusals import InterestRefused
from ..rules.invoicing import tax_lines
from ..rules.money import ZERO
from ..rules.references import Transfer, in_fours, invoice_reference, link_code, transfer_code
from ..rules.schedule import open_parts
from .credit_notes import credit_lines, taken_off
from .issuing import NewInvoice, NewLine, draft_invoice
from .rates import scheme_for


def invoice_pdf(invoice: Invoice, link: PortalLink | None = None) -> bytes:
    """The invoice as its client gets it; a draft or void one says so. About half a second for 25 lines.

    `link` is the reader's own way into the portal; without one the document prints the address that asks who it is.
    """
    return render_pdf(invoice_html(invoice_facts(invoice, link)))


def preview_invoice(client: Client, new: NewInvoice, lines: Sequence[NewLine]) -> bytes:
    """The invoice as it would be drafted: made by the same service and taken back at once, so nothing stays.

    Raises what `draft_invoice` raises.
    """
    with transaction.atomic():
        facts = invoice_facts(draft_invoice(client, new, lines, actor="preview"))
        transaction.set_rollback(True)
    return render_pdf(invoice_html(facts))


def frame_of(client: Client) -> Frame:
    language = document_language(client.language)
    party = Party(
        client.legal_name or client.name, client.address, client.code, client.tax_number, client.registration_number
    )
    return Frame(organisation(), party, language, words_of(language))


def invoice_facts(invoice: Invoice, link: PortalLink | None = None) -> InvoiceFacts:
    frame, is_draft = frame_of(invoice.client), invoice.status == InvoiceStatus.DRAFT
    us, reference, plan = frame.sender, invoice_reference(invoice.pk), schedule_of(invoice)
    to_pay = invoice.total_amount if is_draft else invoice.open_amount
    transfer = Transfer(us.account_holder or us.name, us.iban, us.bic, invoice.open_amount, reference, us.address)
    return InvoiceFacts(
        frame=frame,
        number=invoice.number or "",
        state="" if invoice.status == InvoiceStatus.ISSUED else invoice.status,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        original_due_on=invoice.original_due_on if invoice.original_due_on != invoice.due_on else None,
        delivered_on=invoice.delivered_on,
        their_reference=invoice.reference,
        buyer_reference=invoice.buyer_reference,
        project=invoice.project,
        currency=invoice.currency,
        lines=_lines(invoice),
        adjustments=_adjustments(invoice),
        taxes=tax_lines(line_amounts(invoice), invoice.currency),
        net_amount=invoice.net_amount,
        tax_amount=invoice.tax_amount,
        total_amount=invoice.total_amount,
        to_pay=to_pay,
        text=invoice.text,
        schedule=plan,
        parts=open_parts(plan.parts, to_pay) if plan.is_split else (),
        terms_text=invoice.terms.text if invoice.terms else "",
        late=_late_clause(invoice),
        transfer_reference=in_fours(reference),
        iban=in_fours(us.iban.replace(" ", "")),
        code=transfer_code(transfer, invoice.currency),
        online=_online(link),
        charges=_charges(invoice),
    )


def _online(link: PortalLink | None) -> Online:
    page = f"{settings.SITE_URL}/p/"
    return Online(link.url, page, link_code(link.url), link.until) if link else Online(page, page, link_code(page))


def _charges(document: Invoice) -> tuple[ChargeFacts, ...]:
    """The computations, when the document is of late charges."""
    return tuple(
        ChargeFacts(
            charge.kind == ChargeKind.INTEREST,
            charge.invoice.number or "",
            charge.invoice.issued_on,
            charge.invoice.due_on,
            charge.invoice.total_amount,
            charge.computation,
        )
        for charge in charges_of(document)
    )


def _lines(invoice: Invoice) -> list[LineFacts]:
    rows = [line for line in invoice.lines.all() if line.kind == LineKind.LINE]
    return [
        LineFacts(n, *(getattr(line, name) for name in LineFacts._fields[1:])) for n, line in enumerate(rows, start=1)
    ]


def _adjustments(invoice: Invoice) -> list[AdjustmentFacts]:
    """One row per allowance or surcharge, whatever tax rates it was spread over."""
    found: dict[tuple[str, str, Decimal], AdjustmentFacts] = {}
    for line in invoice.lines.all():
        if line.kind != LineKind.LINE:
            key = (line.kind, line.description, line.discount_percent)
            so_far = found.get(key, AdjustmentFacts(line.description, line.discount_percent, ZERO, ZERO))
            found[key] = so_far._replace(base=so_far.base + line.unit_price, amount=so_far.amount + line.net_amount)
    return list(found.values())


def _late_clause(invoice: Invoice) -> LateClause | None:
    """The terms' own words, else what the client's scheme says; a late charge bears no charges itself."""
    client = invoice.client
    if invoice.kind == InvoiceKind.CHARGE:
        return None
    if invoice.terms and invoice.terms.late_fee_clause:
        return LateClause(text=invoice.terms.late_fee_clause)
    if not client.late_charge_rule:
        return None
    try:
        scheme = scheme_for(client.late_charge_rule, client.country)
    except InterestRefused:
        return None
    if scheme.agreed is not None:
        return LateClause(rate=client.late_charge_rate) if client.late_charge_rate else None
    if client.debtor_type not in scheme.margins:
        return None
    return LateClause(law=scheme.law.partition(";")[0], **_least_sum(scheme.compensation, client.debtor_type))


def _least_sum(compensation: Compensation | None, debtor_type: str) -> dict[str, Decimal | str | None]:
    if compensation is None or debtor_type not in compensation.debtor_types:
        return {}
    sums = [tier.sum for tier in compensation.tiers] + ([compensation.at_least] if compensation.at_least else [])
    return {"fixed_sum": min(sums), "currency": compensation.currency} if sums else {}


def credit_note_pdf(note: CreditNote) -> bytes:
    """The credit note as its client gets it."""
    return render_pdf(credit_note_html(credit_note_facts(note, list(note.lines.all()), taken_off_invoice(note))))


def preview_credit_note(invoice: Invoice, what: What, reason: str) -> bytes:
    """The credit note that would be issued today. Raises CannotCredit as issuing would; takes no number."""
    found = credit(creditable(invoice), what)
    note = _not_written(invoice, found, reason)
    return render_pdf(credit_note_html(credit_note_facts(note, credit_lines(found), taken_off(invoice, found.total))))


def _not_written(invoice: Invoice, found: Credit, reason: str) -> CreditNote:
    return CreditNote(
        client=invoice.client,
        invoice=invoice,
        issued_on=localdate(),
        currency=invoice.currency,
        reason=reason,
        net_amount=found.net,
        tax_amount=found.tax,
        total_amount=found.total,
    )


def credit_note_facts(note: CreditNote, lines: list[CreditNoteLine], off: Decimal) -> CreditNoteFacts:
    invoice = note.invoice
    return CreditNoteFacts(
        frame=frame_of(note.client),
        number=note.number,
        issued_on=note.issued_on,
        invoice_number=invoice.number or "",
        invoice_issued_on=invoice.issued_on,
        their_reference=invoice.reference,
        currency=note.currency,
        reason=note.reason,
        lines=lines,
        taxes=taxes_of_lines(lines),
        net_amount=note.net_amount,
        tax_amount=note.tax_amount,
        total_amount=note.total_amount,
        taken_off=off,
    )
