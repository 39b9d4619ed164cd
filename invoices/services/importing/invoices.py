"""Invoices from a file: issued under the number they have, and settled as far as the file says they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ...errors import TermsDoNotFit
from ...models import Client, InvoiceStatus, PaymentTerms, Receipt, ReceiptMethod
from ...queries.schedules import planned
from ...rules.importing.records import InvoiceRow, RowError
from ...rules.importing.settlement import Settlement, settlement_fingerprint, settlement_of
from ...rules.money import is_whole
from ...rules.schedule import Schedule, one_sum
from ..discounts import offered
from ..ledger import locked_sentence, locked_through
from .booking import Booking, lock_clients
from .clients import create_clients
from .documents import Bill, Money, bills
from .report import Context, ImportReport

_AMOUNTS = ("amount", "paid_amount", "open_amount")


class _Taken(NamedTuple):
    row: InvoiceRow
    bill: Bill | None  # the invoice that exists already


class InvoiceWriter:
    def __init__(self, context: Context) -> None:
        self._context = context

    def write(self, rows: Sequence[InvoiceRow]) -> ImportReport:
        """Write one chunk: decide about every row, create the clients that the good ones need, book.

        The caller owns the transaction.
        """
        report = ImportReport()
        clients, known = self._locked(rows)
        self._told = self._told_before(rows, known)
        self._locked_through = locked_through()  # stays so until this chunk is committed
        first: dict[str, InvoiceRow] = {}
        taken = []
        for row in rows:
            earlier = first.get(row.number)
            if errors := self._errors(row, clients.get(row.client), known.get(row.number), earlier):
                report.rejected += errors
            elif earlier:
                report.unchanged += 1
            else:
                first[row.number] = row
                taken.append(_Taken(row, known.get(row.number)))
        clients |= self._create_clients(taken, clients)
        self._book(taken, clients, report)
        return report

    def _locked(self, rows: Sequence[InvoiceRow]) -> tuple[dict[str, Client], dict[str, Bill]]:
        """The clients by code, locked, and then the invoices by number, which cannot move any more."""
        codes, numbers = {row.client for row in rows}, [row.number for row in rows]
        clients = lock_clients(codes)
        known = {bill.number: bill for bill in bills(number__in=numbers)}
        if known and (late := lock_clients(codes - clients.keys())):
            # Another import committed both the clients and their invoices between our two queries.
            clients |= late
            known = {bill.number: bill for bill in bills(number__in=numbers)}
        return clients, known

    def _errors(
        self, row: InvoiceRow, client: Client | None, bill: Bill | None, earlier: InvoiceRow | None
    ) -> list[RowError]:
        if earlier and replace(earlier, row=row.row) != row:
            reason = f"Number stands in row {earlier.row} already, with other values."
            return [RowError(row.row, "number", row.number, reason)]
        if client is None and bill is None and self._context.options.is_strict:
            return [RowError(row.row, "client", row.client, "Client is not known: import the clients first.")]
        currency = self._currency(row, client, bill)
        errors = [
            RowError(
                row.row,
                name,
                f"{value:f}",
                f"{_said(name)} has more decimals than {currency} has.",
            )
            for name in _AMOUNTS
            if (value := getattr(row, name)) is not None and not is_whole(value, currency)
        ]
        if reason := self._context.terms.check(row.terms):
            errors.append(RowError(row.row, "terms", row.terms or "", reason))
        if not errors and bill is None and (reason := self._misfit(row, client)):
            errors.append(RowError(row.row, "terms", row.terms or "", reason))
        errors = errors or (self._conflicts(row, client, bill) if bill else [])
        return errors or self._closed(row, bill)

    def _misfit(self, row: InvoiceRow, client: Client | None) -> str:
        """Why the parts of the terms miss the row's amount; empty when they do not."""
        book = self._context.terms
        terms = book.found(row.terms) if row.terms else self._terms_of(client) if client else book.default
        try:
            self._plan(row, client, terms, self._currency(row, client, None))
        except TermsDoNotFit as error:
            return str(error)
        return ""

    def _closed(self, row: InvoiceRow, bill: Bill | None) -> list[RowError]:
        """What this row would book in a closed month."""
        days = {} if bill else {"issued_on": row.issued_on}
        if (said := self._settles(row, bill)) and said.on:
            days["settled_on"] = said.on
        sentences = {name: locked_sentence(on, self._locked_through) for name, on in days.items()}
        return [RowError(row.row, name, days[name].isoformat(), text) for name, text in sentences.items() if text]

    def _currency(self, row: InvoiceRow, client: Client | None, bill: Bill | None) -> str:
        """The row's, else the option's, else the invoice's, else the client's, else the default for new clients."""
        chosen = row.currency or self._context.options.currency
        if chosen:
            return chosen
        if bill:
            return bill.currency
        return client.currency if client else self._context.default_currency

    def _conflicts(self, row: InvoiceRow, client: Client | None, bill: Bill) -> list[RowError]:
        """An issued invoice is not changed: whatever differs rejects the row."""
        if bill.status != InvoiceStatus.ISSUED:
            return [RowError(row.row, "number", row.number, "Number belongs to an invoice that is void.")]
        terms = self._context.terms.get(row.terms) if row.terms else None
        printed = bill.printed_on  # of an invoice in parts a file knows one date of several
        said: list[tuple[str, Any, Any, Any]] = [
            ("client", client.pk if client else None, bill.client_id, "another client"),
            ("amount", row.amount, bill.total_amount, f"{bill.total_amount:f}"),
            ("currency", self._currency(row, client, bill), bill.currency, bill.currency),
            ("issued_on", row.issued_on, bill.issued_on, bill.issued_on.isoformat()),
            ("due_on", row.due_on if row.due_on and not bill.current_part else printed, printed, printed.isoformat()),
            ("terms", terms.pk if terms else bill.terms_id, bill.terms_id, "other terms"),
            ("reference", row.reference or bill.reference, bill.reference, repr(bill.reference)),
        ]
        return [
            RowError(
                row.row,
                name,
                str(getattr(row, name) or ""),
                f"{_said(name)} differs from the invoice as issued ({was}): an issued invoice is not "
                "changed, correct it with a credit note.",
            )
            for name, ours, theirs, was in said
            if ours != theirs
        ]

    def _create_clients(self, taken: Sequence[_Taken], known: dict[str, Client]) -> dict[str, Client]:
        wanted: dict[str, dict[str, Any]] = {}
        for row, _ in taken:
            if row.client in known:
                continue
            fields = wanted.setdefault(row.client, {})
            said = {
                "name": row.client_name,
                "country": row.country,
                "currency": row.currency,
                "email": row.client_email,
            }
            for name, value in said.items():
                if value and name not in fields:
                    fields[name] = value
        default = {"currency": self._context.default_currency}
        return create_clients(
            {code: {"name": code, **default, **fields} for code, fields in wanted.items()}, self._context
        )

    def _book(self, taken: Sequence[_Taken], clients: dict[str, Client], report: ImportReport) -> None:
        booking = Booking(self._context.actor)
        pairs = [(row, bill or booking.issue(self._bill(row, clients[row.client]))) for row, bill in taken]
        for row, bill in pairs:
            is_settled = self._settle(booking, row, bill)
            report.created += not bill.pk
            report.updated += bool(bill.pk) and is_settled
            report.unchanged += bool(bill.pk) and not is_settled
        booking.write()

    def _bill(self, row: InvoiceRow, client: Client) -> Bill:
        terms = self._context.terms.get(row.terms) or self._terms_of(client)
        currency = self._currency(row, client, None)
        plan = self._plan(row, client, terms, currency)
        own_terms = terms if row.terms or not row.due_on else None
        return Bill(
            number=row.number,
            client_id=client.pk,
            currency=currency,
            total_amount=row.amount,
            open_amount=row.amount,
            issued_on=row.issued_on,
            due_on=plan.due_on,
            terms_id=own_terms.pk if own_terms else None,
            reference=row.reference or "",
            current_part=1 if plan.is_split else 0,
            parts=plan.parts if plan.is_split else (),
            **offered(own_terms, row.issued_on, plan.due_on),
        )

    def _plan(self, row: InvoiceRow, client: Client | None, terms: PaymentTerms | None, currency: str) -> Schedule:
        if row.due_on:
            return one_sum(row.issued_on, row.due_on, row.amount, currency)
        return planned(terms, row.issued_on, row.amount, currency, client=client)

    def _terms_of(self, client: Client) -> Any:
        return self._context.terms.by_id(client.terms_id) or self._context.terms.default

    def _told_before(self, rows: Sequence[InvoiceRow], known: dict[str, Bill]) -> set[str]:
        """Settlements that this or another file told before: they made their receipt then."""
        prints = [
            settlement_fingerprint(row.number, said)
            for row in rows
            if (bill := known.get(row.number)) and (said := settlement_of(row)) and said.open_amount < bill.open_amount
        ]
        return set(Receipt.objects.filter(fingerprint__in=prints).values_list("fingerprint", flat=True))

    def _settles(self, row: InvoiceRow, bill: Bill | None) -> Settlement | None:
        """What the row settles that was not settled, or told, before."""
        said = settlement_of(row)
        if said is None or said.open_amount >= (bill.open_amount if bill else row.amount):
            return None
        return None if settlement_fingerprint(row.number, said) in self._told else said

    def _settle(self, booking: Booking, row: InvoiceRow, bill: Bill) -> bool:
        said = self._settles(row, bill)
        if said is None:
            return False
        mark = settlement_fingerprint(row.number, said)
        amount = bill.open_amount - said.open_amount
        received_on = said.on or max(self._context.today, bill.issued_on)
        money = Money(
            bill.client_id,
            received_on,
            amount,
            bill.currency,
            ReceiptMethod.OTHER.value,
            f"Settled: {bill.number}",
            mark,
            [(bill, amount)],
            can_earn=False,
        )
        booking.receive(money)
        return True


def _said(field: str) -> str:
    return field.replace("_", " ").capitalize()
