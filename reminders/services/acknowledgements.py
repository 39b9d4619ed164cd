"""Write the mails that answer what a client did: once each, by `once_key`. `services.acknowledging` sends them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Sum, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.timezone import now

from invoices.models import Allocation, Client, Contact, Dispute, Invoice, Payment, PaymentStatus
from invoices.rules.money import plain

from ..answering import AnswerLine
from ..models import Acknowledgement, AcknowledgementKind, PromiseToPay
from .answers import write_answer

MOST_LINKS_AN_HOUR = 5
LOOK_BACK = timedelta(days=7)
MOST_AT_ONCE = 500


def acknowledge_payments() -> int:
    """A receipt by mail for every payment that succeeded and has none. Returns how many were written."""
    # The newest week is looked at; the key of each row is the payment's number, as in "payment:17".
    key = Concat(Value("payment:"), Cast(OuterRef("pk"), TextField()))
    answered = Acknowledgement.objects.filter(once_key=key)
    fresh = Payment.objects.filter(
        status=PaymentStatus.SUCCEEDED, receipt__isnull=False, changed_at__gt=now() - LOOK_BACK
    )
    waiting = fresh.filter(~Exists(answered)).select_related("client", "contact", "receipt").order_by("pk")
    return sum(acknowledge_payment(payment) for payment in waiting[:MOST_AT_ONCE])


def acknowledge_payment(payment: Payment) -> bool:
    """False when it was written before, or nobody is there to write to."""
    client, receipt = payment.client, payment.receipt
    if receipt is None or not payment.received_amount:
        return False
    allocated = (
        Allocation.objects.filter(receipt=receipt)
        .values_list("invoice__number")
        .annotate(sum=Sum("amount"))
        .filter(sum__gt=0)
        .order_by("invoice__number")
    )
    facts: dict[str, Any] = {
        "amount": payment.received_amount,
        "currency": payment.currency,
        "reference": str(payment.uuid),
        "on": receipt.received_on,
        "lines": [AnswerLine(number, amount) for number, amount in allocated],
        "on_account": receipt.unapplied_amount,
        "left": _left(client, payment.currency),
        "is_test": payment.is_test,
    }
    kind = AcknowledgementKind.PAYMENT_RECEIVED
    return write_answer(client, kind, f"payment:{payment.pk}", payment.contact, facts) is not None


def acknowledge_promise(promise: PromiseToPay, contact: Contact | None = None) -> Acknowledgement | None:
    """Confirm a promise by mail, with the link to pay."""
    lines = promise.items.select_related("invoice").order_by("invoice__due_on", "invoice_id")
    facts: dict[str, Any] = {
        "amount": promise.amount,
        "currency": promise.currency,
        "promised_on": promise.promised_on,
        "lines": [AnswerLine(str(item.invoice), item.invoice.open_amount) for item in lines],
    }
    kind = AcknowledgementKind.PROMISE_CONFIRMED
    return write_answer(promise.client, kind, f"promise:{promise.pk}", contact, facts)


def acknowledge_dispute(dispute: Dispute, contact: Contact | None = None) -> Acknowledgement | None:
    """Say that we heard, and what happens next."""
    facts: dict[str, Any] = {
        "amount": dispute.amount,
        "currency": dispute.invoice.currency,
        "reference": str(dispute.invoice),
        "reason": dispute.get_reason_display().lower(),
        "comment": dispute.comment[:500],
    }
    kind = AcknowledgementKind.DISPUTE_RECEIVED
    return write_answer(dispute.invoice.client, kind, f"dispute:{dispute.pk}", contact, facts)


def send_new_link(*, portal_id: str = "", email: str = "") -> int:
    """New links to the addresses on file: of one contact by its id, or of all contacts with this mail address.

    At most five an hour each. Returns how many were written, which the one who asked must not learn.
    """
    contacts = Contact.objects.filter(is_active=True, client__is_active=True).exclude(email="")
    found = contacts.filter(portal_id=portal_id) if portal_id else contacts.filter(email__iexact=email)
    if not portal_id and not email:
        return 0
    return sum(_new_link(contact) for contact in found.select_related("client").order_by("pk")[:MOST_LINKS_AN_HOUR])


def _new_link(contact: Contact) -> bool:
    recent = Acknowledgement.objects.filter(
        client=contact.client,
        contact=contact,
        kind=AcknowledgementKind.NEW_LINK,
        created_at__gt=now() - timedelta(hours=1),
    ).count()
    if recent >= MOST_LINKS_AN_HOUR:
        return False
    # The number within the hour is in the key: two requests at once write one row.
    key = f"new_link:{contact.pk}:{now():%Y%m%d%H}:{recent + 1}"
    facts = {"link_days": settings.PORTAL_LINK_DAYS}
    return write_answer(contact.client, AcknowledgementKind.NEW_LINK, key, contact, facts) is not None


def _left(client: Client, currency: str) -> Decimal:
    owed = Invoice.objects.filter(client=client, currency=currency, open_amount__gt=0).aggregate(sum=Sum("open_amount"))
    return Decimal(plain(owed["sum"] or Decimal(0), currency))
