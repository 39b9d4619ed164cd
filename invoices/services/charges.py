"""Late charges: drafted by the tick, dropped or waived by people; `charge_documents` issues them."""

from __future__ import annotations

import logging
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError
from ..models import AuditEvent, Charge, ChargeKind, ChargeStatus, Client, Invoice, InvoiceKind
from ..queries.charges import (
    Late,
    clients_to_charge,
    invoices_of_client_to_charge,
    is_agreed_otherwise,
    with_charges,
)
from ..rules.interest.reference import RateTable
from ..rules.interest.refusals import InterestRefused
from ..rules.interest.showing import as_record
from ..rules.money import plain
from .audit import Actor, record
from .charge_documents import charge_money, issue_charge, issue_monthly, locked_draft
from .charging import (
    Found,
    end_of_last_month,
    find_charges,
    is_warned,
    is_worth_compensation,
    is_worth_interest,
)
from .correcting import correct, take_off
from .ledger import lock_client
from .rates import rates_in_force

logger = logging.getLogger(__name__)


class Drafted(NamedTuple):
    """What one tick did. `refused`: (invoice, sentence) of those on which nothing could be charged."""

    drafted: int = 0
    issued: int = 0
    corrected: int = 0
    refused: tuple[tuple[str, str], ...] = ()

    def plus(self, other: Drafted) -> Drafted:
        return Drafted(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Spared(NamedTuple):
    """Whom the tick drafts nothing for, and who had the letter that some fixed sums presuppose. The caller knows.

    `warned_ids`: invoices whose consumer got a letter with 14 days to pay, which have passed.
    """

    client_ids: frozenset[int] = frozenset()
    invoice_ids: frozenset[int] = frozenset()
    warned_ids: frozenset[int] = frozenset()

    def holds(self, invoice: Invoice) -> bool:
        return invoice.client_id in self.client_ids or invoice.pk in self.invoice_ids


NOBODY = Spared()


class _Tick(NamedTuple):
    on: date
    until: date
    rates: RateTable
    spared: Spared
    actor: Actor


def draft_charges(on: date, *, spared: Spared = NOBODY, actor: Actor = "worker") -> Drafted:
    """Draft what lateness cost through the end of the last month, and correct what was charged too much.

    Client by client, each in its own transaction, so that one who fails holds back no other. May run twice: what is
    charged is under the watermark.
    """
    tick, done = _Tick(on, end_of_last_month(on), rates_in_force(), spared, actor), Drafted()
    for client_id in clients_to_charge(tick.until, on):
        done = done.plus(_charge_or_log(client_id, tick))
    return done


def _charge_or_log(client_id: int, tick: _Tick) -> Drafted:
    try:
        return _charge_client(client_id, tick)
    except Exception as error:
        # Nothing we foresaw: the others are charged today, and this client once it is mended.
        logger.exception("Client %s could not be charged", client_id)
        return Drafted(refused=((f"client {client_id}", f"An unexpected error: {type(error).__name__}."),))


@transaction.atomic
def _charge_client(client_id: int, tick: _Tick) -> Drafted:
    client = lock_client(client_id)
    done = Drafted()
    for late in with_charges(invoices_of_client_to_charge(client_id, tick.until, tick.on)):
        try:
            with transaction.atomic():  # one invoice that cannot be charged holds back no other
                done = done.plus(_charge_invoice(late, client, tick))
        except (InterestRefused, LedgerError) as refused:
            _say_refused(late.invoice, str(refused), actor=tick.actor)
            done = done.plus(Drafted(refused=((str(late.invoice), str(refused)),)))
    is_monthly = client.is_late_charge_automatic and client.is_late_charge_monthly
    if is_monthly and client_id not in tick.spared.client_ids:
        issued = issue_monthly(client, tick.on, without=tick.spared.invoice_ids, actor=tick.actor)
        done = done.plus(Drafted(issued=issued))
    return done


def _charge_invoice(late: Late, client: Client, tick: _Tick) -> Drafted:
    on, actor = tick.on, tick.actor
    found = find_charges(late, client, tick.until, tick.rates)
    corrected = 0
    if found and correct(late, found, on=on, actor=actor):
        corrected = 1
        late = with_charges([late.invoice])[0]
        found = find_charges(late, client, tick.until, tick.rates)
    if found is None or not client.late_charge_rule or late.invoice.kind != InvoiceKind.INVOICE:
        return Drafted(corrected=corrected)
    if is_agreed_otherwise(late.invoice.pk) or tick.spared.holds(late.invoice):
        return Drafted(corrected=corrected)
    charges = []
    if is_worth_interest(found, late.invoice.currency):
        charges.append(_draft(late, found, ChargeKind.INTEREST, actor=actor))
    if is_worth_compensation(found, late) and is_warned(found, client, late.invoice.pk in tick.spared.warned_ids):
        charges.append(_draft(late, found, ChargeKind.COMPENSATION, actor=actor))
    if not client.is_late_charge_automatic or client.is_late_charge_monthly:
        return Drafted(len(charges), 0, corrected)
    for charge in charges:
        issue_charge(charge.pk, actor=actor, on=on)
    return Drafted(len(charges), len(charges), corrected)


def _draft(late: Late, found: Found, kind: ChargeKind, *, actor: Actor) -> Charge:
    is_interest = kind == ChargeKind.INTEREST
    invoice = late.invoice
    charge = Charge.objects.create(
        invoice=invoice,
        kind=kind,
        rule=found.rule,
        from_on=found.interest.from_on if is_interest else None,
        through_on=max(found.through_on, found.interest.from_on) if is_interest else found.through_on,
        amount=found.interest.amount if is_interest else found.compensation,
        computation=_evidence(found, invoice.currency),
    )
    text = f"{charge.get_kind_display()} of {charge_money(charge)} on {invoice} drafted"
    record("charge_drafted", charge, actor=actor, client_id=invoice.client_id, text=text)
    return charge


def _evidence(found: Found, currency: str) -> dict[str, object]:
    """The computation as it is now, kept with the charge."""
    agreed = found.interest.computation.claim.agreed.yearly
    return {
        **as_record(found.interest.computation),
        "charged_before": plain(found.interest.charged_amount, currency),
        "agreed_rate": "" if agreed is None else f"{agreed:f}",
    }


@transaction.atomic
def drop_charge(charge_id: int, *, actor: Actor) -> Charge:
    """A person decides not to charge this: nothing is owed, and these days are not charged again."""
    client, charge = locked_draft(charge_id)
    Charge.objects.filter(pk=charge.pk).update(status=ChargeStatus.DROPPED)
    charge.refresh_from_db()
    text = f"Draft of {charge.get_kind_display().lower()} of {charge_money(charge)} on {charge.invoice} dropped"
    record("charge_dropped", charge, actor=actor, client_id=client.pk, text=text)
    return charge


@transaction.atomic
def waive_charge(charge_id: int, *, reason: str, actor: Actor, on: date | None = None) -> Charge:
    """Give up an issued charge by a credit note over what was not credited before. It is never charged again."""
    client = lock_client(Charge.objects.values_list("invoice__client_id", flat=True).get(pk=charge_id))
    charge = Charge.objects.select_related("invoice", "document").get(pk=charge_id)
    if charge.status != ChargeStatus.ISSUED:
        raise LedgerError(f"This charge is {charge.get_status_display().lower()}; only an issued one can be waived.")
    if left := charge.amount - charge.corrected_amount:
        take_off(charge, left, reason=f"Waived: {reason}", on=on or localdate(), actor=actor)
    Charge.objects.filter(pk=charge.pk).update(status=ChargeStatus.WAIVED, note=reason[:300])
    charge.refresh_from_db()
    text = f"{charge.get_kind_display()} {charge.document} over {charge_money(charge)} waived: {reason}"
    record("charge_waived", charge, actor=actor, client_id=client.pk, text=text)
    return charge


def _say_refused(invoice: Invoice, sentence: str, *, actor: Actor) -> None:
    """Once per reason, on the client's timeline: the tick comes every day."""
    said = AuditEvent.objects.filter(client_id=invoice.client_id, verb="charge_refused", subject_id=invoice.pk)
    text = f"No late charge on {invoice}: {sentence}"[:300]
    if not said.filter(text=text).exists():
        record("charge_refused", invoice, actor=actor, client_id=invoice.client_id, text=text)
