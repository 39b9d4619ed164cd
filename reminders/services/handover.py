"""The hand-over file of a placement: a CSV of its items, and a PDF pack to read. Nothing is written.

The pack: who owes what, whom to speak to, what happened; the statement as it stood at the hand-over; each invoice;
each notice as it was sent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils.timezone import localdate
from pypdf import PdfReader, PdfWriter

from invoices.gateways.pdf import render_pdf
from invoices.models import Client
from invoices.queries.organisation import organisation
from invoices.queries.statements import AccountStatement, account_statement
from invoices.rules.ageing import days_past_due
from invoices.rules.money import plain
from invoices.rules.periods import Period
from invoices.rules.spreadsheets import harmless
from invoices.rules.statement import StatementKind
from invoices.services.documents import invoice_pdf
from invoices.services.statements import statement_pdf

from ..handing_over import handover_html
from ..models import Channel, Notice, OutgoingStatus, Placement
from ..queries.placements import collected_on, items_of, sums_of
from ..queries.timeline import timeline

MOST_INVOICES = 60  # half a second of PDF each; the CSV has every item
MOST_HAPPENINGS = 300
# What the partner has to know; our own notes and changes stay with us.
TOLD = ("notices", "calls", "money")
COLUMNS = (
    "client", "name", "legal name", "kind", "registration", "tax number", "address", "country", "contact", "email",
    "phone", "invoice", "issued", "due", "days past due", "total", "paid or credited", "handed over", "currency",
    "final notice", "deadline", "reference",
)  # fmt: skip


def handover_csv(placement: Placement) -> str:
    """One line an item, with the amounts as they were frozen."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    client, notice = placement.client, placement.final_notice
    contact = client.contacts.filter(is_active=True).order_by("-is_primary", "pk").first()
    who = [
        client.code,
        client.name,
        client.legal_name,
        client.get_debtor_type_display(),
        client.registration_number,
        client.tax_number,
        " / ".join(client.address.splitlines()),
        client.country,
        contact.name if contact else "",
        contact.email if contact else "",
        contact.phone if contact else "",
    ]
    for item in items_of(placement):
        invoice, currency = item.invoice, item.currency
        row = [
            *who,
            str(invoice),
            invoice.issued_on.isoformat(),
            invoice.due_on.isoformat(),
            str(days_past_due(invoice.due_on, placement.placed_on)),
            plain(invoice.total_amount, currency),
            plain(invoice.total_amount - item.amount, currency),
            plain(item.amount, currency),
            currency,
            notice.sent_on.isoformat() if notice.sent_on else "",
            placement.deadline_on.isoformat(),
            placement.reference,
        ]
        writer.writerow(_cells(row))
    return out.getvalue()


def _cells(row: Iterable[str]) -> list[str]:
    """Text that a spreadsheet would run is made harmless; the phone number's plus sign is such a text too."""
    return [harmless(cell) for cell in row]


def report_csv(placement: Placement) -> str:
    """What came in after the hand-over, with the commission on each receipt."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("on", "invoice", "received", "commission", "currency"))
    for one in collected_on(placement):
        figures = plain(one.amount, one.currency), plain(one.commission, one.currency)
        writer.writerow((one.on.isoformat(), harmless(one.number), *figures, one.currency))
    return out.getvalue()


def handover_pdf(placement: Placement) -> bytes:
    """The whole pack as one PDF; takes about a second, and half a second an invoice."""
    writer = PdfWriter()
    items, notices = items_of(placement), _notices(placement)
    _add(writer, render_pdf(_cover(placement, notices)))
    _add(writer, statement_pdf(_statement(placement), StatementKind.OPEN_ITEM))
    for item in items[:MOST_INVOICES]:
        _add(writer, invoice_pdf(item.invoice))
    for notice in notices:
        if notice.channel == Channel.LETTER:
            for attachment in notice.attachments.order_by("id"):
                with attachment.file.open("rb") as file:
                    _add(writer, file.read())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def handover_name(placement: Placement) -> str:
    """The file's name without its ending, in plain ASCII: placement-17-ACME."""
    code = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in placement.client.code
    )
    return f"placement-{placement.pk}-{code}"


def _add(writer: PdfWriter, pdf: bytes) -> None:
    for page in PdfReader(io.BytesIO(pdf)).pages:
        writer.add_page(page)


def _notices(placement: Placement) -> list[Notice]:
    """What was sent about any of its items before the hand-over, in order."""
    rows = Notice.objects.filter(
        lines__invoice__placement_items__placement=placement,
        status=OutgoingStatus.SENT,
        sent_at__lte=placement.created_at,
    )
    return list(rows.exclude(channel=Channel.DECIDE).select_related("level", "client").distinct().order_by("sent_at"))


def _statement(placement: Placement) -> AccountStatement:
    first_on = min((item.invoice.issued_on for item in items_of(placement)), default=placement.placed_on)
    period = Period(min(first_on, placement.placed_on), placement.placed_on)
    return account_statement(placement.client, period, known_at=placement.created_at)


def _cover(placement: Placement, notices: list[Notice]) -> str:
    client: Client = placement.client
    items = items_of(placement)
    happened = [one for one in timeline(client.pk, limit=MOST_HAPPENINGS) if one.kind in TOLD]
    context = {
        "placement": placement,
        "client": client,
        "sender": organisation(),
        "items": [(item, days_past_due(item.invoice.due_on, placement.placed_on)) for item in items],
        "left_out": max(len(items) - MOST_INVOICES, 0),
        "sums": sums_of(placement, []),
        "contacts": client.contacts.filter(is_active=True).order_by("-is_primary", "name", "pk"),
        "notices": notices,
        "mails": [notice for notice in notices if notice.channel != Channel.LETTER and notice.body_text],
        "happened": [one for one in reversed(happened) if one.at <= placement.created_at],
        "today": localdate(),
    }
    return handover_html(context)
