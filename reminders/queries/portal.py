"""What a client sees of his account: open items per currency, with the state of each in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Prefetch, Sum

from invoices.models import (
    Client,
    CreditNote,
    Invoice,
    InvoiceStatus,
    Organisation,
    Receipt,
    Settlement,
    WriteOffStatus,
)
from invoices.queries.credit_notes import taken_off_invoice
from invoices.queries.discounts import OpenOffer, open_offers
from invoices.queries.documents import with_settlement
from invoices.queries.payments import amounts_on_their_way
from invoices.queries.schedules import pieces_of
from invoices.queries.settlements import left_to_pay, offers_of
from invoices.rules.ageing import days_past_due
from invoices.rules.allocation import Money, Payable, Share, oldest_first
from invoices.rules.money import ZERO, plain, quantise
from invoices.rules.references import Transfer, client_reference, transfer_code

from ..models import BlockReason, DunningBlock
from .plans import PlanDue, plans_due
from .standing import ItemStanding, item_standings


class PortalItem(NamedTuple):
    """One open item. `payable` is what settles it today and is not on its way to us already.

    `early`: the settlement discount that paying today still earns. `late`: what is past its date, which of an invoice
    in parts may be less than what is open.
    """

    invoice: Invoice
    days_past_due: int
    payable: Decimal
    standing: ItemStanding
    is_searched: bool
    early: OpenOffer | None = None
    late: Decimal = ZERO

    @property
    def is_overdue(self) -> bool:
        """By its own date; in a payment plan the instalments' dates hold."""
        return self.days_past_due > 0 and self.standing.plan_id is None

    @property
    def payable_plain(self) -> str:
        """As it goes into an entry field: 1234.50."""
        return plain(self.payable, self.invoice.currency)

    @property
    def is_on_its_way(self) -> bool:
        return self.payable < (self.early.pay if self.early else self.invoice.open_amount)

    @property
    def is_preselected(self) -> bool:
        """Overdue, and nothing was said about it that would explain why."""
        return self.is_overdue and self.payable > 0 and self.standing.dispute is None and not self.is_searched


@dataclass
class CurrencyAccount:
    """What is owed in one currency. Amounts of two currencies are never added."""

    currency: str
    items: list[PortalItem] = field(default_factory=list)
    credit: Decimal = ZERO
    code: str = ""  # QR of the transfer, as SVG
    plans: list[PlanDue] = field(default_factory=list)

    @property
    def owed(self) -> Decimal:
        return sum((item.invoice.open_amount for item in self.items), ZERO)

    @property
    def overdue(self) -> Decimal:
        """Of invoices past their dates, and of plans what is missing of instalments past theirs."""
        late = sum((plan.due for plan in self.plans if plan.is_missed), ZERO)
        return late + sum((item.late for item in self.items if item.is_overdue), ZERO)

    @property
    def chosen(self) -> list[PortalItem]:
        """What the Pay button is about: the overdue items, or all where none is overdue."""
        overdue = [item for item in self.items if item.is_preselected]
        free = [item for item in self.items if item.payable > 0 and item.standing.dispute is None]
        return overdue or [item for item in free if item.standing.plan_id is None]

    @property
    def chosen_amount(self) -> Decimal:
        return sum((item.payable for item in self.chosen), ZERO)

    @property
    def asked_amount(self) -> Decimal:
        """What a transfer is prepared for: the chosen items, and what the plans ask for now."""
        return self.chosen_amount + sum((plan.due for plan in self.plans), ZERO)

    @property
    def is_choice_overdue(self) -> bool:
        return any(item.is_overdue for item in self.chosen)


def accounts_of(client: Client, us: Organisation, today: date) -> list[CurrencyAccount]:
    """One account per currency in which something is owed or on account; the client's own currency first."""
    accounts: dict[str, CurrencyAccount] = {}
    for item in open_items(client, today):
        account = accounts.setdefault(item.invoice.currency, CurrencyAccount(item.invoice.currency))
        account.items.append(item)
    for currency, credit in _credits(client).items():
        accounts.setdefault(currency, CurrencyAccount(currency)).credit = credit
    has_plan = any(item.standing.plan_id for account in accounts.values() for item in account.items)
    for plan in plans_due(client.pk, today) if has_plan else ():
        accounts.setdefault(plan.currency, CurrencyAccount(plan.currency)).plans.append(plan)
    for account in accounts.values():
        holder = us.account_holder or us.name
        transfer = Transfer(holder, us.iban, us.bic, account.asked_amount, client_reference(client.pk), us.address)
        account.code = transfer_code(transfer, account.currency)
    return sorted(accounts.values(), key=lambda account: (account.currency != client.currency, account.currency))


def open_items(client: Client, today: date) -> list[PortalItem]:
    """Oldest due date first."""
    standings = item_standings(client.pk)
    on_their_way = amounts_on_their_way([client.pk])
    searched = _searched(client, today)
    rows = Invoice.objects.filter(client=client, status=InvoiceStatus.ISSUED, open_amount__gt=0)
    items = list(rows.order_by("due_on", "id"))
    early = open_offers(items, today)
    late: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for piece in pieces_of(items):
        if days_past_due(piece.due_on, today) > 0:
            late[piece.invoice.pk] += piece.amount
    return [
        PortalItem(
            row,
            days_past_due(row.due_on, today),
            max(_settles(row, early.get(row.pk)) - on_their_way.get(row.pk, ZERO), ZERO),
            standings.get(row.pk, ItemStanding()),
            row.pk in searched,
            early.get(row.pk),
            late[row.pk],
        )
        for row in items
    ]


def _settles(invoice: Invoice, early: OpenOffer | None) -> Decimal:
    """What settles the invoice today: this is what the page says, and what is charged."""
    return early.pay if early else invoice.open_amount


class SettlementOffer(NamedTuple):
    """A smaller sum on offer, what is left of it to pay, and how that falls on the open items."""

    settlement: Settlement
    left: Decimal
    shares: Sequence[Share]

    @property
    def numbers(self) -> str:
        items = self.settlement.items.select_related("invoice").order_by("invoice__due_on", "invoice_id")
        return ", ".join(str(item.invoice) for item in items)


def settlement_offers(client: Client, today: date) -> list[SettlementOffer]:
    """What the client can still settle by paying; nothing of what is on its way to us is asked for again."""
    offers = offers_of(client, today)
    on_their_way = amounts_on_their_way([client.pk]) if offers else {}
    return [_offer(row, on_their_way) for row in offers]


def _offer(settlement: Settlement, on_their_way: dict[int, Decimal]) -> SettlementOffer:
    rows = Invoice.objects.filter(settlement_items__settlement=settlement, open_amount__gt=0)
    coming = sum((on_their_way.get(row.pk, ZERO) for row in rows), ZERO)
    left = max(left_to_pay(settlement) - coming, ZERO)
    payables = [Payable(r.pk, str(r), r.due_on, r.open_amount - on_their_way.get(r.pk, ZERO)) for r in rows]
    return SettlementOffer(settlement, left, oldest_first(Money(left, settlement.currency), payables))


def _searched(client: Client, today: date) -> set[int | None]:
    """Items of which the client said that he has paid, while we look."""
    blocks = DunningBlock.objects.filter(client=client, reason=BlockReason.PAID_SEARCH, lifted_at__isnull=True)
    return set(blocks.filter(last_on__gte=today).values_list("invoice_id", flat=True))


def _credits(client: Client) -> dict[str, Decimal]:
    """Currency -> what is on account, from receipts and credit notes."""
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for model in (Receipt, CreditNote):
        rows = model.objects.filter(client=client, unapplied_amount__gt=0)
        for currency, amount in rows.values_list("currency").annotate(sum=Sum("unapplied_amount")).order_by():
            sums[currency] += quantise(amount, currency)
    return dict(sums)


def invoices_of_client(client: Client, ids: list[int]) -> list[Invoice]:
    """These invoices, if all of them are the client's and issued; else none. Drafts do not exist for a client."""
    rows = list(Invoice.objects.filter(client=client, status=InvoiceStatus.ISSUED, pk__in=ids).order_by("due_on", "id"))
    return rows if len(rows) == len(set(ids)) else []


def paid_invoices(client: Client, limit: int = 100) -> list[Invoice]:
    """Settled, newest first. What we wrote off was not paid: to the client it is not settled."""
    rows = Invoice.objects.filter(client=client, status=InvoiceStatus.ISSUED, open_amount=0)
    rows = with_settlement(rows.exclude(write_offs__status=WriteOffStatus.BOOKED, write_offs__is_claim_alive=True))
    return list(rows.order_by("-closed_on", "-id")[:limit])


def invoice_of_client(client: Client, invoice_id: int) -> Invoice | None:
    """With its lines, allocations and credit notes at hand. A void one is shown, as void; a draft is not."""
    rows = Invoice.objects.filter(client=client, status__in=[InvoiceStatus.ISSUED, InvoiceStatus.VOID])
    money = Prefetch("allocations", to_attr="movements")
    rows = with_settlement(rows.select_related("client", "terms")).prefetch_related("lines", money)
    return rows.filter(pk=invoice_id).first()


def credit_note_of_client(client: Client, credit_note_id: int) -> CreditNote | None:
    return CreditNote.objects.filter(client=client, pk=credit_note_id).select_related("client", "invoice").first()


def credits_on(invoice: Invoice) -> list[tuple[CreditNote, Decimal]]:
    """The invoice's credit notes, each with what it took off the invoice."""
    return [(note, taken_off_invoice(note)) for note in invoice.credit_notes.select_related("invoice").order_by("pk")]
