"""When an invoice of today would be due under a client's terms, for the form that chooses them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate

from invoices.models import PaymentTerms
from invoices.queries.schedules import terms_record
from invoices.rules.schedule import Place

from .trying import tried


def due_example(terms_id: object, country: object = "", region: object = "") -> dict[str, Any]:
    """`example` (dashboard.trying.Trial over 1,000) and `example_terms`; both None where no terms would hold.

    Without terms of his own the client has the default ones.
    """
    rows = PaymentTerms.objects.prefetch_related("parts")
    text = str(terms_id or "")
    chosen = rows.filter(pk=int(text)) if text.isdecimal() and len(text) < 10 else rows.filter(is_default=True)
    terms = chosen.first()
    if terms is None:
        return {"example": None, "example_terms": None}
    place = Place(str(country or "")[:2], str(region or "")[:10])
    trial = tried(terms_record(terms), localdate(), Decimal(1000), "", place=place)
    return {"example": trial, "example_terms": terms}
