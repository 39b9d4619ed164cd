"""What is owed: the tables. Shape only; `invoices.services` writes them."""

from .charge import Charge, ChargeKind, ChargeStatus, ReferenceRate
from .client import Client, Contact, ContactRole, CreditPolicy, DebtorType, EmailState, StatementSchedule
from .credit import ApplicationStatus, CreditApplication, TradeReference
from .credit_note import CreditNote, CreditNoteLine
from .discount import Discount, DiscountStatus
from .dispute import Dispute, DisputeFile, DisputeReason, DisputeStatus
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
from .mandate import Debit, Mandate, MandateStatus
from .organisation import Organisation
from .payment import (
    Payment,
    PaymentLine,
    PaymentStatus,
    Payout,
    PayoutLine,
    ProcessorDispute,
    ProcessorEvent,
    ProcessorRefund,
)
from .plan import Deferral, Instalment, PaymentPlan, PlanItem, PlanStatus
from .portal import ClientRequest, Feedback, FeedbackReason, PortalView, RequestKind, RequestStatus, StepUpCode
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
    "ClientRequest",
    "Contact",
    "ContactRole",
    "CreditApplication",
    "CreditNote",
    "CreditNoteLine",
    "CreditPolicy",
    "Debit",
    "DebtorType",
    "Deferral",
    "Discount",
    "DiscountStatus",
    "Dispute",
    "DisputeFile",
    "DisputeReason",
    "DisputeStatus",
    "EmailState",
    "Entry",
    "EntryKind",
    "Feedback",
    "FeedbackReason",
    "Instalment",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoicePart",
    "InvoiceStatus",
    "LineKind",
    "Mandate",
    "MandateStatus",
    "Note",
    "NumberSeries",
    "Organisation",
    "Payment",
    "PaymentLine",
    "PaymentPlan",
    "PaymentStatus",
    "PaymentTerms",
    "Payout",
    "PayoutLine",
    "PlanItem",
    "PlanStatus",
    "PortalView",
    "ProcessorDispute",
    "ProcessorEvent",
    "ProcessorRefund",
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
    "RequestKind",
    "RequestStatus",
    "ReversalReason",
    "Settlement",
    "SettlementItem",
    "SettlementStatus",
    "StatementSchedule",
    "StepUpCode",
    "TaxCategory",
    "TermsPart",
    "TradeReference",
    "WriteOff",
    "WriteOffReason",
    "WriteOffStatus",
]
