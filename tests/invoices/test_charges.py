"""Late charges as stories: a UK client pays a month late, in parts, or earlier than we knew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoices.errors import LedgerError
from invoices.models import AuditEvent, Charge, ChargeKind, ChargeStatus, Client, CreditNote, Invoice, ReferenceRate
from invoices.queries.ledger import ledger_differences
from invoices.rules.allocation import Share
from invoices.rules.crediting import ByAmount
from invoices.services.charge_documents import issue_charge
from invoices.services.charges import draft_charges, drop_charge, waive_charge
from invoices.services.charging import accruing_interest
from invoices.services.credit_notes import issue_credit_note
from invoices.services.disputes import close_dispute, open_dispute
from invoices.services.issuing import void_invoice
from invoices.services.rates import set_rate
from invoices.services.receipts import allocate
from invoices.services.reversals import reverse_receipt
from invoices.services.write_offs import NewWriteOff, ask_write_off
from tests import builders

pytestmark = pytest.mark.django_db

DUE = date(2026, 1, 31)
APRIL = date(2026, 4, 1)


@pytest.fixture
def client() -> Client:
    return builders.slowco(country="GB", late_charge_rule="uk-1998")


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return builders.an_invoice(client, amount="999.99", due_on=DUE)


def day(text: str) -> date:
    return date.fromisoformat(text)


def paid(invoice: Invoice, on: str, amount: str = "999.99") -> Any:
    return builders.a_receipt(invoice.client, amount, pays=invoice, on=day(on))


def charges(kind: str = ChargeKind.INTEREST, **given: Any) -> list[Charge]:
    return list(Charge.objects.filter(kind=kind, **given).order_by("pk"))


def amounts(kind: str = ChargeKind.INTEREST, **given: Any) -> list[Decimal]:
    return [charge.amount for charge in charges(kind, **given)]


def issued(invoice: Invoice) -> Charge:
    """The interest of the whole lateness, issued."""
    paid(invoice, "2026-03-31")
    draft_charges(APRIL)
    return issue_charge(charges()[0].pk, actor="Fay", on=APRIL)


def clean() -> bool:
    return not list(ledger_differences())


def test_invoice_paid_two_months_late_owes_interest_and_a_fixed_sum(invoice: Invoice) -> None:
    paid(invoice, "2026-03-31")
    done = draft_charges(APRIL)
    assert (done.drafted, amounts(), amounts(ChargeKind.COMPENSATION)) == (2, [Decimal("18.99")], [Decimal(40)])
    found = charges()[0].computation
    assert (found["days"], found["rate"], found["interest"]) == (59, "11.75", "18.99")


def test_drafts_owe_nothing(invoice: Invoice) -> None:
    draft_charges(APRIL)
    assert Invoice.objects.filter(kind="charge").count() == 0


def test_second_run_drafts_nothing(invoice: Invoice) -> None:
    draft_charges(APRIL)
    assert draft_charges(APRIL).drafted == 0
    assert draft_charges(day("2026-04-20")).drafted == 0


def test_month_by_month_gives_the_same_sum(invoice: Invoice) -> None:
    draft_charges(day("2026-03-01"))
    paid(invoice, "2026-03-31")
    draft_charges(APRIL)
    draft_charges(day("2026-05-01"))
    assert (amounts(), sum(amounts())) == ([Decimal("9.01"), Decimal("9.98")], Decimal("18.99"))
    assert [(c.from_on, c.through_on) for c in charges()][1] == (day("2026-03-01"), day("2026-03-31"))


def test_fixed_sum_is_charged_once(invoice: Invoice) -> None:
    for month in range(3, 9):
        draft_charges(date(2026, month, 1))
    assert amounts(ChargeKind.COMPENSATION) == [Decimal(40)]


def test_part_payment_counts_from_its_day(client: Client) -> None:
    invoice = builders.an_invoice(client, amount="10000", due_on=DUE)
    paid(invoice, "2026-03-02", "4000")
    paid(invoice, "2026-04-01", "6000")
    draft_charges(day("2026-05-01"))
    assert sum(amounts()) == Decimal("154.52")


def test_payment_in_time_costs_nothing(invoice: Invoice) -> None:
    paid(invoice, "2026-01-31")
    assert draft_charges(APRIL).drafted == 0


def test_client_without_a_rule_is_charged_nothing() -> None:
    builders.an_invoice(builders.acme(), amount="999.99", due_on=DUE)
    assert draft_charges(APRIL).drafted == 0


def test_interest_too_small_for_a_document_waits(client: Client) -> None:
    builders.an_invoice(client, amount="50.00", due_on=DUE)
    assert draft_charges(day("2026-03-01")).drafted == 0
    draft_charges(day("2026-05-01"))
    assert amounts() == [Decimal("1.43")]


def test_issued_charge_is_a_document_of_its_own_series(invoice: Invoice) -> None:
    document = issued(invoice).document
    assert (document.number, document.kind, document.open_amount) == ("CH-00001", "charge", Decimal("18.99"))
    assert (document.due_on, document.terms) == (day("2026-04-15"), None)
    assert clean()


def test_issuing_twice_is_refused(invoice: Invoice) -> None:
    charge = issued(invoice)
    with pytest.raises(LedgerError, match="issued already"):
        issue_charge(charge.pk, actor="Fay")


def test_charge_never_bears_charges(invoice: Invoice) -> None:
    issued(invoice)
    for month in range(5, 13):
        draft_charges(date(2026, month, 1))
    assert not Charge.objects.filter(invoice__kind="charge").exists()


def test_automatic_client_gets_the_charges_at_once(client: Client, invoice: Invoice) -> None:
    Client.objects.update(is_late_charge_automatic=True)
    done = draft_charges(APRIL)
    assert (done.issued, Invoice.objects.filter(kind="charge", open_amount__gt=0).count()) == (2, 2)
    assert clean()


def test_back_dated_receipt_replaces_a_draft(invoice: Invoice) -> None:
    draft_charges(APRIL)
    paid(invoice, "2026-02-14")
    draft_charges(day("2026-04-02"))
    assert amounts(status="draft") == [Decimal("4.51")]
    assert amounts(status="dropped") == [Decimal("18.99")]


def test_back_dated_receipt_credits_an_issued_charge(invoice: Invoice) -> None:
    draft_charges(APRIL)
    charge = issue_charge(charges()[0].pk, actor="Fay", on=APRIL)
    paid(invoice, "2026-02-14")
    assert draft_charges(day("2026-04-02")).corrected == 1
    assert Invoice.objects.get(pk=charge.document_id).open_amount == Decimal("4.51")
    assert draft_charges(day("2026-04-03")).corrected == 0
    assert clean()


def test_receipt_from_before_the_due_date_takes_everything_back(invoice: Invoice) -> None:
    draft_charges(APRIL)
    for charge in Charge.objects.all():
        issue_charge(charge.pk, actor="Fay", on=APRIL)
    paid(invoice, "2026-01-30")
    draft_charges(day("2026-04-02"))
    assert not Invoice.objects.filter(kind="charge", open_amount__gt=0).exists()
    assert clean()


def test_draft_made_wrong_by_a_receipt_cannot_be_issued(invoice: Invoice) -> None:
    draft_charges(APRIL)
    paid(invoice, "2026-02-14")
    with pytest.raises(LedgerError, match=r"too high by 14\.48 GBP"):
        issue_charge(charges()[0].pk, actor="Fay", on=APRIL)


def test_returned_debit_bears_interest_as_if_never_paid(invoice: Invoice) -> None:
    receipt = paid(invoice, "2026-02-14")
    draft_charges(day("2026-03-01"))
    reverse_receipt(receipt.pk, reason="Returned debit", actor="Fay", on=day("2026-03-20"))
    draft_charges(APRIL)
    assert sum(amounts()) == Decimal("18.99")


def test_money_on_account_bears_no_interest_while_it_waits(invoice: Invoice) -> None:
    receipt = builders.a_receipt(invoice.client, "999.99", on=day("2026-02-14"))
    allocate(receipt.pk, [Share(invoice.pk, receipt.amount)], actor="Fay", on=day("2026-03-31"))
    draft_charges(APRIL)
    assert sum(amounts()) == Decimal("4.51")


def test_waived_charge_is_credited_and_never_charged_again(invoice: Invoice) -> None:
    charge = waive_charge(issued(invoice).pk, reason="Goodwill", actor="Fay", on=APRIL)
    assert (charge.status, Invoice.objects.get(pk=charge.document_id).open_amount) == (ChargeStatus.WAIVED, 0)
    draft_charges(day("2026-05-01"))
    assert len(charges()) == 1
    assert clean()


def test_draft_dropped_by_a_person_stays_dropped(invoice: Invoice) -> None:
    paid(invoice, "2026-03-31")
    draft_charges(APRIL)
    for charge in Charge.objects.all():
        drop_charge(charge.pk, actor="Fay")
    assert draft_charges(day("2026-04-02")).drafted == 0


def test_missing_rate_charges_nothing_and_says_so(client: Client) -> None:
    builders.an_invoice(client, amount="999.99", due_on=day("2027-01-31"))
    done = draft_charges(day("2027-04-01"))
    assert (done.drafted, Charge.objects.count()) == (0, 0)
    assert "no rate of boe-bank-rate for the half-year from 2027-01-01" in done.refused[0][1]


def test_missing_rate_is_said_once_on_the_timeline(client: Client) -> None:
    builders.an_invoice(client, amount="999.99", due_on=day("2027-01-31"))
    for number in (1, 2, 3):
        draft_charges(date(2027, 4, number))
    assert AuditEvent.objects.filter(verb="charge_refused", client_id=client.pk).count() == 1


def test_added_rate_lets_the_charge_be_drafted(client: Client) -> None:
    builders.an_invoice(client, amount="999.99", due_on=day("2027-01-31"))
    set_rate("boe-bank-rate", day("2027-01-01"), rate=Decimal("3.75"), source="Bank of England", actor="Fay")
    draft_charges(day("2027-04-01"))
    assert amounts() == [Decimal("18.99")]


def test_rate_set_twice_is_one_row_with_both_values_in_the_audit(client: Client) -> None:
    for rate in ("3.75", "3.5"):
        set_rate("boe-bank-rate", day("2027-01-01"), rate=Decimal(rate), source="Bank of England", actor="Fay")
    assert ReferenceRate.objects.get().rate == Decimal("3.5")
    assert Decimal(AuditEvent.objects.get(verb="rate_changed").before["rate"]) == Decimal("3.75")


@pytest.mark.parametrize(("series", "rate"), [("libor", "3"), ("boe-bank-rate", "101"), ("boe-bank-rate", "-6")])
def test_strange_rate_is_refused(series: str, rate: str) -> None:
    with pytest.raises(LedgerError):
        set_rate(series, day("2027-01-01"), rate=Decimal(rate), source="Somewhere", actor="Fay")


def test_contract_rate_of_the_client_is_charged(client: Client, invoice: Invoice) -> None:
    Client.objects.update(late_charge_rule="contract", late_charge_rate=Decimal(5))
    paid(invoice, "2026-03-31")
    draft_charges(APRIL)
    assert (amounts(), amounts(ChargeKind.COMPENSATION)) == ([Decimal("8.08")], [])


def test_contract_rate_changed_later_holds_for_later_invoices(client: Client, invoice: Invoice) -> None:
    Client.objects.update(late_charge_rule="contract", late_charge_rate=Decimal(5))
    draft_charges(day("2026-03-01"))
    Client.objects.update(late_charge_rate=Decimal(50))
    draft_charges(APRIL)
    assert sum(amounts()) == Decimal("8.08")


def test_document_of_a_charge_is_not_voided_but_waived(invoice: Invoice) -> None:
    charge = issued(invoice)
    with pytest.raises(LedgerError, match="waive the charge instead"):
        void_invoice(charge.document_id, reason="By mistake", actor="Fay", on=APRIL)
    assert clean()


def test_charge_credited_in_part_by_hand_is_waived_for_the_rest(invoice: Invoice) -> None:
    charge = issued(invoice)
    issue_credit_note(charge.document_id, what=ByAmount(Decimal(8)), reason="Kindness", actor="Fay", on=APRIL)
    waive_charge(charge.pk, reason="Goodwill", actor="Fay", on=APRIL)
    assert [note.total_amount for note in CreditNote.objects.order_by("pk")] == [Decimal(8), Decimal("10.99")]


def test_charge_that_cannot_be_corrected_holds_back_no_other(client: Client, invoice: Invoice) -> None:
    draft_charges(APRIL)
    charge = issue_charge(charges()[0].pk, actor="Fay", on=APRIL)
    builders.an_organisation(currency="GBP")
    ask_write_off(charge.document_id, NewWriteOff(charge.amount, "goodwill"), actor="Fay", on=APRIL)
    paid(invoice, "2026-02-14")
    builders.an_invoice(client, amount="10000", due_on=day("2026-03-01"))
    done = draft_charges(day("2026-05-01"))
    assert (done.refused[0][0], done.drafted) == (str(invoice), 2)


def test_rule_changed_later_does_not_charge_the_days_again(client: Client, invoice: Invoice) -> None:
    draft_charges(day("2026-03-01"))
    Client.objects.update(late_charge_rule="contract", late_charge_rate=Decimal(20))
    draft_charges(APRIL)
    assert (sum(amounts()), {charge.rule for charge in charges()}) == (Decimal("18.99"), {"uk-1998"})


def test_disputed_part_rests_and_comes_back_when_rejected(invoice: Invoice) -> None:
    dispute = open_dispute(invoice.pk, amount=invoice.open_amount, reason="price", opened_by="Ann", actor="Fay")
    type(dispute).objects.update(opened_on=day("2026-02-14"))
    draft_charges(APRIL)
    assert sum(amounts()) == Decimal("4.51")
    close_dispute(dispute.pk, status="rejected", outcome="As agreed.", actor="Fay")
    draft_charges(day("2026-05-01"))
    assert sum(amounts()) == Decimal("28.65")


def test_accruing_interest_is_told_through_today(client: Client, invoice: Invoice) -> None:
    found = accruing_interest(client, [invoice.pk], day("2026-03-31"))[0]
    assert (found.rate, found.per_day, found.amount) == (Decimal("11.75"), Decimal("0.32"), Decimal("18.99"))


def test_interest_on_an_issued_charge_is_not_told_again(client: Client, invoice: Invoice) -> None:
    draft_charges(day("2026-03-01"))
    assert accruing_interest(client, [invoice.pk], day("2026-03-31"))[0].amount == Decimal("18.99")
    issue_charge(charges()[0].pk, actor="Fay", on=day("2026-03-01"))
    assert accruing_interest(client, [invoice.pk], day("2026-03-31"))[0].amount == Decimal("9.98")


def test_check_names_a_charge_whose_document_owes_another_sum(invoice: Invoice) -> None:
    charge = issued(invoice)
    Charge.objects.filter(pk=charge.pk).update(amount=Decimal(20))
    assert str(next(iter(ledger_differences()))).startswith("Late charge CH-00001, total: stored 18.990")


def test_voided_invoice_takes_its_charges_back(invoice: Invoice) -> None:
    draft_charges(APRIL)
    for charge in Charge.objects.all():
        issue_charge(charge.pk, actor="Fay", on=APRIL)
    void_invoice(invoice.pk, reason="Billed the wrong company", actor="Fay", on=APRIL)
    draft_charges(day("2026-05-01"))
    assert not Invoice.objects.filter(kind="charge", open_amount__gt=0).exists()
    assert clean()


def test_client_whose_charges_cannot_be_read_holds_back_no_other(invoice: Invoice) -> None:
    draft_charges(day("2026-03-02"))
    Charge.objects.update(computation={"agreed_rate": "eleven"})
    other = builders.acme(country="GB", late_charge_rule="uk-1998")
    builders.an_invoice(other, amount="500.00", due_on=DUE)
    done = draft_charges(APRIL)
    assert [charge.invoice.client for charge in charges(through_on=day("2026-03-31"))] == [other]
    assert done.refused == ((f"client {invoice.client_id}", "An unexpected error: InvalidOperation."),)
