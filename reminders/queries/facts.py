"""What a notice to one client may say, from the books as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from invoices.models import Client, Contact, Invoice, Receipt, ReceiptMethod
from invoices.queries.discounts import open_offers
from invoices.queries.organisation import organisation
from invoices.rules.ageing import days_past_due

from ..composing import Early, ItemFacts, NoticeFacts, PaymentFacts
from ..links import portal_url
from ..models import Notice
from ..rules.records import Proposal
from .contacting import reachable_contacts
from .words import edited_texts

THANKED_FOR = timedelta(days=365)  # an older payment is not mentioned
MOST_RECEIPTS = 50


def reminder_contact(client_id: int) -> Contact | None:
    """Who gets reminders: the primary contact with a working address first, then accounts payable, then anyone."""
    return first_contact(reachable_contacts([client_id]))


def first_contact(reachable: Iterable[Contact]) -> Contact | None:
    """The same from contacts at hand."""
    return min(reachable, key=lambda c: (not c.is_primary, c.role != "accounts_payable", c.pk), default=None)


def notice_facts(notice: Notice, proposal: Proposal, contact: Contact | None, today: date) -> NoticeFacts:
    """Every chaseable item at its chaseable amount. What is promised, disputed or on its way is not mentioned."""
    client = notice.client
    asked = {line.invoice_id: line.amount for line in proposal.lines} | dict(proposal.others)
    items = _items(client, asked, today)
    deadline = notice.level.deadline_days
    language = (contact.language if contact else "") or client.language
    previous = _previous(notice)
    received = _received(client, today)
    return NoticeFacts(
        client_name=client.legal_name or client.name,
        client_address=client.address,
        first_name=contact.first_name if contact else "",
        full_name=contact.name if contact else "",
        language=language,
        on=today,
        overdue=[item for item in items if item.days_past_due > 0],
        upcoming=[item for item in items if item.days_past_due <= 0],
        totals=_totals(items),
        portal_url=portal_url(contact) if contact else "",
        sender=organisation(),
        manager_name=client.account_manager.full_name if client.account_manager else "",
        manager_phone=client.account_manager.phone if client.account_manager else "",
        deadline_on=today + timedelta(days=deadline) if deadline else None,
        previous=previous,
        last_payment=received[0] if received else None,
        paid_since=_since(((one.amount, one.currency) for one in received if one.on >= previous[0][1]), previous),
        new_since=_since(((i.amount, i.currency) for i in items if previous[0][1] <= i.due_on < today), previous),
        has_copies=notice.level.attaches_invoices,
        edited=edited_texts(language),
    )


def _items(client: Client, asked: dict[int, Decimal], today: date) -> list[ItemFacts]:
    rows: Sequence[Invoice] = client.invoices.filter(pk__in=asked, open_amount__gt=0).order_by("due_on", "id")
    # Only where the whole item is asked for: with a part in dispute or on its way the sum would be another.
    early = open_offers([row for row in rows if asked[row.pk] == row.open_amount], today)
    return [
        ItemFacts(
            row.number,
            row.issued_on,
            row.due_on,
            days_past_due(row.due_on, today),
            row.total_amount,
            asked[row.pk],
            row.currency,
            row.reference,
            Early(early[row.pk].pay, early[row.pk].last_on) if row.pk in early else None,
            row.project,
        )
        for row in rows
    ]


def _totals(items: Sequence[ItemFacts]) -> list[tuple[Decimal, str]]:
    """What is overdue, per currency; what is open where nothing is overdue yet."""
    overdue = [item for item in items if item.days_past_due > 0] or items
    sums: dict[str, Decimal] = {}
    for item in overdue:
        sums[item.currency] = sums.get(item.currency, Decimal(0)) + item.amount
    return [(amount, currency) for currency, amount in sorted(sums.items())]


def _received(client: Client, today: date) -> list[PaymentFacts]:
    """The payments of the past year that were not taken back, the newest first."""
    rows = Receipt.objects.filter(client=client, received_on__gt=today - THANKED_FOR, received_on__lte=today)
    rows = rows.filter(reversed_on__isnull=True).exclude(method=ReceiptMethod.TRANSFER)
    found = rows.order_by("-received_on", "-id").values_list("amount", "currency", "received_on")
    return [PaymentFacts(*row) for row in found[:MOST_RECEIPTS]]


def _since(
    amounts: Iterable[tuple[Decimal, str]], previous: Sequence[tuple[str, date]]
) -> Sequence[tuple[Decimal, str]]:
    """The same per currency; nothing where we have not written before."""
    sums: dict[str, Decimal] = {}
    for amount, currency in amounts if previous else ():
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return [(amount, currency) for currency, amount in sorted(sums.items())]


def _previous(notice: Notice) -> list[tuple[str, date]]:
    """What we wrote before; a call is no writing, and a decision no contact."""
    written = ("email", "letter")
    sent = Notice.objects.filter(client_id=notice.client_id, sent_on__isnull=False, channel__in=written)
    rows = sent.exclude(pk=notice.pk).order_by("-sent_on", "-id").values_list("level__name", "sent_on")[:3]
    return list(rows)
