"""Settlement discounts follow the money: earned when it comes in time, taken back when it goes.

Whoever moves an allocation or credits an invoice calls `follow_discount` in the same transaction; nothing else grants
or takes back. A manager may grant one that came a little late: see `decide_discount`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError
from ..gateways.tax_rules import discount_tax_rule
from ..models import Client, Discount, DiscountStatus, EntryKind, Invoice, PaymentTerms
from ..queries.discounts import LATE_DAYS, discount_base, offer_of, paid_on
from ..queries.organisation import organisation
from ..rules.discount import Offer, Paid, discount, earned, missed_by
from ..rules.discount_tax import tax_part
from ..rules.money import ZERO, plain
from .audit import Actor, record, user_or_none
from .ledger import Movement, day_for, lock_client, post


def offered(terms: PaymentTerms | None, issued_on: date, due_on: date) -> dict[str, object]:
    """The discount of these terms as an invoice keeps it at issue; empty columns where they offer none.

    Terms in parts offer none: see data/discount_tax.toml. With their parts prefetched it costs no query.
    """
    nothing = {
        "discount_percent": None,
        "discount_until": None,
        "discount_grace_days": 0,
        "is_discount_pro_rata": False,
    }
    if terms is None or not terms.discount_percent or terms.discount_days is None or terms.parts.all():
        return nothing
    return {
        "discount_percent": terms.discount_percent,
        "discount_until": min(issued_on + timedelta(days=terms.discount_days), due_on),
        "discount_grace_days": terms.discount_grace_days,
        "is_discount_pro_rata": terms.is_discount_pro_rata,
    }


def follow_discount(client: Client, invoice_id: int, *, on: date, actor: Actor) -> None:
    """Grant what is earned by now, take back what is not, propose what came a little late.

    The caller holds `lock_client(client.pk)`. Costs nothing for an invoice that offers no discount: ask before.
    """
    invoice = Invoice.objects.get(pk=invoice_id)
    offer = offer_of(invoice)
    if offer is None:
        return
    granted = list(invoice.discounts.filter(status=DiscountStatus.GRANTED).order_by("pk"))
    stands = sum((row.amount for row in granted), ZERO)
    base, paid = discount_base(invoice), paid_on(invoice)
    wanted = min(_earned(base, offer, paid, granted, invoice.currency), invoice.open_amount + stands)
    if wanted < stands:
        _take_back(client, invoice, granted, on=on, actor=actor)
        stands = ZERO
    if wanted > stands:
        late = max((row.days_late for row in granted), default=0)
        _withdraw_proposal(client, invoice, actor=actor)
        _grant(client, _new(invoice, wanted - stands, paid, late), on=on, actor=actor)
    elif not stands:
        _follow_proposal(client, invoice, base, offer, paid, actor=actor)


def discount_lost(invoice: Invoice, credited: Decimal) -> Decimal:
    """What a credit note over `credited` would take off the discount that stands; below 0 where it earns some."""
    if (offer := offer_of(invoice)) is None:
        return ZERO
    granted = list(invoice.discounts.filter(status=DiscountStatus.GRANTED))
    stands = sum((row.amount for row in granted), ZERO)
    left = _earned(discount_base(invoice) - credited, offer, paid_on(invoice), granted, invoice.currency)
    return stands - min(left, invoice.open_amount + stands)


def _earned(base: Decimal, offer: Offer, paid: Sequence[Paid], granted: Sequence[Discount], currency: str) -> Decimal:
    """What a manager granted late stands for as long as the money that it was granted for."""
    late = max((row.days_late for row in granted), default=0)
    return earned(base, offer._replace(grace_days=offer.grace_days + late), paid, currency) if base > ZERO else ZERO


def _new(invoice: Invoice, amount: Decimal, paid: Sequence[Paid], days_late: int) -> Discount:
    tax = {"tax": invoice.tax_amount, "total": invoice.total_amount, "currency": invoice.currency}
    return Discount(
        invoice=invoice,
        amount=amount,
        tax_amount=tax_part(amount, rule=discount_tax_rule(organisation().country), **tax),
        earned_on=max((one.on for one in paid), default=invoice.issued_on),
        days_late=days_late,
    )


def _grant(client: Client, row: Discount, *, on: date, actor: Actor) -> None:
    """Book the row, new or proposed, and keep it."""
    invoice = row.invoice
    on = day_for(on, invoice=invoice)
    row.status, row.decided_on, row.decided_by = DiscountStatus.GRANTED, on, user_or_none(actor)
    if row.pk:
        row.save(update_fields=["status", "decided_on", "decided_by", "amount", "tax_amount"])
    else:
        row.save(force_insert=True)
    given = Movement(EntryKind.DISCOUNTED, -row.amount, invoice=invoice, discount=row)
    post(client, [given], booked_on=on, actor=actor)
    late = f", {row.days_late} days late" if row.days_late else ""
    text = f"Settlement discount of {_figures(row)} on {invoice} granted{late}"
    after = {"tax_amount": plain(row.tax_amount, invoice.currency)}
    record("discount_granted", invoice, actor=actor, client_id=client.pk, text=text, after=after)
    invoice.refresh_from_db(fields=["open_amount", "closed_on"])


def _take_back(client: Client, invoice: Invoice, rows: Sequence[Discount], *, on: date, actor: Actor) -> None:
    for row in rows:
        back = Movement(EntryKind.UNDISCOUNTED, row.amount, invoice=invoice, discount=row)
        # Not before it was given: some day between would show more than the total.
        post(client, [back], booked_on=max(on, row.decided_on or row.earned_on), actor=actor)
        Discount.objects.filter(pk=row.pk).update(status=DiscountStatus.REVERSED)
        text = f"Settlement discount of {_figures(row)} on {invoice} taken back: it is no longer earned"
        record("discount_taken_back", invoice, actor=actor, client_id=client.pk, text=text)
    invoice.refresh_from_db(fields=["open_amount", "closed_on"])


def _follow_proposal(
    client: Client, invoice: Invoice, base: Decimal, offer: Offer, paid: Sequence[Paid], *, actor: Actor
) -> None:
    """What came a few days late waits for a manager; asked once, and not again after a refusal."""
    late = missed_by(base, offer, paid, invoice.currency) if base > ZERO and invoice.open_amount > ZERO else None
    if late is None or late > LATE_DAYS:
        _withdraw_proposal(client, invoice, actor=actor)
        return
    amount = min(discount(base, offer, invoice.currency), invoice.open_amount)
    found = invoice.discounts.filter(status__in=[DiscountStatus.PROPOSED, DiscountStatus.REFUSED]).first()
    if found is None:
        row = _new(invoice, amount, paid, late)
        row.save(force_insert=True)
        text = f"{_figures(row)} left of {invoice} is its settlement discount, {late} days late; a manager decides"
        record("discount_proposed", invoice, actor=actor, client_id=client.pk, text=text)
    elif found.status == DiscountStatus.PROPOSED and found.amount != amount:
        fresh = _new(invoice, amount, paid, late)
        Discount.objects.filter(pk=found.pk).update(amount=amount, tax_amount=fresh.tax_amount, days_late=late)


def _withdraw_proposal(client: Client, invoice: Invoice, *, actor: Actor) -> None:
    for row in invoice.discounts.filter(status=DiscountStatus.PROPOSED):
        Discount.objects.filter(pk=row.pk).update(status=DiscountStatus.REVERSED, note="The payment changed since.")
        text = f"Proposed settlement discount of {_figures(row)} on {invoice} withdrawn: the payment changed"
        record("discount_withdrawn", invoice, actor=actor, client_id=client.pk, text=text)


@transaction.atomic
def decide_discount(
    discount_id: int, *, is_approved: bool, actor: Actor, note: str = "", on: date | None = None
) -> Discount:
    """Grant a discount that came late, or refuse it. Raises LedgerError when it was decided already."""
    found = Discount.objects.select_related("invoice").get(pk=discount_id)
    client = lock_client(found.invoice.client_id)
    row = Discount.objects.select_related("invoice").get(pk=discount_id)
    if row.status != DiscountStatus.PROPOSED:
        raise LedgerError(f"This discount is {row.get_status_display().lower()} already.")
    if user_or_none(actor) is None:
        raise LedgerError("A late discount is decided by a person, not by a program.")
    Discount.objects.filter(pk=row.pk).update(note=note[:300])
    if is_approved:
        _grant(client, row, on=on or localdate(), actor=actor)
    else:
        decided = {"status": DiscountStatus.REFUSED, "decided_on": on or localdate(), "decided_by": user_or_none(actor)}
        Discount.objects.filter(pk=row.pk).update(**decided)
        text = f"Late settlement discount of {_figures(row)} on {row.invoice} refused: it stays owed"
        record("discount_refused", row.invoice, actor=actor, client_id=client.pk, text=text, after={"note": note})
    row.refresh_from_db()
    return row


def _figures(row: Discount) -> str:
    return f"{plain(row.amount, row.invoice.currency)} {row.invoice.currency}"
