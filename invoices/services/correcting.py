"""Charges that turned out too high, after a back-dated receipt say: drafts go, issued ones are credited."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import F

from ..models import Charge, ChargeKind, ChargeStatus, Invoice, InvoiceStatus
from ..queries.charges import Late, counted, line_of
from ..queries.credit_notes import creditable
from ..rules.crediting import ByLine
from ..rules.money import ZERO, plain
from .audit import Actor, record
from .charging import Found
from .credit_notes import issue_credit_note

REASON = "The invoice was paid or credited earlier than was known when the charge was made"


def correct(late: Late, found: Found, *, on: date, actor: Actor) -> bool:
    """Take back what was charged too much; the caller holds the client's lock and computes again when it is True.

    A wrong draft goes as a whole and is drafted anew. If there is none, issued charges are credited, the newest first.
    """
    is_mended = False
    for kind, amount in ((ChargeKind.INTEREST, found.interest.amount), (ChargeKind.COMPENSATION, found.compensation)):
        if amount < ZERO:
            _correct(late, kind, -amount, on=on, actor=actor)
            is_mended = True
    return is_mended


def _correct(late: Late, kind: ChargeKind, too_much: Decimal, *, on: date, actor: Actor) -> None:
    newest_first = list(reversed(counted(late.charges, kind)))
    for charge in newest_first:
        if charge.status == ChargeStatus.DRAFT:
            Charge.objects.filter(pk=charge.pk).update(
                status=ChargeStatus.DROPPED, corrected_amount=charge.amount, note=REASON
            )
            too_much -= charge.amount
            _say(charge, "dropped", charge.amount, actor=actor)
    for charge in newest_first:
        part = min(too_much, charge.amount - charge.corrected_amount)
        if charge.status == ChargeStatus.DRAFT or part <= ZERO:
            continue
        Charge.objects.filter(pk=charge.pk).update(corrected_amount=F("corrected_amount") + part)
        if charge.status == ChargeStatus.ISSUED:
            take_off(charge, part, reason=REASON, on=on, actor=actor)
        too_much -= part
        _say(charge, "corrected", part, actor=actor)


def take_off(charge: Charge, amount: Decimal, *, reason: str, on: date, actor: Actor) -> None:
    """A credit note on the charge's own line of its document; what was paid of it goes on account.

    Less, or none, where staff credited or voided the document themselves already.
    """
    document = Invoice.objects.get(pk=charge.document_id)
    if document.status != InvoiceStatus.ISSUED:
        return
    left = creditable(document)
    line = left.lines[line_of(charge)]
    if (part := min(amount, line.net, left.total)) > ZERO:
        what = ByLine({line.line_id: part})
        issue_credit_note(document.pk, what=what, reason=reason[:200], actor=actor, on=on)


def _say(charge: Charge, done: str, amount: Decimal, *, actor: Actor) -> None:
    currency = charge.invoice.currency
    text = f"{charge.get_kind_display()} on {charge.invoice} {done} by {plain(amount, currency)} {currency}: {REASON}"
    record("charge_corrected", charge, actor=actor, client_id=charge.invoice.client_id, text=text)
