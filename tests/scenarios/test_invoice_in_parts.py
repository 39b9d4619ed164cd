"""An invoice in parts: each part is asked for from its own date, from the first level on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invoices.models import Invoice
from invoices.queries.organisation import organisation
from invoices.rules.instalments import Part, Share
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.reversals import reverse_receipt
from invoices.services.terms import create_terms
from reminders.models import NoticeLine
from reminders.queries.accounts import load_accounts
from reminders.queries.portal import accounts_of
from reminders.rules.records import Code
from reminders.services.explaining import explain_client
from tests.builders import a_procedure, a_receipt, acme, an_invoice, follow, slowco

# +1 first reminder, +7 second


@pytest.fixture
def invoice(calendar) -> Invoice:
    """60.00 due on Wednesday 11 March, 40.00 on Friday 10 April 2026."""
    client = follow(slowco(), a_procedure())
    parts = (Part(Share.PERCENT_OF_TOTAL, D(60), days=10), Part(Share.REMAINDER, days=40))
    terms = create_terms({"code": "halves", "name": "In two parts"}, parts=parts, actor="Fay")
    calendar.at("2026-03-01")
    draft = draft_invoice(
        client, NewInvoice("GBP", date(2026, 3, 1), terms=terms), [NewLine("Planes", D(1), D(100))], actor="Fay"
    )
    return issue_invoice(draft.pk, actor="Fay")


def said(invoice: Invoice) -> list[tuple[str, int, str]]:
    """What was sent: (day, level, amount)."""
    lines = NoticeLine.objects.filter(invoice=invoice, notice__sent_on__isnull=False).order_by("notice__sent_on", "pk")
    rows = lines.values_list("notice__sent_on", "position", "amount")
    return [(on.isoformat(), position, f"{amount:.2f}") for on, position, amount in rows]


def now(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


def test_only_the_part_that_is_due_is_asked_for(calendar, mail_sink, invoice):
    calendar.days("2026-03-11", "2026-03-12", "2026-03-13")
    assert said(invoice) == [("2026-03-12", 1, "60.00")]
    assert "60.00" in mail_sink.mails[0].get_body(("plain",)).get_content()


def test_reason_names_the_part_to_come(calendar, mail_sink, invoice):
    found = explain_client(invoice.client_id, date(2026, 3, 12))
    (reason,) = [one for one in found.plan.reasons if one.code == Code.NOT_YET_DUE]
    assert (reason.figures["amount"], reason.figures["due_on"]) == (D("40.00"), date(2026, 4, 10))
    text = f"40.00 GBP of {invoice.number} is in parts that are due later, the next on Fri 10 April 2026."
    assert text in found.reasons


def test_collections_looks_again_when_the_next_part_falls_due(calendar, mail_sink, invoice):
    calendar.days("2026-03-12", "2026-03-18", "2026-03-19")
    assert explain_client(invoice.client_id, date(2026, 3, 19)).review_on == date(2026, 4, 10)


def test_next_part_starts_at_the_first_level_on_its_own_date(calendar, mail_sink, invoice):
    calendar.days("2026-03-12", "2026-03-18")
    calendar.at("2026-03-20")
    a_receipt(invoice.client, "60", pays=now(invoice), on=date(2026, 3, 20))
    calendar.days("2026-03-20", "2026-03-27", "2026-04-10", "2026-04-11", "2026-04-17")
    assert said(invoice) == [
        ("2026-03-12", 1, "60.00"),
        ("2026-03-18", 2, "60.00"),
        ("2026-04-11", 1, "40.00"),
        ("2026-04-17", 2, "40.00"),
    ]


def test_parts_due_together_are_asked_for_together(calendar, mail_sink, invoice):
    calendar.days("2026-03-12", "2026-04-13")
    assert said(invoice)[1][2] == "100.00"


def test_bounced_payment_brings_the_part_back_without_repeating_a_level(calendar, mail_sink, invoice):
    calendar.days("2026-03-12")
    calendar.at("2026-03-13")
    receipt = a_receipt(invoice.client, "60", pays=now(invoice), on=date(2026, 3, 13))
    calendar.days("2026-03-14")
    reverse_receipt(receipt.pk, reason="Bounced", actor="Fay", on=date(2026, 3, 16))
    assert now(invoice).due_on == date(2026, 3, 11)
    calendar.days("2026-03-16", "2026-03-17", "2026-03-18")
    assert said(invoice) == [("2026-03-12", 1, "60.00"), ("2026-03-18", 2, "60.00")]


def test_parts_cost_one_query_and_only_where_there_are_any(calendar, invoice):
    whole = an_invoice(acme(), today=date(2026, 3, 12))
    counts = []
    for client_id in (whole.client_id, invoice.client_id):
        with CaptureQueriesContext(connection) as queries:
            load_accounts([client_id], date(2026, 3, 12))
        counts.append(len(queries))
    assert counts[1] - counts[0] == 1


def test_portal_counts_only_the_parts_that_are_late(calendar, invoice):
    today = calendar.at("2026-03-12")
    (account,) = accounts_of(invoice.client, organisation(), today)
    late = sum(part.amount for part in invoice.parts.all() if part.due_on < today)
    assert (account.overdue, account.owed) == (late, invoice.open_amount)
    assert 0 < late < invoice.open_amount
