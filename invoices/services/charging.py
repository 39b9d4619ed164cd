"""What lateness costs on one invoice now: the rules' answer, from the books as they are. Nothing is written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from ..models import ChargeKind, ChargeStatus, Client, Invoice, InvoiceStatus
from ..queries.charges import Late, agreement_of, charged_so_far, charged_sum, claim_of, counted, with_charges
from ..rules.interest.charging import NextCharge, next_charge
from ..rules.interest.records import RateMode
from ..rules.interest.reference import RateTable
from ..rules.interest.refusals import InterestRefused
from ..rules.interest.showing import accruing_a_day
from ..rules.money import ZERO, quantum
from .rates import rates_in_force, scheme_for

# Less is not worth a document: 1.00, or 100 yen. It is not lost, the running total carries it into the next charge.
SMALLEST_IN_UNITS = 100


class Found(NamedTuple):
    """The next interest charge through a day, and what the fixed sum differs by from what was charged of it.

    Negative amounts were charged too much and are to be corrected.
    """

    rule: str
    interest: NextCharge
    compensation: Decimal

    @property
    def is_new_period(self) -> bool:
        return self.interest.from_on <= self.interest.through_on

    @property
    def through_on(self) -> date:
        """The last day with interest, where the debt ended before the period did."""
        days = [line.to_on for line in self.interest.computation.lines]
        return max(days, default=self.interest.through_on)


def find_charges(late: Late, client: Client, until: date, rates: RateTable) -> Found | None:
    """None where no rule holds. Raises InterestRefused, with a sentence: nothing is charged then."""
    rule, agreed_rate = agreement_of(late.charges, client)
    if not rule:
        return None
    scheme = scheme_for(rule, client.country)
    claim = claim_of(late, client, until, agreed_rate)
    interest = next_charge(scheme, claim, rates, charged_so_far(late.charges))
    fixed = interest.computation.fixed_sum - charged_sum(late.charges, ChargeKind.COMPENSATION)
    return Found(scheme.id, interest, fixed)


def is_worth_interest(found: Found, currency: str) -> bool:
    """Whether to draft an interest charge: for new days, and above a minimum."""
    return found.is_new_period and found.interest.amount >= quantum(currency) * SMALLEST_IN_UNITS


def is_worth_compensation(found: Found, late: Late) -> bool:
    """Once per invoice, from the first late day; with us only where the interest is worth a document too."""
    whole = found.interest.computation
    least = quantum(late.invoice.currency) * SMALLEST_IN_UNITS
    is_late_enough = whole.scheme.rate_mode is RateMode.NONE or whole.interest >= least
    return found.compensation > ZERO and is_late_enough and not counted(late.charges, ChargeKind.COMPENSATION)


def is_warned(found: Found, client: Client, has_letter: bool) -> bool:
    """Whether the fixed sum may be asked of this debtor: some owe it only after a letter with 14 days (BW 6:96(6))."""
    own = found.interest.computation.scheme.compensation
    return has_letter or own is None or client.debtor_type not in own.after_letter


class Accruing(NamedTuple):
    """Interest running on open items, not yet charged by a document. `rate` in percent a year.

    `law` is its basis; empty where the rate was agreed.
    """

    rate: Decimal
    per_day: Decimal
    amount: Decimal
    currency: str
    law: str


def accruing_interest(client: Client, invoice_ids: list[int], today: date) -> list[Accruing]:
    """Per currency and rate, through today; nothing without a rule, and nothing of an invoice that is refused."""
    if not client.late_charge_rule:
        return []
    rows = Invoice.objects.filter(client=client, kind="invoice", status=InvoiceStatus.ISSUED, due_on__lt=today)
    rates, sums = rates_in_force(), {}
    for late in with_charges(list(rows.filter(pk__in=invoice_ids, open_amount__gt=0))):
        documents = [charge for charge in late.charges if charge.status != ChargeStatus.DRAFT]
        try:
            found = find_charges(late._replace(charges=documents), client, today, rates)
        except InterestRefused:
            continue
        if found is None or found.interest.amount <= ZERO or not found.interest.computation.lines:
            continue
        whole = found.interest.computation
        law = whole.scheme.law.partition(";")[0] if whole.claim.agreed.yearly is None else ""
        key = (late.invoice.currency, whole.lines[-1].rate, law)
        per_day, amount = sums.get(key, (ZERO, ZERO))
        sums[key] = (per_day + accruing_a_day(whole), amount + found.interest.amount)
    return [Accruing(rate, per_day, amount, currency, law) for (currency, rate, law), (per_day, amount) in sums.items()]


def end_of_last_month(on: date) -> date:
    """Interest is charged by the calendar month: one charge per invoice and month at most."""
    return on.replace(day=1) - timedelta(days=1)
