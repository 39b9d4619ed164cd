"""The cast of every test, and builders for what they have.

Fay works in finance, Ray may only read. Acme pays well, Slowco does not. `an_invoice(client, days_late=5)` is issued by
the product's own services, so that what the tests start from is what the product makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils.timezone import localdate

from invoices.models import Client, Contact, Invoice, Organisation, Receipt
from invoices.rules.allocation import Share
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.receipts import NewReceipt, record_receipt
from reminders.models import DunningAccount, DunningLevel, DunningProcedure

numbers = count(1)

# A short procedure for stories that are not about the one that ships: calendar days, weekends count, no interval.
PLAIN_LEVELS: tuple[dict[str, Any], ...] = (
    {"days_past_due": 1, "channel": "email", "template": "reminder", "name": "First reminder"},
    {"days_past_due": 7, "channel": "email", "template": "firm", "name": "Second reminder"},
)


def fay() -> Any:
    """Finance staff."""
    return _staff("fay", "Fay", "Collector")


def ray() -> Any:
    """Read-only."""
    return _staff("ray", "Ray", "Read-only")


def _staff(username: str, first_name: str, group: str) -> Any:
    user, created = get_user_model().objects.get_or_create(
        username=username, defaults={"first_name": first_name, "email": f"{username}@northwind.example"}
    )
    if created and (found := Group.objects.filter(name__iexact=group).first()):
        user.groups.add(found)
    return user


def an_organisation(**fields: Any) -> Organisation:
    """Us: Northwind Tools."""
    given = {"name": "Northwind Tools", "email": "accounts@northwind.example", **fields}
    return Organisation.objects.update_or_create(pk=1, defaults=given)[0]


def a_client(code: str = "", *, mail: str | None = None, **fields: Any) -> Client:
    """A client with one working contact at ap@<code>.example; `mail=""` for one without an address."""
    code = code or f"C{next(numbers)}"
    client = Client.objects.create(code=code, **{"name": code.title(), "currency": "GBP", **fields})
    a_contact(client, f"ap@{code.lower()}.example" if mail is None else mail, is_primary=True)
    return client


def acme(**fields: Any) -> Client:
    """The good payer."""
    return a_client("ACME", name="Acme Ltd", **fields)


def slowco(**fields: Any) -> Client:
    """The bad payer."""
    return a_client("SLOWCO", name="Slowco plc", **fields)


def a_contact(client: Client, email: str, **fields: Any) -> Contact:
    given = {"name": "Ann Lee", "first_name": "Ann", "phone": "+44 20 7946 0018", **fields}
    return Contact.objects.create(client=client, email=email, **given)


def an_invoice(
    client: Client,
    *,
    days_late: int = 5,
    amount: str | Decimal = "100.00",
    today: date | None = None,
    due_on: date | None = None,
    issued_on: date | None = None,
    currency: str = "",
) -> Invoice:
    """Issued and open, due `days_late` days before `today` (negative: not due yet), on terms of 30 days."""
    due_on = due_on or (today or localdate()) - timedelta(days=days_late)
    new = NewInvoice(currency or client.currency, issued_on or due_on - timedelta(days=30), due_on)
    line = NewLine("Hand planes", Decimal(1), Decimal(amount))
    return issue_invoice(draft_invoice(client, new, [line], actor="Fay").pk, actor="Fay")


def a_receipt(
    client: Client,
    amount: str | Decimal,
    *,
    pays: Invoice | None = None,
    on: date | None = None,
    currency: str = "",
) -> Receipt:
    """Money from the client; all of it goes to `pays`, or stays on account."""
    amount = Decimal(amount)
    shares = [Share(pays.pk, amount)] if pays else []
    new = NewReceipt(amount, currency or client.currency, on or localdate())
    return record_receipt(client, new, actor="Fay", shares=shares)


def a_procedure(levels: Sequence[dict[str, Any]] = PLAIN_LEVELS, **fields: Any) -> DunningProcedure:
    """A procedure without interval, tolerance, weekends or contact rules, for the clients that `follow` it."""
    given = {
        "name": f"Procedure {next(numbers)}",
        "minimum_interval_days": 0,
        "tolerance_amount": 0,
        "is_business_days_only": False,
        "respects_contact_rules": False,
        **fields,
    }
    procedure = DunningProcedure.objects.create(**given)
    for position, level in enumerate(levels, start=1):
        named = {"position": position, "name": f"Level {position}", "template": "reminder", "channel": "email", **level}
        DunningLevel.objects.create(procedure=procedure, **named)
    return procedure


def follow(client: Client, procedure: DunningProcedure) -> Client:
    DunningAccount.objects.update_or_create(client=client, defaults={"procedure": procedure})
    return client
