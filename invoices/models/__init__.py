"""What is owed: the tables. Shape only; `invoices.services` writes them."""

from .charge import Charge, ChargeKind, ChargeStatus, ReferenceRate
from .client import Client, Contact, ContactRole, CreditPolicy, DebtorType, EmailState, StatementSchedule
from .credit import ApplicationStatus, CreditApplication, TradeReference
from .credit_note import CreditNote, CreditNoteLine
from .discount import Discount, DiscountStatus
from .dispute import Dispute, DisputeReason, DisputeStatus
from .entry import Entry, EntryKind
from .event import AuditEvent, Note
from .invoice import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoicePart,
    InvoiceStatus,
    LineKind,
    NumberSeries,
    TaxCategory,
)
from .organisation import Organisation
from .payment import Payment, PaymentLine, PaymentStatus, ProcessorEvent
from .plan import Deferral, Instalment, PaymentPlan, PlanItem, PlanStatus
from .receipt import Allocation, Receipt, ReceiptMethod, ReversalReason
from .recurring import RecurringFrequency, RecurringInvoice, RecurringIssue, RecurringLine, RecurringStatus
from .refund import Refund, RefundStatus
from .settlement import Settlement, SettlementItem, SettlementStatus
from .terms import PaymentTerms, TermsPart
from .write_off import WriteOff, WriteOffReason, WriteOffStatus

__all__ = [
    "Allocation",
    "ApplicationStatus",
    "AuditEvent",
    "Charge",
    "ChargeKind",
    "ChargeStatus",
    "Client",
    "Contact",
    "ContactRole",
    "CreditApplication",
    "CreditNote",
    "CreditNoteLine",
    "CreditPolicy",
    "DebtorType",
    "Deferral",
    "Discount",
    "DiscountStatus",
    "Dispute",
    "DisputeReason",
    "DisputeStatus",
    "EmailState",
    "Entry",
    "EntryKind",
    "Instalment",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoicePart",
    "InvoiceStatus",
    "LineKind",
    "Note",
    "NumberSeries",
    "Organisation",
    "Payment",
    "PaymentLine",
    "PaymentPlan",
    "PaymentStatus",
    "PaymentTerms",
    "PlanItem",
    "PlanStatus",
    "ProcessorEvent",
    "Receipt",
    "ReceiptMethod",
    "RecurringFrequency",
    "RecurringInvoice",
    "RecurringIssue",
    "RecurringLine",
    "RecurringStatus",
    "ReferenceRate",
    "Refund",
    "RefundStatus",
    "ReversalReason",
    "Settlement",
    "SettlementItem",
    "SettlementStatus",
    "StatementSchedule",
    "TaxCategory",
    "TermsPart",
    "TradeReference",
    "WriteOff",
    "WriteOffReason",
    "WriteOffStatus",
]
