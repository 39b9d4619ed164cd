"""The demo company: the same each time, every state present, the books in order. A small one, for speed."""

from __future__ import annotations

import io
import tempfile
from datetime import date
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, QuerySet
from django.test import TestCase, override_settings
from django.utils import timezone
from django.utils.timezone import localdate, now

from collections_app.demo.clock import clock_at
from collections_app.demo.company import HOME, invent
from collections_app.demo.names import COUNTRIES
from collections_app.demo.setup import iban
from collections_app.greeting import greeting
from collections_app.models import User
from invoices.models import (
    Allocation,
    Charge,
    Client,
    CreditApplication,
    Deferral,
    Discount,
    Dispute,
    Invoice,
    Note,
    Payment,
    PaymentPlan,
    Receipt,
    RecurringInvoice,
    Refund,
    Settlement,
    WriteOff,
)
from invoices.queries.ledger import ledger_differences
from invoices.rules.calendar import is_business_day
from reminders.models import (
    Acknowledgement,
    CallOutcome,
    CallTask,
    DunningBlock,
    DunningRun,
    Notice,
    PromiseToPay,
    Task,
)
from reminders.queries.integrity import memory_differences

SUNDAY = date(2026, 11, 22)

# What each page of the product needs to show life.
STATES: dict[str, tuple[type, dict[str, Any]]] = {
    "draft invoices": (Invoice, {"status": "draft"}),
    "void invoices": (Invoice, {"status": "void"}),
    "part payments": (Invoice, {"open_amount__gt": 0, "open_amount__lt": F("total_amount")}),
    "money on account": (Receipt, {"unapplied_amount__gt": 0}),
    "receipts that went back": (Receipt, {"reversed_on__isnull": False}),
    "online payments": (Payment, {"status": "succeeded"}),
    "payments on their way": (Payment, {"status": "processing"}),
    "open disputes": (Dispute, {"status": "open"}),
    "rejected disputes": (Dispute, {"status": "rejected"}),
    "open promises": (PromiseToPay, {"status": "open"}),
    "kept promises": (PromiseToPay, {"status": "kept"}),
    "broken promises": (PromiseToPay, {"status": "broken"}),
    "hardship": (DunningBlock, {"reason": "hardship", "last_on__gte": F("first_on")}),
    "mail that was sent": (Notice, {"channel": "email", "status": "sent"}),
    "mail that failed": (Notice, {"status": "failed"}),
    "mail of which nobody knows": (Notice, {"status": "unknown"}),
    "letters to approve": (Notice, {"channel": "letter", "status": "proposed"}),
    "letters to print": (Notice, {"channel": "letter", "status": "printing"}),
    "letters in the post": (Notice, {"channel": "letter", "status": "sent"}),
    "cancelled notices": (Notice, {"status": "cancelled"}),
    "calls to make": (CallTask, {"status": "open"}),
    "calls made": (CallOutcome, {"outcome": "promised"}),
    "decisions to take": (Task, {"kind": "decide"}),
    "tasks to find a contact": (Task, {"kind": "find_contact"}),
    "broken promises to look at": (Task, {"kind": "broken_promise", "status": "open"}),
    "late charges to decide on": (Charge, {"status": "draft"}),
    "late charges of a month on one document": (Charge, {"status": "issued"}),
    "credit on hold": (Client, {"is_credit_hold": True}),
    "notes": (Note, {}),
    "a part that is paid": (Invoice, {"current_part": 2}),
    "discounts earned": (Discount, {"status": "granted", "days_late": 0}),
    "discounts a day late to approve": (Discount, {"status": "proposed", "days_late": 1}),
    "recurring invoices with history": (RecurringInvoice, {"issues__invoice__isnull": False, "next_on__gt": SUNDAY}),
    "recurring invoices held up": (RecurringInvoice, {"issues__invoice__isnull": True, "next_on__lt": SUNDAY}),
    "plans in standing": (PaymentPlan, {"status": "active", "instalments__missed_on__isnull": True}),
    "plans with a missed instalment": (PaymentPlan, {"status": "active", "instalments__missed_on__isnull": False}),
    "broken plans": (PaymentPlan, {"status": "broken"}),
    "plans to approve": (PaymentPlan, {"status": "proposed"}),
    "deferrals": (Deferral, {"invoice__due_on": F("new_due_on")}),
    "settlements on offer": (Settlement, {"status": "offered", "expires_on__gt": SUNDAY}),
    "lapsed settlements": (Settlement, {"status": "lapsed"}),
    "paid settlements": (Settlement, {"status": "paid"}),
    "settlements to approve": (Settlement, {"status": "proposed"}),
    "write-offs to approve": (WriteOff, {"status": "proposed"}),
    "refunds to approve": (Refund, {"status": "proposed"}),
    "money of a payer for its group": (Allocation, {"receipt__client": F("invoice__client__payer")}),
    "receipts in another currency": (Receipt, {"received_currency": "EUR", "unapplied_amount": 0}),
    "returned debits": (Receipt, {"reversal_reason": "returned_debit"}),
    "money moved to its owner": (Receipt, {"moved_from__isnull": False}),
    "credit granted with references": (CreditApplication, {"references__answered_on__isnull": False}),
    "credit limits to look at": (Task, {"kind": "credit_review", "status": "open"}),
    "welcome letters": (Acknowledgement, {"kind": "welcome", "status": "sent"}),
    "invoices mailed by the schedule": (Acknowledgement, {"kind": "invoice", "status": "sent"}),
}


class DemoCompany(TestCase):
    """One small company for all facts about it."""

    printed: str

    @classmethod
    def setUpTestData(cls) -> None:
        out = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder), clock_at(SUNDAY, 7):
            call_command("demo", "--clients", "60", "--invoices", "700", stdout=out)
        cls.printed = out.getvalue()

    def test_every_state_is_present(self) -> None:
        missing = [name for name, (model, where) in STATES.items() if not _rows(model, where).exists()]
        assert missing == []

    def test_books_agree_with_the_entries(self) -> None:
        assert [*ledger_differences(), *memory_differences()] == []

    def test_no_run_left_a_client_out(self) -> None:
        assert list(DunningRun.objects.exclude(warnings=[])) == []

    def test_every_issued_invoice_has_lines_that_add_up(self) -> None:
        wrong = [one.number for one in Invoice.objects.prefetch_related("lines") if _net(one) != one.net_amount]
        assert wrong == []

    def test_numbers_have_no_gap(self) -> None:
        for kind, prefix in (("invoice", "INV-"), ("charge", "CH-")):
            given = Invoice.objects.filter(kind=kind).exclude(number=None).values_list("number", flat=True)
            numbers = sorted(int(number.removeprefix(prefix)) for number in given)
            assert numbers == list(range(1, len(numbers) + 1))

    def test_money_comes_on_business_days_of_our_bank(self) -> None:
        days = Receipt.objects.filter(payment__isnull=True).values_list("received_on", flat=True)
        assert [day for day in days if not is_business_day(HOME, "", day)] == []

    def test_nothing_is_dated_in_the_future(self) -> None:
        assert not Invoice.objects.filter(issued_on__gt=SUNDAY).exists()
        assert not Receipt.objects.filter(received_on__gte=SUNDAY).exists()

    def test_mail_addresses_reach_nobody(self) -> None:
        sent = Notice.objects.exclude(recipient="").filter(channel="email").values_list("recipient", flat=True)
        assert [address for address in sent if not address.endswith(".example")] == []

    def test_greeting_shows_the_login_and_a_portal_link(self) -> None:
        assert "fay / collections-demo" in greeting()
        assert "Slowco" in greeting()

    def test_each_group_has_somebody(self) -> None:
        assert User.objects.values("groups").distinct().count() == 3
        assert "ray / collections-demo" in self.printed

    def test_second_company_is_refused(self) -> None:
        with pytest.raises(CommandError, match="for an empty database, and this one has 61 clients"):
            call_command("demo")


def _rows(model: Any, where: dict[str, Any]) -> QuerySet:
    return model.objects.filter(**where)


def _net(invoice: Invoice) -> Any:
    return sum(line.net_amount for line in invoice.lines.all())


def test_same_seed_invents_the_same_company() -> None:
    one, other = (invent(Random(7), SUNDAY, clients=40, invoices=200) for _ in range(2))
    assert one == other


def test_another_seed_invents_another_company() -> None:
    one, other = (invent(Random(seed), SUNDAY, clients=40, invoices=200) for seed in (7, 8))
    assert [c.name for c in one.clients] != [c.name for c in other.clients]


def test_clients_have_names_and_codes_of_their_own() -> None:
    clients = invent(Random(7), SUNDAY, clients=200, invoices=200).clients
    assert len({c.code for c in clients}) == 200
    assert {c.country.code for c in clients} == {c.code for c in COUNTRIES}


def test_iban_has_right_check_digits() -> None:
    found = iban("GB", "LARK00000012345678")
    assert int("".join(str(int(sign, 36)) for sign in found[4:] + found[:4])) % 97 == 1


def test_moved_clock_is_seen_by_all_and_set_back() -> None:
    with clock_at(date(2020, 2, 3), 9):
        assert (localdate(), now().year, timezone.now().month) == (date(2020, 2, 3), 2020, 2)
    assert localdate() > date(2026, 1, 1)
