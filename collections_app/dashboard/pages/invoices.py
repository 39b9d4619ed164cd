"""The list of invoices, the page of one, issuing and voiding."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs, user_can
from invoices.errors import LedgerError
from invoices.models import AuditEvent, CreditNote, Invoice, InvoiceKind, InvoiceStatus, WriteOffStatus
from invoices.queries import documents
from invoices.queries.charges import charges_of, charges_on
from invoices.queries.discounts import open_offer
from invoices.queries.organisation import small_difference_limit
from invoices.queries.schedules import schedule_of
from invoices.rules.ageing import BUCKETS, days_past_due
from invoices.rules.bad_debt import Relief
from invoices.rules.invoicing import tax_lines
from invoices.rules.limits import is_small_difference
from invoices.rules.money import ZERO
from invoices.services.bad_debt import relief_of
from invoices.services.documents import invoice_pdf
from invoices.services.issuing import void_invoice
from reminders.errors import DunningError
from reminders.models import NoticeLine
from reminders.queries.standing import ItemStanding, item_standings
from reminders.services.document_mails import issue_and_send, mailable_contacts, mails_about, preview_document

from ..access import invoice_for_staff
from ..credit_words import credit_of_draft
from ..files import pdf_answer
from ..forms.fields import CURRENCY_CHOICES
from ..forms.invoices import VoidForm
from ..forms.mails import RecipientsForm
from ..invoice_parts import shown_parts
from ..listing import Column, Filter, Link, ListPage
from ..said import done, refused


def invoice_url(invoice: Invoice) -> str:
    return reverse("dashboard:invoice", args=[invoice.pk])


def client_url(invoice: Invoice) -> str:
    return reverse("dashboard:client", args=[invoice.client_id])


def state(invoice: Invoice) -> str:
    """The words for how an invoice stands today; of one in parts, how the part stands that is due."""
    if invoice.status == InvoiceStatus.VOID and not invoice.number:
        return "Discarded"
    if invoice.status != InvoiceStatus.ISSUED:
        return invoice.get_status_display()
    if not invoice.is_open:
        return documents.settled_word(invoice)
    is_overdue = invoice.due_on < localdate()
    if invoice.current_part:
        return f"Part {invoice.current_part} {'overdue' if is_overdue else 'open'}"
    if is_overdue:
        return "Overdue"
    return "Part paid" if invoice.open_amount < invoice.total_amount else "Open"


def days(invoice: Invoice) -> int | None:
    return days_past_due(invoice.due_on, localdate()) if invoice.is_open else None


def of_status(rows: QuerySet, value: str) -> QuerySet:
    return documents.invoices_of_status(rows, value, localdate())


def of_bucket(rows: QuerySet, value: str) -> QuerySet:
    return documents.invoices_of_bucket(rows, value, localdate())


def bucket_choices() -> list[tuple[str, str]]:
    return [(name, "Not due" if name == "current" else f"{name} days") for name in BUCKETS]


def all_invoices() -> QuerySet[Invoice]:
    return documents.with_settlement(Invoice.objects.select_related("client"))


class InvoiceList(ListPage):
    title = "Invoices"
    queryset = all_invoices
    order = "-issued_on"
    columns = [
        Column(str, "Invoice", link=invoice_url),
        Column("client__name", "Client", link=client_url),
        Column("issued_on", "Issued", "date", sort=True),
        Column("due_on", "Due", "date", sort=True),
        Column(days, "Age", "days"),
        Column("total_amount", "Total", "money"),
        Column("open_amount", "Open", "money"),
        Column("reference", "Reference"),
        Column(state, "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", of_status, list(documents.STATUSES.items())),
        Filter("bucket", "Age", of_bucket, bucket_choices),
        Filter("kind", "Kind", "kind", InvoiceKind.choices),
        Filter("currency", "Currency", "currency", CURRENCY_CHOICES),
        Filter("client", "Client code", "client__code", kind="text"),
    ]
    search = documents.invoices_matching
    search_hint = "Number, reference or client"
    links = [Link("New invoice", "dashboard:invoice_new", key="n", permission="work")]
    empty_title = "No invoices yet"
    empty_text = "Write one, or import a file of invoices."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "dashboard/invoice/page.html", invoice_context(invoice_for_staff(pk)))


def invoice_context(invoice: Invoice) -> dict[str, Any]:
    amounts, itemised = documents.line_amounts(invoice), charges_of(invoice)
    standing = item_standings(invoice.client_id).get(invoice.pk, ItemStanding())
    notices = NoticeLine.objects.filter(invoice_id=invoice.pk, is_live=True).select_related("notice__level")
    notes = list(invoice.credit_notes.order_by("pk"))
    about = Q(subject_type="invoice", subject_id=invoice.pk)
    about |= Q(subject_type="creditnote", subject_id__in=[note.pk for note in notes])
    events = AuditEvent.objects.filter(about, client_id=invoice.client_id)
    return {
        "invoice": invoice,
        "client": invoice.client,
        "state": state(invoice),
        "days": days(invoice),
        "lines": invoice.lines.all(),
        "taxes": tax_lines(amounts, invoice.currency),
        "entries": invoice.entries.select_related("receipt", "credit_note", "recorded_by").order_by("pk"),
        "notices": notices.order_by("position"),
        "events": events.select_related("actor").order_by("-at", "-pk")[:50],
        "standing": standing,
        **corrections(invoice, notes),
        "charge": itemised[0] if itemised else None,
        "itemised": itemised,
        "charges": charges_on(invoice.pk),
        "parts": shown_parts(invoice, localdate()),
        "void_form": VoidForm(),
        "mails": mails_about(invoice),
    }


def overdue_relief(invoice: Invoice) -> Relief | None:
    """The dates of tax relief, once there may be any."""
    return relief_of(invoice) if invoice.status == InvoiceStatus.ISSUED and invoice.due_on < localdate() else None


def corrections(invoice: Invoice, notes: list[CreditNote]) -> dict[str, Any]:
    """Credit notes and losses on the invoice, and which of them may still be made."""
    losses = list(invoice.write_offs.order_by("pk"))
    tolerance = small_difference_limit()
    is_small = is_small_difference(invoice.open_amount, invoice.total_amount, invoice.currency, tolerance)
    return {
        "credit_notes": notes,
        "losses": losses,
        "lost_amount": sum((loss.unrecovered_amount for loss in losses if loss.status == WriteOffStatus.BOOKED), ZERO),
        "discounts": list(invoice.discounts.order_by("pk")) if invoice.discount_percent else [],
        "early": open_offer(invoice, localdate()) if invoice.discount_percent else None,
        "relief": overdue_relief(invoice),
        "settlements": list(invoice.settlement_items.select_related("settlement").order_by("pk")),
        "left_to_credit": invoice.total_amount - sum((note.total_amount for note in notes), ZERO),
        "is_small_difference": is_small,
        # Nothing moved it since its issue: otherwise a credit note is what corrects it.
        "is_discarded": invoice.status == InvoiceStatus.VOID and not invoice.number,
        "is_voidable": not notes and (invoice.status == "draft" or invoice.open_amount == invoice.total_amount),
    }


@needs("issue")
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """First what will happen, then, on POST, it happens."""
    invoice = invoice_for_staff(pk)
    if invoice.status != InvoiceStatus.DRAFT:
        return redirect(invoice_url(invoice))
    if request.method == "POST":
        try:
            issued, sent_to = issue_and_send(
                pk, recipients_of(request), actor=request.user, over_limit_reason=reason_of(request)
            )
        except (LedgerError, DunningError) as error:
            return refused(request, error, "dashboard:invoice", pk)
        said = f"Invoice {issued} issued. It is due on {issued.due_on:%A %d %B %Y}."
        said += f" It leaves within a minute, to {', '.join(sent_to)}." if sent_to else ""
        return done(request, said, "dashboard:invoice", pk)
    try:
        plan = schedule_of(invoice)
    except LedgerError as error:
        return refused(request, error, "dashboard:invoice", pk)
    contacts = invoice.client.contacts.filter(is_active=True).order_by("-is_primary", "pk")
    recipients = mailable_contacts(invoice.client_id)
    context = {
        "invoice": invoice,
        "client": invoice.client,
        "number": documents.next_number(),
        "contact": contacts.first(),
        "plan": plan,
        "recipients": RecipientsForm(recipients),
        "answer": preview_document(invoice, recipients[0]) if recipients else None,
        **credit_of_draft(invoice),
    }
    return render(request, "dashboard/invoice/issue.html", {**context, "today": localdate()})


def recipients_of(request: HttpRequest) -> list[int]:
    """The contacts ticked to get it by mail; none issues it only."""
    return [int(key) for key in request.POST.getlist("contacts") if key.isascii() and key.isdecimal()]


def reason_of(request: HttpRequest) -> str:
    """Why a manager issues what the credit limit or a hold stops; nobody else has such a reason."""
    return request.POST.get("over_limit_reason", "") if user_can(request.user, "approve") else ""


@needs("issue")
@require_POST
def void(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = invoice_for_staff(pk)
    form = VoidForm(request.POST)
    if form.is_valid():
        try:
            voided = void_invoice(pk, reason=form.cleaned_data["reason"], actor=request.user)
        except LedgerError as error:
            return refused(request, error, "dashboard:invoice", pk)
        return done(request, f"Invoice {voided} is void; its number stays used.", "dashboard:invoice", pk)
    return render(request, "dashboard/invoice/page.html", {**invoice_context(invoice), "void_form": form}, status=422)


@needs("view")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The invoice as its client gets it, but without the client's own link: with that one could act in his name."""
    invoice = invoice_for_staff(pk)
    return pdf_answer(invoice_pdf(invoice), str(invoice))


urls = [
    path("invoices/", InvoiceList.as_view(), name="invoices"),
    path("invoices/<int:pk>/", page, name="invoice"),
    path("invoices/<int:pk>/pdf/", pdf, name="invoice_pdf"),
    path("invoices/<int:pk>/issue/", issue, name="invoice_issue"),
    path("invoices/<int:pk>/void/", void, name="invoice_void"),
]
