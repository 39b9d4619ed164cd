"""Receipts from a file: to the invoice they name, else on account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from ...models import Client, InvoiceStatus, Receipt, ReceiptMethod
from ...rules.allocation import Money as Incoming
from ...rules.allocation import Payable, oldest_first
from ...rules.importing.records import ReceiptRow, RowError
from ...rules.money import is_whole
from ..ledger import locked_sentence, locked_through
from .booking import Booking, lock_clients
from .documents import Bill, Money, bills
from .report import Context, ImportReport


class MarkedReceipt(NamedTuple):
    """A row with the mark that recognises it in the same file again; identical rows of one file have different
    marks."""

    row: ReceiptRow
    fingerprint: str


class ReceiptWriter:
    def __init__(self, context: Context) -> None:
        self._context = context

    def write(self, rows: Sequence[MarkedReceipt]) -> ImportReport:
        """Write one chunk. The caller owns the transaction."""
        report = ImportReport()
        found = {bill.number: bill for bill in bills(number__in={row.invoice for row, _ in rows if row.invoice})}
        ids = {bill.client_id for bill in found.values()}
        ids |= set(
            Client.objects.filter(code__in={row.client for row, _ in rows if row.client}).values_list("pk", flat=True)
        )
        clients = lock_clients(ids=ids) if ids else {}
        self._bills = {bill.number: bill for bill in bills(number__in=list(found))}  # anew, under the locks
        self._by_id = {client.pk: client for client in clients.values()}
        self._open = self._open_bills(ids)
        known = set(
            Receipt.objects.filter(fingerprint__in=[mark for _, mark in rows]).values_list("fingerprint", flat=True)
        )
        booking = Booking(self._context.actor)
        self._locked_through = locked_through()  # stays so until this chunk is committed
        for row, mark in rows:
            if mark in known:
                report.unchanged += 1
            elif error := self._error(row, clients):
                report.rejected.append(error)
            else:
                booking.receive(self._money(row, mark, clients))
                report.created += 1
        booking.write()
        return report

    def _open_bills(self, client_ids: set[int]) -> dict[int, list[Bill]]:
        """What each client has open, only where receipts without an invoice pay the oldest items."""
        found: dict[int, list[Bill]] = defaultdict(list)
        if self._context.options.is_oldest_first:
            for bill in bills(client__in=client_ids, open_amount__gt=0):
                found[bill.client_id].append(self._bills.setdefault(bill.number, bill))
        return found

    def _client(self, row: ReceiptRow, clients: dict[str, Client]) -> Client | None:
        if row.client:
            return clients.get(row.client)
        bill = self._bills.get(row.invoice or "")
        return self._by_id.get(bill.client_id) if bill else None

    def _error(self, row: ReceiptRow, clients: dict[str, Client]) -> RowError | None:
        bill = self._bills.get(row.invoice) if row.invoice else None
        if row.invoice and bill is None:
            return RowError(row.row, "invoice", row.invoice, "Invoice is not known: import the invoices first.")
        client = self._client(row, clients)
        if client is None:
            return RowError(row.row, "client", row.client or "", "Client is not known: import the clients first.")
        currency = self._currency(row, client, bill)
        if not is_whole(row.amount, currency):
            return RowError(row.row, "amount", f"{row.amount:f}", f"Amount has more decimals than {currency} has.")
        if reason := locked_sentence(row.received_on, self._locked_through):
            return RowError(row.row, "received_on", row.received_on.isoformat(), reason)
        if bill is None:
            return None
        if bill.client_id != client.pk:
            return RowError(row.row, "invoice", bill.number, f"Invoice belongs to another client than {client.code}.")
        if bill.status != InvoiceStatus.ISSUED:
            return RowError(row.row, "invoice", bill.number, f"Invoice is {bill.status} and owes nothing.")
        if bill.currency != currency:
            reason = f"Currency differs from the invoice's, {bill.currency}: amounts in two currencies are never added."
            return RowError(row.row, "currency", currency, reason)
        return None

    def _currency(self, row: ReceiptRow, client: Client, bill: Bill | None) -> str:
        return row.currency or self._context.options.currency or (bill.currency if bill else client.currency)

    def _money(self, row: ReceiptRow, mark: str, clients: dict[str, Client]) -> Money:
        client = self._client(row, clients)
        bill = self._bills.get(row.invoice) if row.invoice else None
        assert client is not None  # _error found it
        currency = self._currency(row, client, bill)
        method = row.method or ReceiptMethod.BANK.value
        shares = self._shares(row, client, bill, currency)
        return Money(client.pk, row.received_on, row.amount, currency, method, row.reference or "", mark, shares)

    def _shares(self, row: ReceiptRow, client: Client, bill: Bill | None, currency: str) -> list[tuple[Bill, object]]:
        if bill:
            part = min(row.amount, bill.open_amount)
            return [(bill, part)] if part else []
        items = {b.pk: b for b in self._open[client.pk] if b.currency == currency and b.open_amount}
        payable = [Payable(b.pk, b.number, b.due_on, b.open_amount) for b in items.values()]
        return [
            (items[share.invoice_id], share.amount) for share in oldest_first(Incoming(row.amount, currency), payable)
        ]
