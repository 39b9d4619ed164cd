"""Random lives of online payments: payers, banks, staff, and webhooks that are lost, doubled, reversed, shuffled, late.

At the end of a life the poll runs once, and our books must equal the processor's truth. `test_payment_machine` lets it
run; `test_payment_mutants` plants errors in the product and wants each of them found.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from invoices.errors import LedgerError
from invoices.gateways.card_records import CardProcessorError
from invoices.models import Allocation, Invoice, Payment, PaymentStatus, ProcessorDispute, ProcessorEvent, Receipt
from invoices.queries.ledger import ledger_differences
from invoices.queries.payments import UNFINISHED
from invoices.rules.allocation import Share
from invoices.rules.money import ZERO
from invoices.services import payment_events, payments
from invoices.services.receipts import NewReceipt, record_receipt, undo_allocation
from invoices.services.refund_requests import send_refunds
from invoices.services.refunds import NewRefund, refund_receipt
from tests.builders import an_organisation
from tests.fakes.card_processor import FakeCardProcessor
from tests.fakes.card_processor.params import Refused
from tests.invoices.payment_stories import a_client, an_invoice, pay

GONE = {"needs_response", "under_review", "lost"}
pick = st.integers(0, 9)
percent = st.integers(1, 100)


class OnlinePayments(RuleBasedStateMachine):
    """One client, four invoices, any number of payments. `fake` is shared by all lives: each makes its own objects."""

    fake: FakeCardProcessor

    def __init__(self) -> None:
        super().__init__()
        # Rolled back at the end of the life; `durable` services take it for the test's own transaction.
        self.life = transaction.atomic()
        self.life._from_testcase = True
        self.life.__enter__()
        self.fake.ledger.events.clear()
        self.fake.ledger.objects.clear()
        an_organisation(currency="EUR")
        self.fake.ledger.refund_status = "succeeded"
        self.fake.webhooks.held.clear()
        self.client = a_client()
        self.invoices = [an_invoice(self.client, f"{n}0.00") for n in range(3, 7)]
        self.older: list[tuple[int, int, Any]] = []
        pay(*self.invoices[:2])

    # --- the payer and his bank ------------------------------------------------------------------------------------

    @rule(which=st.sets(pick, min_size=1, max_size=3), part=percent)
    def start(self, which: set[int], part: int) -> None:
        chosen = sorted({n % 4 for n in which})
        invoices = list(Invoice.objects.filter(pk__in=[self.invoices[n].pk for n in chosen], open_amount__gt=0))
        amounts = tuple(
            str(max((i.open_amount * part / 100).quantize(Decimal("0.01")), Decimal("1"))) for i in invoices
        )
        if invoices:
            quietly(pay, *invoices, amounts=amounts)

    @rule(n=pick, what=st.sampled_from(["pay", "pay", "decline", "pay_later"]))
    def act(self, n: int, what: str) -> None:
        self.at_bank(getattr(self.fake.bank, what), n)

    @rule(n=pick, is_good=st.booleans())
    def answer_of_the_bank(self, n: int, is_good: bool) -> None:
        self.at_bank(lambda session: self.fake.bank.settle(session, is_good=is_good), n)

    @rule(n=pick)
    def abandon(self, n: int) -> None:
        self.at_bank(self.fake.expire, n)

    @rule(n=pick, part=percent)
    def refund_at_the_processor(self, n: int, part: int) -> None:
        self.at_bank(lambda session: self.fake.bank.refund(session, amount=self.part_of(session, part)), n)

    @rule(n=pick)
    def fail_a_refund(self, n: int) -> None:
        refunds = [one for one in self.mine("refund") if one["status"] != "failed"]
        if refunds:
            self.fake.bank.fail_refund(refunds[n % len(refunds)]["id"])

    @rule(n=pick, part=percent, status=st.sampled_from(["needs_response", "warning_needs_response", "lost"]))
    def dispute(self, n: int, part: int, status: str) -> None:
        self.at_bank(
            lambda session: self.fake.bank.dispute(session, amount=self.part_of(session, part), status=status), n
        )

    @rule(n=pick, is_won=st.booleans())
    def close_a_dispute(self, n: int, is_won: bool) -> None:
        if found := [
            one for one in self.mine("dispute") if one["status"] in ("needs_response", "warning_needs_response")
        ]:
            self.fake.bank.close_dispute(found[n % len(found)]["id"], is_won=is_won)

    # --- staff -----------------------------------------------------------------------------------------------------

    @rule(n=pick, part=percent)
    def paid_by_bank_transfer(self, n: int, part: int) -> None:
        invoice = Invoice.objects.get(pk=self.invoices[n % 4].pk)
        amount = share_of(invoice.open_amount, part)
        if amount:
            new = NewReceipt(amount, "EUR", localdate())
            record_receipt(self.client, new, actor="Fay", shares=[Share(invoice.pk, amount)])

    @rule(n=pick)
    def undo_by_hand(self, n: int) -> None:
        live = Allocation.objects.filter(amount__gt=0, reversed_by=None, receipt__payment__isnull=False).order_by("pk")
        if rows := list(live):
            undo_allocation(rows[n % len(rows)].pk, actor="Fay")

    @rule(n=pick, part=percent, is_pending=st.booleans())
    def refund_by_staff(self, n: int, part: int, is_pending: bool) -> None:
        receipts = list(Receipt.objects.filter(payment__isnull=False, unapplied_amount__gt=0).order_by("pk"))
        if receipts:
            receipt = receipts[n % len(receipts)]
            amount = max(share_of(receipt.unapplied_amount, part), Decimal("0.01"))
            quietly(refund_receipt, receipt.pk, NewRefund(amount, "Too much"), actor="Fay")
        self.fake.ledger.refund_status = "pending" if is_pending else "succeeded"

    @rule(n=pick, part=percent)
    def give_back(self, n: int, part: int) -> None:
        """All that a refund by staff takes, at once."""
        self.undo_by_hand(n)
        self.refund_by_staff(n, part, is_pending=False)
        send_refunds()

    # --- what carries it to us -------------------------------------------------------------------------------------

    @rule(mode=st.sampled_from(["in_order", "reverse", "shuffle", "double", "lose"]), seed=pick)
    def deliver(self, mode: str, seed: int) -> None:
        self.fake.deliver(mode, seed=seed, send=receive)
        payment_events.process_events()

    @rule()
    def events_wait(self) -> None:
        self.fake.deliver(send=receive)

    @rule(kind=st.sampled_from(["drop_before", "drop_after", "error_before", "error_after", "busy"]))
    def trouble(self, kind: str) -> None:
        self.fake.fault(kind, times=2)

    @rule()
    def ask_for_refunds(self) -> None:
        send_refunds()

    @rule(n=pick)
    def question_on_its_way(self, n: int) -> None:
        """An answer that was given now, and arrives later."""
        if payment := self.one(n):
            quietly(self._ask, payment)

    @rule()
    def late_answer(self) -> None:
        for payment_id, number, state in self.older:
            payments.apply_answer(payment_id, number, state)
        self.older.clear()

    def _ask(self, payment: Payment) -> None:
        asked = payments._take_number(payment.pk).asked
        self.older.append((payment.pk, asked, payments.processor_for(payment).retrieve(payment.session_id)))

    # --- the end of a life -----------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self.settle_down()
            self.check()
        finally:
            transaction.set_rollback(True)
            self.life.__exit__(None, None, None)

    def settle_down(self) -> None:
        """The processor answers again, what is held is lost, and the next tick of each job comes."""
        self.fake._faults.clear()
        self.fake.deliver("lose", send=receive)
        send_refunds()
        payment_events.poll_payments()
        self.late_answer()

    def check(self) -> None:
        assert list(ledger_differences()) == []
        for payment in Payment.objects.exclude(session_id="").select_related("receipt"):
            self.check_payment(payment)
        assert not ProcessorEvent.objects.filter(handled_at=None).exists()

    def check_payment(self, payment: Payment) -> None:
        session = self.fake.ledger.get(payment.session_id, "checkout.session")
        held, received = self.truth(session)
        booked = (
            -sum(
                payment.receipt.entries.filter(kind__in=["received", "refunded"]).values_list("amount", flat=True), ZERO
            )
            if payment.receipt
            else ZERO
        )
        assert booked == held, f"{booked} booked, {held} held"
        assert payment.received_amount == received
        assert Receipt.objects.filter(reference__endswith=str(payment.uuid)).count() <= 1
        assert (payment.status == PaymentStatus.SUCCEEDED) is (session["payment_status"] == "paid")
        if session["status"] != "open":
            assert payment.status not in UNFINISHED or session["payment_status"] == "unpaid"
        if payment.receipt:
            allocated = sum(payment.receipt.allocations.values_list("amount", flat=True), ZERO)
            payment.receipt.refresh_from_db()
            assert allocated + payment.receipt.unapplied_amount == held
            self.check_plan(payment)
        own = [one for one in self.mine("dispute") if one["payment_intent"] == session["payment_intent"]]
        kept = ProcessorDispute.objects.filter(payment=payment).values_list("dispute_id", "status")
        assert dict(kept) == {one["id"]: one["status"] for one in own}
        for row in payment.processor_refunds.all():
            name = f"{payment.uuid}-{row.refund_id}"
            at_processor = [one for one in self.mine("refund") if one["metadata"].get("refund") == name]
            assert len(at_processor) <= 1
            assert row.status in ("refused", *(r["status"] for r in at_processor))

    def check_plan(self, payment: Payment) -> None:
        """No item of the plan is open for which there is money on account that nobody took off it by hand."""
        if Allocation.objects.filter(receipt=payment.receipt, reverses__isnull=False).exists():
            return  # what went back may have been taken by another receipt meanwhile
        for line in payment.lines.select_related("invoice"):
            had = sum(payment.receipt.allocations.filter(invoice=line.invoice).values_list("amount", flat=True), ZERO)
            assert had <= line.amount

    def truth(self, session: dict[str, Any]) -> tuple[Decimal, Decimal]:
        intent = self.fake.ledger.objects.get(session["payment_intent"] or "")
        if intent is None:
            return ZERO, ZERO
        received = intent["amount_received"]
        charge = self.fake.ledger.objects.get(intent["latest_charge"] or "")
        refunded = charge["amount_refunded"] if charge else 0
        disputes = [d for d in self.mine("dispute") if d["payment_intent"] == intent["id"] and d["status"] in GONE]
        withheld = min(sum(d["amount"] for d in disputes), received - min(refunded, received))
        return Decimal(received - min(refunded, received) - withheld) / 100, Decimal(received) / 100

    # --- helpers ---------------------------------------------------------------------------------------------------

    def mine(self, kind: str) -> list[dict[str, Any]]:
        sessions = set(Payment.objects.values_list("session_id", flat=True))
        intents = {s["payment_intent"] for s in self.fake.ledger.of_kind("checkout.session") if s["id"] in sessions}
        return [one for one in self.fake.ledger.of_kind(kind) if one["payment_intent"] in intents - {None}]

    def one(self, n: int) -> Payment | None:
        rows = list(Payment.objects.exclude(session_id="").order_by("-pk"))
        return rows[n % len(rows)] if rows else None

    def at_bank(self, act: Callable[[str], Any], n: int) -> None:
        """What makes no sense at the processor is refused there."""
        if payment := self.one(n):
            with contextlib.suppress(Refused, ValueError):
                act(payment.session_id)

    def part_of(self, session_id: str, part: int) -> int:
        charge = self.fake.bank.charge_of(session_id)
        if charge["status"] != "succeeded":
            raise Refused("No money came in.")
        return max((charge["amount"] - charge["amount_refunded"]) * part // 100, 1)


def share_of(amount: Decimal, part: int) -> Decimal:
    return (amount * part / 100).quantize(Decimal("0.01"))


def quietly(work: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Refusals and silence are fine; wrong books are not."""
    with contextlib.suppress(LedgerError, CardProcessorError):
        work(*args, **kwargs)


def receive(body: bytes, signature: str) -> int:
    payment_events.receive_webhook(body, signature)
    return 200
