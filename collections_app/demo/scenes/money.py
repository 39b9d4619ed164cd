"""Money that takes another way than from one client to one invoice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from invoices.models import ReceiptMethod, ReversalReason, WriteOffReason
from invoices.rules.allocation import Share
from invoices.services.clients import change_client
from invoices.services.receipts import NewReceipt, record_receipt
from invoices.services.refunds import NewRefund, refund_receipt
from invoices.services.reversals import reverse_receipt
from invoices.services.transfers import NewTransfer, move_receipt
from invoices.services.write_offs import NewWriteOff, ask_write_off

from ..stage import Stage


def paid_in_parts(stage: Stage) -> Iterator[date]:
    """A third at once, the rest over two months: part 1 is paid, part 2 comes next."""
    client = stage.client()
    invoice = stage.issue(client, "Exhibition stand, design and construction", "9000.00", terms="in-3-parts")
    yield stage.in_days(9)
    stage.pay(client, [(invoice, invoice.parts.all()[0].amount)])


def paid_by_the_group(stage: Stage) -> Iterator[date]:
    """The parent's one transfer pays its own invoice and the subsidiary's."""
    parent, subsidiary = stage.client(), stage.client()
    if parent != subsidiary:
        change_client(subsidiary.pk, {"payer": parent}, actor=stage.manager)
    own = stage.issue(parent, "Cutting mats for the workshops", "640.00")
    other = stage.issue(subsidiary, "Background paper, six colours", "381.50")
    yield stage.in_days(12)
    stage.pay(parent, [(own, own.total_amount), (other, other.total_amount)])


def other_currency(stage: Stage) -> Iterator[date]:
    """Euros for an invoice in pounds: what the bank credited counts."""
    client = stage.client()
    invoice = stage.issue(client, "LED studio panels", "1116.00")
    yield stage.in_days(11)
    euros = (invoice.total_amount * Decimal("1.17")).quantize(Decimal("0.01"))
    new = NewReceipt(
        invoice.total_amount,
        client.currency,
        stage.day,
        reference=f"{invoice} from our euro account",
        received_amount=euros,
        received_currency="EUR",
    )
    record_receipt(client, new, shares=[Share(invoice.pk, invoice.total_amount)], actor=stage.ines)


def returned_debit(stage: Stage) -> Iterator[date]:
    client = stage.client()
    invoice = stage.issue(client, "Service contract, autumn quarter", "960.00")
    yield stage.in_days(14)
    receipt = stage.pay(client, [(invoice, invoice.total_amount)], method=ReceiptMethod.DIRECT_DEBIT)
    yield stage.in_days(5)
    kind = ReversalReason.RETURNED_DEBIT
    reverse_receipt(receipt.pk, kind=kind, reason="Insufficient funds", actor=stage.ines)


def moved_to_its_owner(stage: Stage) -> Iterator[date]:
    """The bank's line bore a sister company's name: found out, and moved."""
    wrong, owner = stage.client(), stage.client()
    receipt = stage.pay(wrong, [], more=Decimal("457.80"))
    if wrong != owner:
        yield stage.in_days(6)
        reason = f"The remittance advice names {owner}; the bank showed only the group"
        move_receipt(receipt.pk, NewTransfer(owner.pk, receipt.amount, reason), actor=stage.ines)


def losses_to_approve(stage: Stage) -> Iterator[date]:
    """A write-off and a refund, both above what one person decides."""
    client = stage.client()
    invoice = stage.issue(client, "Mounted prints, damaged on delivery", "860.00")
    receipt = stage.pay(client, [], more=Decimal("1250.00"))
    yield stage.day + timedelta(days=8)
    note = "The carrier is insolvent; the goods were worth nothing to them."
    loss = NewWriteOff(invoice.open_amount, WriteOffReason.UNCOLLECTABLE, note, is_claim_alive=False)
    ask_write_off(invoice.pk, loss, actor=stage.tom)
    refund_receipt(
        receipt.pk, NewRefund(receipt.unapplied_amount, "Paid twice, by their bank's mistake"), actor=stage.tom
    )
