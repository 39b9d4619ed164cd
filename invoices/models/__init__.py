"""What is owed: the tables. Shape only; `invoices.services` writes them."""

from .client import Client, Contact, ContactRole, DebtorType, EmailState
from .dispute import Dispute, DisputeReason, DisputeStatus
from .entry import Entry, EntryKind
from .event import AuditEvent, Note
from .invoice import Invoice, InvoiceLine, InvoiceStatus, NumberSeries
from .organisation import Organisation
from .payment import Payment, PaymentLine, PaymentStatus, ProcessorEvent
from .receipt import Allocation, Receipt, ReceiptMethod
from .terms import PaymentTerms

__all__ = [
    "Allocation",
    "AuditEvent",
    "Client",
    "Contact",
    "ContactRole",
    "DebtorType",
    "Dispute",
    "DisputeReason",
    "DisputeStatus",
    "EmailState",
    "Entry",
    "EntryKind",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "Note",
    "NumberSeries",
    "Organisation",
    "Payment",
    "PaymentLine",
    "PaymentStatus",
    "PaymentTerms",
    "ProcessorEvent",
    "Receipt",
    "ReceiptMethod",
]
