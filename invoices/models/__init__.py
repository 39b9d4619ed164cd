"""What is owed: the tables. Shape only; `invoices.services` writes them."""

from .charge import Charge, ChargeKind, ChargeStatus, ReferenceRate
from .client import Client, Contact, ContactRole, DebtorType, EmailState
from .credit_note import CreditNote, CreditNoteLine
from .dispute import Dispute, DisputeReason, DisputeStatus
from .entry import Entry, EntryKind
from .event import AuditEvent, Note
from .invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceStatus, NumberSeries
from .organisation import Organisation
from .payment import Payment, PaymentLine, PaymentStatus, ProcessorEvent
from .receipt import Allocation, Receipt, ReceiptMethod
from .refund import Refund, RefundStatus
from .terms import PaymentTerms
from .write_off import WriteOff, WriteOffReason, WriteOffStatus

__all__ = [
    "Allocation",
    "AuditEvent",
    "Charge",
    "ChargeKind",
    "ChargeStatus",
    "Client",
    "Contact",
    "ContactRole",
    "CreditNote",
    "CreditNoteLine",
    "DebtorType",
    "Dispute",
    "DisputeReason",
    "DisputeStatus",
    "EmailState",
    "Entry",
    "EntryKind",
    "Invoice",
    "InvoiceKind",
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
    "ReferenceRate",
    "Refund",
    "RefundStatus",
    "WriteOff",
    "WriteOffReason",
    "WriteOffStatus",
]
