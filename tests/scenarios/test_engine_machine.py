"""Any interleaving of billing, paying, disputing, promising, blocking, refusing and running keeps the engine's word.

The oracle below knows nothing of the planner: it reads the books, and says what may be asked for.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db.models import Count, Sum
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from invoices.models import Client, Dispute, Invoice, Receipt
from invoices.rules.allocation import Share
from invoices.services.disputes import open_dispute
from invoices.services.receipts import allocate, undo_allocation
from invoices.services.reversals import reverse_receipt
from reminders.channels import CHANNELS
from reminders.errors import DunningError
from reminders.models import DunningBlock, Notice, NoticeLine, OutgoingStatus, PromiseToPay
from reminders.queries.accounts import load_accounts
from reminders.queries.procedures import Procedures
from reminders.rules.planner import plan
from reminders.services.blocks import add_block, lift_block
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run
from reminders.services.promises import judge_promises, make_promise
from tests.builders import a_client, a_procedure, a_receipt, an_invoice, an_organisation, follow
from tests.fakes.null_channel import NullChannel

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
INTERVAL = 3
LEVELS: tuple[dict[str, Any], ...] = (
    {"days_past_due": -2, "channel": "email", "template": "friendly"},
    {"days_past_due": 1, "channel": "email", "template": "reminder"},
    {"days_past_due": 5, "channel": "email", "template": "firm"},
    {"days_past_due": 7, "channel": "call", "template": "call"},
    {"days_past_due": 12, "channel": "email", "template": "manager"},
    {"days_past_due": 20, "channel": "decide", "kind": "decision", "template": "decide"},
)
FIRST_DAY = date(2026, 3, 2)
pennies = st.integers(100, 50000).map(lambda cents: Decimal(cents) / 100)


class Engine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.today = FIRST_DAY
        self.clock = time_machine.travel(self.moment, tick=False)
        self.traveller = self.clock.start()
        procedure = a_procedure(LEVELS, minimum_interval_days=INTERVAL, respects_contact_rules=True)
        self.client = follow(a_client(country="GB", time_zone="Europe/London"), procedure)
        self.sent: set[int] = set()

    @property
    def moment(self) -> datetime:
        return datetime.combine(self.today, time(9), ZoneInfo("Europe/London"))

    def some(self, number: int) -> Invoice | None:
        rows = list(self.client.invoices.filter(open_amount__gt=0).order_by("pk"))
        return rows[number % len(rows)] if rows else None

    @rule(amount=pennies, due_in=st.integers(-30, 10))
    def bill(self, amount: Decimal, due_in: int) -> None:
        due_on = self.today + timedelta(days=due_in)
        issued_on = min(due_on - timedelta(days=30), self.today)
        an_invoice(self.client, amount=amount, due_on=due_on, issued_on=issued_on)

    @rule(number=st.integers(0, 9), share=st.sampled_from(["0.3", "1"]))
    def pay(self, number: int, share: str) -> None:
        if invoice := self.some(number):
            amount = max((invoice.open_amount * Decimal(share)).quantize(Decimal("0.01")), Decimal("0.01"))
            a_receipt(self.client, amount, pays=invoice, on=self.today)

    @rule(amount=pennies)
    def pay_on_account(self, amount: Decimal) -> None:
        a_receipt(self.client, amount, on=self.today)

    @rule(number=st.integers(0, 9))
    def allocate_what_is_on_account(self, number: int) -> None:
        receipt = self.client.receipts.filter(unapplied_amount__gt=0).first()
        invoice = self.some(number)
        if receipt and invoice:
            share = Share(invoice.pk, min(receipt.unapplied_amount, invoice.open_amount))
            allocate(receipt.pk, [share], actor="Fay")

    @rule(number=st.integers(0, 9), is_whole=st.booleans())
    def money_goes_back(self, number: int, is_whole: bool) -> None:
        rows = list(self.client.receipts.filter(reversed_on=None).order_by("pk"))
        if rows and is_whole:
            reverse_receipt(rows[number % len(rows)].pk, reason="Returned", actor="Fay", on=self.today)
        elif rows and (
            allocation := rows[number % len(rows)].allocations.filter(reverses=None, reversed_by=None).first()
        ):
            undo_allocation(allocation.pk, actor="Fay", on=self.today)

    @rule(number=st.integers(0, 9))
    def dispute(self, number: int) -> None:
        invoice = self.some(number)
        if invoice and not Dispute.objects.filter(invoice=invoice, status="open").exists():
            half = max((invoice.open_amount / 2).quantize(Decimal("0.01")), Decimal("0.01"))
            open_dispute(invoice.pk, amount=half, reason="other", comment="", opened_by="Ann", actor="Fay")

    @rule(number=st.integers(0, 9), days=st.integers(0, 10))
    def promise(self, number: int, days: int) -> None:
        if invoice := self.some(number):
            given = {"items": [invoice], "amount": invoice.open_amount, "currency": invoice.currency}
            on = self.today + timedelta(days=days)
            with suppress(DunningError):  # over the limits of one client
                make_promise(self.client, **given, promised_on=on, actor="Fay", made_by="Ann", how="call")

    @rule(days=st.integers(0, 6))
    def block(self, days: int) -> None:
        last_on = self.today + timedelta(days=days)
        add_block(self.client, reason="manual", last_on=last_on, actor="Fay", note="Agreed")

    @rule()
    def lift(self) -> None:
        row = DunningBlock.objects.filter(client=self.client, lifted_at=None, last_on__gte=self.today).first()
        if row:
            lift_block(row.pk, actor="Fay")

    @rule(state=st.sampled_from(["ok", "refused"]))
    def opt_out_or_in(self, state: str) -> None:
        self.client.contacts.update(email_state=state)

    @rule(days=st.integers(0, 9), times=st.integers(1, 2))
    def days_pass(self, days: int, times: int) -> None:
        self.today += timedelta(days=days)
        self.traveller.move_to(self.moment)
        Client.objects.filter(pk=self.client.pk, review_on=None).update(review_on=self.today)
        judge_promises(self.today)
        for _ in range(times):
            dunning_run(self.today)
            send_notices(self.today)
        self.what_left_was_right()

    @rule(amount=pennies)
    def paid_between_run_and_sending(self, amount: Decimal) -> None:
        dunning_run(self.today)
        a_receipt(self.client, amount, on=self.today)
        send_notices(self.today)
        self.what_left_was_right()

    def what_left_was_right(self) -> None:
        """Nothing that left today was sent to who owes nothing that may be asked for, was blocked or opted out."""
        left = Notice.objects.filter(client=self.client, status=OutgoingStatus.SENT, channel="email")
        for notice in left.exclude(pk__in=self.sent):
            self.sent.add(notice.pk)
            assert notice.sent_on == self.today
            assert self.may_be_asked_for() > 0
            assert not self.client.contacts.filter(email_state="refused").exists()

    def may_be_asked_for(self) -> Decimal:
        rows = DunningBlock.objects.filter(client=self.client, invoice=None, lifted_at=None, first_on__lte=self.today)
        if any(row.last_on is None or row.last_on >= self.today for row in rows):
            return Decimal(0)
        promised = PromiseToPay.objects.filter(client=self.client, status="open", grace_until__gte=self.today)
        silent = set(promised.values_list("items__invoice", flat=True))
        open_items = self.client.invoices.filter(open_amount__gt=0, issued_on__lte=self.today)
        disputed = dict(Dispute.objects.filter(status="open").values_list("invoice_id", "amount"))
        asked = sum(
            (max(i.open_amount - disputed.get(i.pk, 0), 0) for i in open_items if i.pk not in silent), Decimal(0)
        )
        on_account = Receipt.objects.filter(client=self.client).aggregate(sum=Sum("unapplied_amount"))["sum"] or 0
        # Credit goes to the oldest item first, promised or not, so what is left for the others may be less than all.
        total = sum((i.open_amount - disputed.get(i.pk, 0) for i in open_items), Decimal(0))
        return min(asked, total - on_account)

    @invariant()
    def nothing_was_said_twice(self) -> None:
        live = NoticeLine.objects.filter(is_live=True, notice__client=self.client).order_by()
        doubled = live.values("invoice", "position", "cycle").annotate(n=Count("pk")).filter(n__gt=1)
        assert not doubled.exists()

    @invariant()
    def contacts_keep_their_distance(self) -> None:
        said = Notice.objects.filter(client=self.client, sent_on__isnull=False).exclude(channel="decide")
        days = sorted(said.values_list("sent_on", flat=True))
        assert all((later - before).days >= INTERVAL for before, later in pairwise(days))

    @invariant()
    def levels_are_taken_in_order(self) -> None:
        lines = NoticeLine.objects.filter(notice__client=self.client, reached_on__isnull=False, is_live=True)
        rows = lines.order_by("invoice", "cycle", "position").values_list("invoice", "cycle", "position", "reached_on")
        for (*item, _, before), (*same, _, later) in pairwise(rows):
            assert item != same or before <= later

    @invariant()
    def plan_is_a_function_of_its_record(self) -> None:
        procedure = Procedures().of([self.client.pk])[self.client.pk]
        one, other = (load_accounts([self.client.pk], self.today)[0] for _ in range(2))
        assert plan(one, procedure, self.today) == plan(other, procedure, self.today)

    def teardown(self) -> None:
        self.clock.stop()
        Client.objects.filter(pk=self.client.pk).update(review_on=None)
        Notice.objects.filter(client=self.client, status=OutgoingStatus.APPROVED).update(
            status=OutgoingStatus.CANCELLED
        )


@pytest.mark.django_db
def test_any_interleaving_keeps_the_engines_word(monkeypatch):
    an_organisation(currency="GBP")
    monkeypatch.setitem(CHANNELS, "email", NullChannel())
    run_state_machine_as_test(
        Engine,
        settings=hypothesis_settings(hypothesis_settings(), max_examples=12, stateful_step_count=18, phases=PHASES),
    )
