"""Live through the demo's 18 months: the books from the start, dunning for the last eleven weeks.

"Went live eleven weeks ago" is the story: before that only books exist. Each day of the second part goes as in use:
money is booked, promises are judged, the run proposes, mail leaves, people work. The last days are left undone, so that
today's queues hold something.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from invoices.models import Invoice, PaymentTerms
from invoices.rules.calendar import add_business_days, is_business_day
from invoices.services.recurring_issuing import issue_recurring
from reminders.models import DunningLevel, PromiseToPay
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dry_run, dunning_run
from reminders.services.plans import judge_plans
from reminders.services.promises import judge_promises
from reminders.services.settlements import lapse_settlements
from reminders.tasks import send_acknowledgements

from . import states
from .books import Payment, book_day
from .clock import clock_at
from .company import HISTORY_DAYS, HOME, Company, PlannedInvoice
from .desk import Desk
from .mailroom import BOUNCE, LOSE, Mailroom
from .past_mail import send_at_once
from .stage import Playbill

LIVE_DAYS = 78
# Business days before today on which each kind of work stops.
CALLS_LEFT, APPROVALS_LEFT, POST_LEFT = 2, 3, 8
ON_ITS_WAY = 10
SENT_FOR_REAL = 8  # from here on mail goes through the whole dispatch
# Business days before today on which something goes wrong with the next mail.
TROUBLE = {40: [BOUNCE], 25: [BOUNCE], 9: [BOUNCE], 7: [LOSE], 5: [BOUNCE], 3: [BOUNCE]}
KEEPING = ("kept", "broken", "kept", "partly", "kept", "broken")
Tell = Callable[[str], None]


class History:
    def __init__(self, company: Company, rng: Random, desk: Desk, mailroom: Mailroom, scenes: Playbill) -> None:
        self._today, self._rng, self._desk, self._mailroom = company.today, rng, desk, mailroom
        self._stubborn, self._scenes = company.stubborn, scenes
        self._terms = dict(PaymentTerms.objects.values_list("code", "pk"))
        self._issued: dict[date, list[PlannedInvoice]] = defaultdict(list)
        self._paid: dict[date, list[Payment]] = defaultdict(list)
        self._by_number: dict[str, PlannedInvoice] = {}
        self._silent_until: dict[str, date] = {}
        self._keeping = cycle(KEEPING)
        self._is_on_its_way = False  # one payment, from the first of the last days on which somebody can pay
        for invoice in company.invoices:
            self._issued[invoice.issued_on].append(invoice)
            for paid_on, amount in invoice.payments:
                self._paid[paid_on].append((invoice, amount))

    def live(self, tell: Tell) -> None:
        first, live_from = self._today - timedelta(days=HISTORY_DAYS), self._today - timedelta(days=LIVE_DAYS)
        tell("Eighteen months of books ...")
        for day in _days(first, live_from):
            self._books(day)
        for day in _days(live_from, self._today):
            if (day - live_from).days % 20 == 0:
                tell(f"Dunning from {day:%d %B %Y} ...")
            self._books(day)
            if is_business_day(HOME, "", day):
                self._dun(day)
                self._work(day)

    def _books(self, day: date) -> None:
        issued, paid = self._issued[day], [one for one in self._paid[day] if not self._is_silent(day, one)]
        if issued or paid:
            with clock_at(day, 8, 30):
                book_day(day, issued, paid, terms=self._terms, actor=self._desk.tom)
            self._by_number |= {one.number: one for one in issued}

    def _is_silent(self, day: date, payment: Payment) -> bool:
        """Who broke a promise pays later than he would have."""
        until = self._silent_until.get(payment[0].number)
        if until is None or day > until:
            return False
        self._paid[add_business_days(HOME, "", until, 1)].append(payment)
        return True

    def _dun(self, day: date) -> None:
        left = self._left(day)
        with clock_at(day, 9, 5):
            judge_promises(day)
            judge_plans(day)
            lapse_settlements(day)
            is_plain = left > SENT_FOR_REAL and left not in TROUBLE
            decisions = list(dry_run(day)) if is_plain else []
            dunning_run(day)
            if is_plain:
                send_at_once(day, decisions, self._mailroom)
            else:
                self._mailroom.trouble += TROUBLE.get(left, [])
                send_notices(day)

    def _work(self, day: date) -> None:
        desk, left = self._desk, self._left(day)
        with clock_at(day, 10, 15):
            if left > CALLS_LEFT:
                for promise in desk.work_calls(day):
                    self._promised(promise)
        with clock_at(day, 14, 0):
            if left > POST_LEFT:
                desk.post_letters(day)
            if left > APPROVALS_LEFT:
                desk.approve_letters(day)
                send_notices(day)  # makes the letters
            self._events(day, left)
        with clock_at(day, 16, 30):
            self._scenes.play(day, left)
            issue_recurring(day)
            send_acknowledgements()

    def _events(self, day: date, left: int) -> None:
        """What else happens, each at its own rhythm, counted back from today."""
        desk, rng = self._desk, self._rng
        if left % 6 == 1:
            desk.contest(day)
        if left % 8 == 2:
            desk.block(day)
        if left % 20 == 9:
            desk.lift_one_block()
        if left % 3 == 0:
            desk.write_notes(2)
        if left % 11 == 5:
            states.void_one(rng, day, self._stubborn, desk.tom)
        if left in (3, 17):
            states.money_on_account(self._payable(), day, desk.ines)
        if left in (6, 30):
            states.bounce_debit(rng, day, self._stubborn, desk.tom)
        if left in (1, 2, 5):
            states.draft(rng, day, desk.ines)
        if left % 9 == 4:
            states.promise_online(self._payable(), day + timedelta(days=rng.randint(5, 12)))
        if left % 5 == 1:
            states.pay_online(self._payable(), ("pay",))
        if left == 15:
            states.pay_online(self._payable(), ("later", "bounce"))
        if left <= ON_ITS_WAY and not self._is_on_its_way:
            self._is_on_its_way = states.pay_online(self._payable(), ("later",))
        if left == 1:
            desk.ask_for_calls(day, 3)
        if left == 12:
            desk.hold_credit(4)
        desk.settle_disputes(day)
        desk.do_tasks(day, older_than=9)

    def _payable(self) -> list[Invoice]:
        return states.payable(self._rng, self._stubborn)

    def _promised(self, promise: PromiseToPay) -> None:
        """Decide how the promise will go, and move the money accordingly."""
        items = [item.invoice for item in promise.items.select_related("invoice").order_by("invoice_id")]
        how = next(self._keeping)
        for item in items:
            self._silent_until[item.number] = promise.grace_until + timedelta(days=10)
        if how == "broken":
            return
        part = Decimal(1) if how == "kept" else Decimal("0.5")
        pay_on = promise.promised_on
        while not is_business_day(HOME, "", pay_on):
            pay_on -= timedelta(days=1)
        for item in items:
            invoice = self._by_number.get(item.number)
            if invoice is None:  # of a scene, which goes its own way
                continue
            amount = (item.open_amount * part).quantize(Decimal(1) if invoice.currency == "JPY" else Decimal("0.01"))
            self._silent_until.pop(item.number)
            self._paid[pay_on].append((invoice, amount))

    def _left(self, day: date) -> int:
        """Business days from `day` to today; 1 is the last one before today."""
        return sum(is_business_day(HOME, "", one) for one in _days(day, self._today))


def without_enclosures(work: Callable[[], None]) -> None:
    """Copies of invoices in eleven weeks of mail would take minutes to print: they are enclosed from today on."""
    levels: Sequence[int] = list(DunningLevel.objects.filter(attaches_invoices=True).values_list("pk", flat=True))
    DunningLevel.objects.filter(pk__in=levels).update(attaches_invoices=False)
    try:
        work()
    finally:
        DunningLevel.objects.filter(pk__in=levels).update(attaches_invoices=True)


def _days(first: date, end: date) -> list[date]:
    """From `first` to the day before `end`."""
    return [first + timedelta(days=n) for n in range((end - first).days)]
