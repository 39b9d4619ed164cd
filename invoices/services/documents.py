"""Documents as PDF, from the books."""

from __future__ import annotations

from decimal import Decimal

from django.template.loader import render_to_string
from django.utils.translation import override

from ..gateways.pdf import render_pdf
from ..models import Invoice
from ..queries.organisation import organisation
from ..rules.invoicing import LineAmounts, tax_by_rate


def invoice_html(invoice: Invoice) -> str:
    """The invoice as it is printed. An imported one without lines shows its total."""
    lines = list(invoice.lines.all())
    amounts = [LineAmounts(x.quantity, x.unit_price, x.discount_percent, x.tax_rate) for x in lines]
    taxes: dict[Decimal, Decimal] = tax_by_rate(amounts, invoice.currency)
    context = {
        "invoice": invoice,
        "client": invoice.client,
        "lines": lines,
        "taxes": taxes.items(),
        "sender": organisation(),
        "terms": invoice.terms,
    }
    with override("en"):
        return render_to_string("documents/invoice.html", context)


def invoice_pdf(invoice: Invoice) -> bytes:
    """The invoice as PDF, several pages where it needs them."""
    return render_pdf(invoice_html(invoice))
