"""A closed month: who may close it and when, and that every path that books refuses its days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.errors import LedgerError, PeriodLocked
from invoices.models import AuditEvent, Client, Entry, Invoice, Organisation, Receipt
from invoices.rules.allocation import Share
from invoices.rules.periods import Period, is_month_end, month_before, month_of, months_to_close, presets
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.payments import sync
from invoices.services.periods import close_month, differences, reopen_months
from invoices.services.receipts import allocate, undo_allocation
from invoices.services.reversals import reverse_receipt
from reminders.services.dunning_run import dunning_run
from tests.builders import a_procedure, a_receipt, acme, an_invoice, an_organisation, follow
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices import payment_stories
from tests.invoices.import_cases import CLIENTS, INVOICES, RECEIPTS, Importer

MAY_END = date(2026, 5, 31)
TODAY = date(2026, 6, 3)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("given", "first_on", "last_on"),
    [("2026-05-17", "2026-05-01", "2026-05-31"), ("2024-02-29", "2024-02-01", "2024-02-29"),
     ("2026-12-31", "2026-12-01", "2026-12-31"), ("2026-01-01", "2026-01-01", "2026-01-31")],
)  # fmt: skip
def test_month_of_a_day_has_its_first_and_last(given, first_on, last_on):
    assert month_of(day(given)) == Period(day(first_on), day(last_on))
    assert is_month_end(day(last_on))


def test_month_before_january_is_december():
    assert month_before(day("2026-01-31")) == Period(day("2025-12-01"), day("2025-12-31"))


@pytest.mark.parametrize(
    ("locked", "first", "today", "months"),
    [
        (None, "2026-03-20", "2026-06-03", ["2026-03", "2026-04", "2026-05"]),
        ("2026-04-30", "2026-01-01", "2026-06-03", ["2026-05"]),
        ("2026-05-31", "2026-01-01", "2026-06-03", []),
        (None, "2026-05-20", "2026-05-31", []),
        (None, "2025-12-20", "2026-01-01", ["2025-12"]),
    ],
)
def test_months_to_close_are_over_and_open(locked, first, today, months):
    found = months_to_close(day(locked) if locked else None, day(first), day(today))
    assert [f"{month.first_on:%Y-%m}" for month in found] == months


def test_presets_end_today_or_with_their_month():
    found = {key: period for key, (_, period) in presets(day("2026-01-15")).items()}
    assert found["last-month"] == Period(day("2025-12-01"), day("2025-12-31"))
    assert found["quarter"] == Period(day("2025-11-01"), day("2026-01-15"))
    assert found["last-year"] == Period(day("2025-01-01"), day("2025-12-31"))


@pytest.fixture
def books(db) -> Client:
    """Acme: 100.00 issued on 4 May and open, 40.00 received on 6 May and on account. May is closed."""
    an_organisation()
    client = acme()
    an_invoice(client, issued_on=day("2026-05-04"), due_on=day("2026-06-03"))
    a_receipt(client, "40", on=day("2026-05-06"))
    close_month(MAY_END, actor="Fay", today=TODAY)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("last_on", "today", "said"),
    [("2026-05-31", "2026-05-31", "May 2026 is not over"), ("2026-05-30", "2026-06-03", "is not over"),
     ("2026-06-30", "2026-06-03", "June 2026 is not over")],
)  # fmt: skip
def test_month_that_is_not_over_is_not_closed(last_on, today, said):
    with pytest.raises(LedgerError, match=said):
        close_month(day(last_on), actor="Fay", today=day(today))


def test_closed_month_is_not_closed_twice(books):
    with pytest.raises(LedgerError, match="closed through 31 May 2026 already"):
        close_month(day("2026-04-30"), actor="Fay", today=TODAY)


def test_closing_keeps_the_totals_in_the_audit_list(books):
    event = AuditEvent.objects.get(verb="month_closed")
    assert event.after["GBP"] == {"opening": "0.00", "closing": "60.00", "open_items": "100.00", "on_account": "40.00"}
    assert (event.actor_label, event.text) == ("Fay", "Books closed through 31 May 2026")


def test_books_that_do_not_agree_are_not_closed(db):
    an_organisation()
    invoice = an_invoice(acme(), issued_on=day("2026-05-04"), due_on=day("2026-06-03"))
    Invoice.objects.filter(pk=invoice.pk).update(open_amount=99)
    with pytest.raises(LedgerError, match="cannot be closed before they agree"):
        close_month(MAY_END, actor="Fay", today=TODAY)
    assert differences() == [f"Invoice {invoice}, open amount: stored 99.000, computed 100.00, difference -1.000."]


REFUSED = "The books are closed through 31 May 2026; 30 May 2026 cannot be booked on."
LATE = day("2026-05-30")


def test_invoice_is_not_issued_in_a_closed_month_and_stays_a_draft(books):
    draft = draft_invoice(books, NewInvoice("GBP", LATE), [NewLine("Saws", Decimal(1), Decimal(9))], actor="Fay")
    with pytest.raises(PeriodLocked, match=REFUSED):
        issue_invoice(draft.pk, actor="Fay")
    draft.refresh_from_db()
    assert (draft.status, draft.number) == ("draft", None)


def test_receipt_is_not_booked_in_a_closed_month(books):
    with pytest.raises(PeriodLocked, match=REFUSED):
        a_receipt(books, "10", on=LATE)
    assert Receipt.objects.count() == 1


def test_allocation_is_refused_there_and_its_undo_and_reversal_are_booked_later(books):
    receipt, invoice = Receipt.objects.get(), Invoice.objects.get()
    with pytest.raises(PeriodLocked, match=REFUSED):
        allocate(receipt.pk, [Share(invoice.pk, Decimal(40))], actor="Fay", on=LATE)
    (made,) = allocate(receipt.pk, [Share(invoice.pk, Decimal(40))], actor="Fay", on=TODAY)
    undo_allocation(made.pk, actor="Fay", on=LATE)  # not before it was made, so not in the closed month
    assert reverse_receipt(receipt.pk, reason="bounced", actor="Fay", on=LATE).reversed_on >= TODAY


def test_first_day_after_the_closed_month_is_open(books):
    assert an_invoice(books, issued_on=day("2026-06-01"), due_on=day("2026-06-30")).is_open


def test_month_is_opened_again_with_a_reason(books):
    us = reopen_months(None, reason="Bank statement was late", actor="Fay")
    a_receipt(books, "10", on=LATE)
    assert us.locked_through is None
    assert "Bank statement was late" in AuditEvent.objects.get(verb="month_reopened").text


@pytest.mark.parametrize(
    ("through", "reason", "said"),
    [(None, "  ", "Say why"), (MAY_END, "why not", "is open already"), (day("2026-06-30"), "why", "is open already")],
)
def test_month_is_not_opened_without_reason_or_need(books, through, reason, said):
    with pytest.raises(LedgerError, match=said):
        reopen_months(through, reason=reason, actor="Fay")
    assert Organisation.objects.get().locked_through == MAY_END


# --- files --------------------------------------------------------------------------------------------------


@pytest.fixture
def importer(tmp_path, db):
    an_organisation()
    importer = Importer(tmp_path)
    importer.take("clients", CLIENTS)
    return importer


def closed_through(text: str) -> None:
    Organisation.objects.update(locked_through=day(text))


def test_rows_of_a_closed_month_are_rejected_with_the_sentence(importer):
    closed_through("2024-01-31")
    report = importer.take("invoices", INVOICES)
    reasons = {error.field: error.reason for error in report.rejected}
    assert "The books are closed through 31 January 2024" in reasons["issued_on"]
    assert (report.created, report.rejected_rows) == (1, 1)


def test_receipts_of_a_closed_month_are_rejected_and_nothing_is_booked(importer):
    importer.take("invoices", INVOICES)
    closed_through("2025-12-31")
    before = Entry.objects.count()
    report = importer.take("receipts", RECEIPTS)
    assert {error.field for error in report.rejected} == {"received_on"}
    assert (report.created, Entry.objects.count()) == (0, before)


def test_invoices_known_already_are_unchanged_though_their_month_is_closed(importer):
    importer.take("invoices", INVOICES)
    closed_through("2025-12-31")
    report = importer.take("invoices", INVOICES)
    assert (report.unchanged, report.rejected) == (2, [])


def test_settlement_told_for_a_closed_month_is_rejected_once_and_booked_never(importer):
    importer.take("invoices", INVOICES)
    closed_through("2025-12-31")
    header, *rows = INVOICES.strip().splitlines()
    settled = "\n".join([f"{header},settled_on", *(f"{row},2024-06-01" for row in rows)])
    report = importer.take("invoices", settled)
    assert {error.field for error in report.rejected} == {"settled_on"}
    assert not Receipt.objects.exists()


# --- money that comes by itself -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_online_payment_is_booked_on_the_day_it_arrives(card_processor):  # noqa: F811
    payment = payment_stories.pay(payment_stories.an_invoice(payment_stories.a_client()))
    Organisation.objects.update_or_create(pk=1, defaults={"locked_through": month_before(localdate()).last_on})
    card_processor.bank.pay(payment.session_id)
    assert sync(payment.pk).receipt.received_on == localdate()


@pytest.mark.django_db
def test_reminders_go_on_about_what_was_issued_in_a_closed_month():
    an_organisation()
    client = acme()
    an_invoice(client, days_late=40)
    close_month(month_before(localdate()).last_on, actor="Fay", today=localdate())
    follow(client, a_procedure())
    assert dunning_run(localdate()).proposed == 1
