"""What the demo's clients buy and when they pay. Pure: everything follows from the random source and `today`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from invoices.rules.calendar import is_business_day, next_business_day
from invoices.rules.instalments import Part, Share
from invoices.rules.invoicing import LineAmounts, Totals, line_net, totals
from invoices.rules.money import quantise
from invoices.rules.terms import Terms, TermsForm, due_date

from .catalogue import ARTICLES, list_price
from .people import PROMPT, SLOWCO, PlannedClient, planned_clients

ONE_DAY = timedelta(days=1)
HOME = "GB"
HISTORY_DAYS = 548  # 18 months
MOST_ACTORS = 24
# Code -> the name and the terms; "net30" is there from the start.
TERMS: dict[str, tuple[str, Terms]] = {
    "net30": ("30 days", Terms(TermsForm.NET, 30)),
    "net14": ("14 days", Terms(TermsForm.NET, 14)),
    "net60": ("60 days", Terms(TermsForm.NET, 60)),
    "eom": ("End of the following month", Terms(TermsForm.NET_THEN_EOM, 30)),
    "15th": ("15th of next month", Terms(TermsForm.DAY_OF_NEXT_MONTH, 0, 15)),
    "2-10-net30": ("2 % within 10 days, else 30 days", Terms(TermsForm.NET, 30, discount_days=10)),
}
IN_PARTS = (
    Part(Share.PERCENT_OF_TOTAL, Decimal(30), days=7),
    Part(Share.PERCENT_OF_TOTAL, Decimal(40), months=2),
    Part(Share.REMAINDER, months=3),
)
# Slowco and some who pay well otherwise never pay one invoice of these ages, in days past due, whatever is said: the
# letters to approve, to print and in the post, whatever the day is.
NEVER_PAID = (47, 33, 41, 35, 39, 32, 36, 43, 34, 78, 38, 37, 60)


@dataclass(slots=True)
class Line:
    description: str
    amounts: LineAmounts
    net: Decimal


@dataclass(slots=True)
class PlannedInvoice:
    client: PlannedClient
    issued_on: date
    due_on: date
    reference: str
    lines: list[Line]
    totals: Totals
    payments: list[tuple[date, Decimal]] = field(default_factory=list)
    number: str = ""

    @property
    def currency(self) -> str:
        return self.client.country.currency


@dataclass(slots=True)
class Company:
    today: date
    clients: list[PlannedClient]
    invoices: list[PlannedInvoice]  # in order of issue
    stubborn: frozenset[str]  # codes of clients who promise nothing and to whom nothing else happens
    actors: tuple[str, ...]  # codes of those, among them, of whom the scenes tell


def invent(rng: Random, today: date, *, clients: int, invoices: int) -> Company:
    """`invoices` invoices of `clients` clients over the 18 months before `today`, with what will be paid and when."""
    people = planned_clients(rng, clients)
    days = [day for n in range(HISTORY_DAYS, 0, -1) if is_business_day(HOME, "", day := today - n * ONE_DAY)]
    scripted = [people[SLOWCO], *(c for c in people[1:] if c.habit is PROMPT)][: len(NEVER_PAID)]
    planned = [
        _invoice(rng, scripted[n % len(scripted)], today - (age + 30) * ONE_DAY, due_on=today - age * ONE_DAY)
        for n, age in enumerate(NEVER_PAID)
    ]
    weights = [float(client.size) + 0.4 for client in people]
    for client in rng.choices(people, weights, k=invoices - len(planned)):
        issued_on = days[int(len(days) * rng.random() ** 0.85)]  # the business grows
        invoice = _invoice(rng, client, issued_on)
        invoice.payments = _payments(rng, invoice, today)
        planned.append(invoice)
    planned.sort(key=lambda one: (one.issued_on, one.client.code))
    silent = frozenset(c.code for c in scripted)
    actors = _actors(people, silent)
    return Company(today, people, planned, silent.union(actors), actors)


def _actors(people: Sequence[PlannedClient], silent: frozenset[str]) -> tuple[str, ...]:
    """Companies at home, the best payers first, since the scenes bring trouble enough."""
    at_home = [one for one in people if one.country.code == HOME and one.debtor_type == "company"]
    free = [one for one in at_home if one.code not in silent]
    return tuple(one.code for one in sorted(free or at_home, key=lambda one: one.habit.latest)[:MOST_ACTORS])


def _invoice(rng: Random, client: PlannedClient, issued_on: date, due_on: date | None = None) -> PlannedInvoice:
    while not is_business_day(HOME, "", issued_on):
        issued_on -= ONE_DAY
    lines = _lines(rng, client)
    reference = f"PO-{rng.randint(1000, 9999)}" if rng.random() < 0.6 else ""
    due_on = due_on or due_date(TERMS[client.terms][1], issued_on)
    amounts = totals([line.amounts for line in lines], client.country.currency)
    return PlannedInvoice(client, issued_on, due_on, reference, lines, amounts)


def _lines(rng: Random, client: PlannedClient) -> list[Line]:
    tax_rate = Decimal(20) if client.country.code == HOME else Decimal(0)
    lines = []
    for article in rng.sample(ARTICLES, rng.choices([1, 2, 3, 4, 5], [25, 30, 22, 14, 9])[0]):
        quantity = max(1, round(rng.randint(1, article.most) * min(3.0, float(client.size))))
        discount = Decimal(5) if quantity > article.most else Decimal(0)
        price = list_price(article, client.country.currency)
        amounts = LineAmounts(Decimal(quantity), price, discount, tax_rate)
        lines.append(Line(article.name, amounts, line_net(amounts, client.country.currency)))
    return lines


def _payments(rng: Random, invoice: PlannedInvoice, today: date) -> list[tuple[date, Decimal]]:
    habit, total = invoice.client.habit, invoice.totals.total
    is_old = invoice.due_on < today - timedelta(days=270)
    if rng.randrange(100) < habit.never and not is_old:  # older ones came in after all
        return []
    wanted = invoice.due_on + timedelta(days=rng.randint(habit.earliest, habit.latest))
    paid_on = _bank_day(max(wanted, invoice.issued_on + 2 * ONE_DAY), invoice.client.pay_run)
    if rng.randrange(100) < habit.in_parts:
        part = quantise(total * rng.choice([25, 40, 50]) / 100, invoice.currency)
        return [(paid_on, part), (_bank_day(paid_on + timedelta(days=rng.randint(14, 45)), ()), total - part)]
    if rng.random() < 0.012:  # too much: what is over stays on account
        return [(paid_on, quantise(total + rng.choice([10, 50, 90, 100]), invoice.currency))]
    return [(paid_on, total)]


def _bank_day(day: date, pay_run: Sequence[int]) -> date:
    """The first day from `day` on which this client pays and our bank books."""
    if pay_run:
        while day.day not in pay_run and not (31 in pay_run and (day + ONE_DAY).day == 1):
            day += ONE_DAY
    return next_business_day(HOME, "", day)
