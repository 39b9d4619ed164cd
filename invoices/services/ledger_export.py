"""The rows of the ledger export: each entry with its accounts and the numbers of its documents. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from ..gateways.accounts import Account, Accounts, shipped_accounts
from ..models import Entry, EntryKind, InvoiceKind

CHUNK = 2_000


class LedgerRow(NamedTuple):
    """One entry. `debit` or `credit` of `account`, the other side of `counter`; the one that is not is None."""

    entry: int
    booked_on: date
    recorded_at: datetime
    kind: str
    account: Account
    counter: Account
    client_code: str
    client: str
    invoice: str
    receipt: str
    credit_note: str
    write_off: str
    discount: str
    settlement: str
    debit: Decimal | None
    credit: Decimal | None
    amount: Decimal
    currency: str
    recorded_by: str


def ledger_rows(entries: QuerySet[Entry]) -> Iterator[LedgerRow]:
    """A row for each of `queries.general_ledger.entries_of`, read in portions."""
    accounts = shipped_accounts()
    for entry in entries.iterator(CHUNK):
        yield _row(entry, accounts)


def _row(entry: Entry, accounts: Accounts) -> LedgerRow:
    own = accounts.receivables if entry.invoice_id else accounts.on_account
    return LedgerRow(
        entry=entry.pk,
        booked_on=entry.booked_on,
        recorded_at=entry.recorded_at,
        kind=entry.get_kind_display(),
        account=own,
        counter=_counter(entry, accounts),
        client_code=entry.client.code,
        client=entry.client.name,
        invoice=str(entry.invoice or ""),
        receipt=str(entry.receipt or ""),
        credit_note=str(entry.credit_note or ""),
        write_off=str(entry.write_off_id or ""),
        discount=str(entry.discount_id or ""),
        settlement=str(entry.settlement_id or ""),
        debit=entry.amount if entry.amount > 0 else None,
        credit=-entry.amount if entry.amount < 0 else None,
        amount=entry.amount,
        currency=entry.currency,
        recorded_by=entry.recorded_by.full_name if entry.recorded_by else "",
    )


def _counter(entry: Entry, accounts: Accounts) -> Account:
    if entry.allocation_id:  # a pair: from the one control account to the other
        return accounts.on_account if entry.invoice_id else accounts.receivables
    is_charge = entry.kind == EntryKind.ISSUED and entry.invoice and entry.invoice.kind == InvoiceKind.CHARGE
    return accounts.counter["charge" if is_charge else entry.kind]
