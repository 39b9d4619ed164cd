"""A whole draft as one form: its head, its lines, and what is given or asked on top of them."""

from __future__ import annotations

from typing import Any

from invoices.models import Invoice
from invoices.services.issuing import NewLine

from .adjustments import Adjustments
from .invoices import InvoiceForm, Lines

MORE = ("more", "more_adjustments")  # buttons that only ask for another empty row


class DraftForms:
    """Bound to what was posted, or filled from a draft, or fresh with `initial` for the head."""

    def __init__(self, data: Any = None, *, invoice: Invoice | None = None, initial: Any = None) -> None:
        self.data, self.invoice = data, invoice
        given = InvoiceForm.initial_of(invoice) if invoice and data is None else initial
        self.head = InvoiceForm(data, initial=given)
        self.lines = Lines(data, invoice)
        self.adjustments = Adjustments(data, invoice)

    @property
    def is_asking_for_rows(self) -> bool:
        return self.data is not None and any(name in self.data for name in MORE)

    def is_valid(self) -> bool:
        """All parts are judged, so that all errors show at once."""
        is_right = all([self.head.is_valid(), self.lines.is_valid(), self.adjustments.is_valid()])
        return is_right and bool(self.new_lines) and not self.adjustments.error

    @property
    def new_lines(self) -> list[NewLine]:
        """The lines, and the rows of the adjustments spread over their tax; of a form that is right."""
        lines = self.lines.values
        return lines + self.adjustments.rows(lines, self.head.cleaned_data["currency"])
