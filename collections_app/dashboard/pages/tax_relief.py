"""The tax in unpaid invoices that can be had back: from when, until when, how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Value
from django.urls import path, reverse
from django.utils.timezone import localdate

from invoices.models import Invoice, InvoiceKind, InvoiceStatus, WriteOffStatus
from invoices.queries.documents import invoices_matching
from invoices.queries.organisation import organisation
from invoices.rules.bad_debt import Relief
from invoices.services.bad_debt import relief_of, rule_of

from ..forms.fields import CURRENCY_CHOICES
from ..listing import Column, Filter, ListPage


def invoice_url(invoice: Invoice) -> str:
    return reverse("dashboard:invoice", args=[invoice.pk])


def client_url(invoice: Invoice) -> str:
    return reverse("dashboard:client", args=[invoice.client_id])


def found(invoice: Invoice) -> Relief | None:
    """By the rule of the country that the list was read with; none stated gives none."""
    rule = rule_of(invoice.our_country)
    return relief_of(invoice, rule) if rule else None


def tax(invoice: Invoice) -> Decimal | None:
    return one.tax if (one := found(invoice)) else None


def from_on(invoice: Invoice) -> date | None:
    return one.from_on if (one := found(invoice)) else None


def until_on(invoice: Invoice) -> date | None:
    return one.until_on if (one := found(invoice)) else None


def state(invoice: Invoice) -> str:
    one, today = found(invoice), localdate()
    if one is None:
        return "No rule stated"
    if one.from_on is None:
        return "When uncollectable"
    if not one.rule.is_confirmed:
        return "To be confirmed"
    return "Can be claimed" if one.is_open(today) else "Too late" if one.is_over(today) else "Not yet"


def unpaid_with_tax() -> QuerySet[Invoice]:
    """Past due, with tax inside: open, or written off."""
    rows = Invoice.objects.filter(status=InvoiceStatus.ISSUED, kind=InvoiceKind.INVOICE, tax_amount__gt=0)
    lost = Invoice.objects.filter(write_offs__status=WriteOffStatus.BOOKED).values("pk")
    rows = rows.filter(Q(open_amount__gt=0) | Q(pk__in=lost), due_on__lt=localdate())
    rows = rows.annotate(our_country=Value(organisation().country))
    return rows.select_related("client").prefetch_related("write_offs")


class TaxReliefList(ListPage):
    title = "Tax on bad debts"
    queryset = unpaid_with_tax
    order = "due_on"
    columns = [
        Column(str, "Invoice", link=invoice_url),
        Column("client__name", "Client", link=client_url),
        Column("due_on", "Due", "date", sort=True),
        Column("open_amount", "Open", "money"),
        Column(tax, "Tax in what is unpaid", "money"),
        Column(from_on, "Claim from", "date"),
        Column(until_on, "Claim until", "date"),
        Column(state, "Status", "badge"),
    ]
    filters = [
        Filter("currency", "Currency", "currency", CURRENCY_CHOICES),
        Filter("client", "Client code", "client__code", kind="text"),
    ]
    search = invoices_matching
    search_hint = "Number or client"
    empty_title = "No unpaid invoice with tax"
    empty_text = "Overdue or written-off invoices with tax are listed here, with the dates of our country's rule."


urls = [path("tax-relief/", TaxReliefList.as_view(), name="tax_relief")]
