"""What the demo's staff do on a working day: calls, approvals, the post, disputes, blocks, notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from django.db.models import Count, QuerySet, Sum
from django.utils.timezone import now

from collections_app.models import User
from invoices.errors import LedgerError
from invoices.models import Client, Dispute, DisputeReason, DisputeStatus, Invoice
from invoices.rules.money import quantise
from invoices.services.clients import add_contact, change_client, write_note
from invoices.services.disputes import close_dispute, open_dispute
from reminders.errors import DunningError
from reminders.models import (
    BlockReason,
    CallTask,
    DunningBlock,
    Notice,
    Outcome,
    OutgoingStatus,
    PromiseToPay,
    Task,
    TaskKind,
    TaskStatus,
)
from reminders.services.approvals import approve, cancel_notice, mark_posted
from reminders.services.blocks import add_block, lift_block
from reminders.services.calls import CallResult, ask_for_call, record_call
from reminders.services.tasks import close_task

from . import sayings
from .company import Company

# In turn, so that every outcome occurs however small the demo is.
CALLS = (
    Outcome.PROMISED, Outcome.NO_ANSWER, Outcome.PROMISED, Outcome.VOICEMAIL, Outcome.DISPUTE, Outcome.PROMISED,
    Outcome.CALL_BACK, Outcome.SAYS_PAID, Outcome.PROMISED, Outcome.NO_ANSWER, Outcome.REFUSED, Outcome.PROMISED,
    Outcome.WRONG_NUMBER, Outcome.VOICEMAIL,
)  # fmt: skip
BLOCKS = (
    (BlockReason.HARDSHIP, 45),
    (BlockReason.MANUAL, 10),
    (BlockReason.LEGAL, None),
    (BlockReason.REPLY, 4),
    (BlockReason.HARDSHIP, 60),
    (BlockReason.INSOLVENCY, None),
    (BlockReason.PAID_SEARCH, 6),
)


class Desk:
    """The staff. What they choose follows from the random source and from the order of the rows."""

    def __init__(self, rng: Random, staff: list[User], company: Company) -> None:
        self._rng, self._stubborn, self._actors = rng, company.stubborn, company.actors
        self.manager, self.tom, self.ines = staff[:3]
        self._outcomes: Iterator[str] = cycle(CALLS)
        self._blocks = cycle(BLOCKS)
        self._reasons = cycle(DisputeReason.values)
        self._verdicts = cycle([DisputeStatus.REJECTED, DisputeStatus.ACCEPTED, DisputeStatus.WITHDRAWN])
        self._second_thoughts = cycle([False, False, True, *[False] * 9])
        self._collectors = cycle([self.tom, self.ines])

    def collector(self) -> User:
        return next(self._collectors)

    def work_calls(self, today: date) -> list[PromiseToPay]:
        """Every call that is due. Returns the promises that came of it."""
        due = CallTask.objects.filter(status=TaskStatus.OPEN, due_on__lte=today).select_related("client")
        promises = []
        for task in list(due.order_by("-priority", "id")):
            is_stubborn = task.client.code in self._stubborn
            promise = self._call(task, Outcome.REFUSED if is_stubborn else next(self._outcomes), today)
            if promise is not None:
                promises.append(promise)
        return promises

    def _call(self, task: CallTask, outcome: str, today: date) -> PromiseToPay | None:
        owed = self._owed(task.client)
        if outcome == Outcome.DISPUTE and Dispute.objects.filter(invoice=owed[0], status="open").exists():
            outcome = Outcome.PROMISED
        result = CallResult(outcome, note=self._rng.choice(sayings.CALLS[outcome]), spoke_with=self._who(task.client))
        if outcome == Outcome.PROMISED:
            result = result._replace(
                amount=owed[1], currency=owed[0].currency, promised_on=today + timedelta(days=self._rng.randint(3, 12))
            )
        elif outcome == Outcome.DISPUTE:
            part = quantise(owed[0].open_amount * self._rng.choice([25, 50, 100]) / 100, owed[0].currency)
            result = result._replace(invoice=owed[0], amount=part, reason=next(self._reasons))
        elif outcome == Outcome.CALL_BACK:
            result = result._replace(call_back_at=now() + timedelta(days=self._rng.randint(1, 3), hours=2))
        try:
            return record_call(task.pk, result, actor=self.collector()).promise
        except (DunningError, LedgerError):  # three promises are open already, say
            refused = CallResult(Outcome.NO_ANSWER, note="Rang out.")
            record_call(task.pk, refused, actor=self.collector())
            return None

    def _owed(self, client: Client) -> tuple[Invoice, Decimal]:
        """The oldest open item, and the sum of all in its currency."""
        items = client.invoices.filter(open_amount__gt=0).order_by("due_on", "id")
        oldest = items[0]
        total = items.filter(currency=oldest.currency).aggregate(sum=Sum("open_amount"))["sum"]
        return oldest, quantise(total, oldest.currency)

    def _who(self, client: Client) -> str:
        return client.contacts.order_by("id")[0].name

    def approve_letters(self, today: date) -> None:
        """All that wait; now and then one is taken back."""
        waiting = Notice.objects.filter(status=OutgoingStatus.PROPOSED).order_by("id")
        for pk in list(waiting.values_list("pk", flat=True)):
            if next(self._second_thoughts):
                cancel_notice(pk, reason=self._rng.choice(sayings.CANCELLED), actor=self.manager, today=today)
            else:
                approve(pk, actor=self.manager, today=today)

    def post_letters(self, today: date) -> None:
        made = Notice.objects.filter(status=OutgoingStatus.PRINTING).order_by("id")
        mark_posted(list(made.values_list("pk", flat=True)), actor=self.tom, today=today)

    def contest(self, today: date) -> None:
        """Open a dispute about an item that nobody disputes yet; it may not be due either."""
        items = self._quiet_items(today + timedelta(days=30))
        if not items:
            return
        invoice = self._rng.choice(items)
        amount = quantise(invoice.open_amount * self._rng.choice([20, 40, 100]) / 100, invoice.currency)
        reason = next(self._reasons)
        open_dispute(
            invoice.pk,
            amount=amount,
            reason=reason,
            comment=self._rng.choice(sayings.DISPUTES[reason]),
            opened_by=self._who(invoice.client),
            actor=self.collector(),
        )

    def settle_disputes(self, today: date) -> None:
        """Those that are older than two weeks."""
        old = Dispute.objects.filter(status=DisputeStatus.OPEN, opened_on__lt=today - timedelta(days=14)).order_by("id")
        for pk in list(old.values_list("pk", flat=True)):
            verdict = next(self._verdicts)
            close_dispute(pk, status=verdict, outcome=sayings.VERDICTS[verdict], actor=self.collector())

    def block(self, today: date) -> None:
        """Keep silent to a client, for the next reason in turn."""
        items = self._quiet_items(today)
        if not items:
            return
        reason, days = next(self._blocks)
        last_on = today + timedelta(days=days) if days else None
        client = self._rng.choice(items).client
        add_block(client, reason=reason, last_on=last_on, actor=self.manager, note=sayings.BLOCKS[reason])

    def lift_one_block(self) -> None:
        blocks = DunningBlock.objects.filter(lifted_at__isnull=True, reason=BlockReason.MANUAL)
        if block := blocks.filter(last_on__gte=now().date()).order_by("id").first():
            lift_block(block.pk, actor=self.manager)

    def _quiet_items(self, before: date) -> list[Invoice]:
        """Items due before a day, of clients with no block, no dispute and no promise."""
        items = Invoice.objects.filter(
            open_amount__gt=0, due_on__lt=before, client__blocks__isnull=True, disputes__isnull=True
        )
        items = items.exclude(client__promises__status="open").exclude(client__code__in=self._stubborn)
        return list(items.select_related("client").order_by("id"))

    def do_tasks(self, today: date, *, older_than: int) -> None:
        """Close what has lain around for some days; an address is found for who had none."""
        old = Task.objects.filter(status=TaskStatus.OPEN, due_on__lt=today - timedelta(days=older_than))
        for task in list(old.select_related("client").order_by("id")):
            if task.kind == TaskKind.FIND_CONTACT:
                self._find_contact(task)
            close_task(
                task.pk,
                outcome=self._rng.choice(sayings.TASKS.get(task.kind, sayings.LOOKED_AT)),
                actor=self.collector(),
            )

    def _find_contact(self, task: Task) -> None:
        known = task.client.contacts.order_by("id")[0]
        if not known.email:
            return
        values = {
            "name": "Accounts payable",
            "email": f"payables@{known.email.rpartition('@')[2]}",
            "phone": known.phone,
            "is_primary": True,
        }
        add_contact(task.client_id, values, actor=self.collector())

    def ask_for_calls(self, today: date, count: int) -> None:
        """What somebody else in the house wants the collectors to ring about."""
        quiet = self._owing().exclude(code__in=self._stubborn).exclude(calls__status=TaskStatus.OPEN)
        for client in quiet.filter(blocks__isnull=True)[:count]:
            ask_for_call(client, due_on=today, reason="Sales asks for a call first", actor=self.manager)

    def write_notes(self, count: int) -> None:
        clients = self._owing()
        for _ in range(min(count, len(clients))):
            text = self._rng.choice(sayings.NOTES)
            write_note(self._rng.choice(clients).pk, text, actor=self.collector(), is_pinned=self._rng.random() < 0.15)

    def hold_credit(self, count: int) -> None:
        """No more credit for those with the most open items."""
        free = self._owing().filter(is_credit_hold=False).exclude(code__in=self._actors)
        worst = free.annotate(n=Count("invoices")).order_by("-n", "id")
        for client in worst.filter(invoices__open_amount__gt=0, debtor_type="company")[:count]:
            change_client(client.pk, {"is_credit_hold": True}, actor=self.manager)

    def _owing(self) -> QuerySet[Client]:
        return Client.objects.filter(invoices__open_amount__gt=0).distinct().order_by("id")
