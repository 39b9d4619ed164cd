"""The statement of account: what moved, what is open at the end, and that the two agree on any day of any books."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from invoices.errors import LedgerError
from invoices.models import Client, EntryKind
from invoices.queries.statements import CurrencyStatement, account_statement
from invoices.rules.allocation import Share
from invoices.rules.crediting import ByAmount, Whole
from invoices.rules.periods import Period
from invoices.rules.statement import StatementKind
from invoices.services.credit_notes import issue_credit_note
from invoices.services.issuing import void_invoice
from invoices.services.ledger import Movement, post
from invoices.services.receipts import allocate
from invoices.services.recoveries import recover
from invoices.services.reversals import reverse_receipt
from invoices.services.statements import statement_name, statement_pdf
from invoices.services.write_offs import NewWriteOff, ask_write_off
from tests.builders import a_client, a_receipt, acme, an_invoice, an_organisation
from tests.invoices.test_pdf import text_of

pytestmark = pytest.mark.django_db

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def stated(client: Client, period: Period = MAY) -> CurrencyStatement:
    (one,) = account_statement(client, period).currencies
    return one


def a_year(client: Client) -> None:
    """April: 1,000.00 billed. May: 500.00 billed, 1,200.00 received, 1,000.00 of it for April's. June: paid."""
    first = an_invoice(client, amount="1000", issued_on=day("04-10"), due_on=day("05-10"))
    second = an_invoice(client, amount="500", issued_on=day("05-12"), due_on=day("06-11"))
    receipt = a_receipt(client, "1200", pays=None, on=day("05-20"))
    allocate(receipt.pk, [Share(first.pk, Decimal(1000))], actor="Fay", on=day("05-20"))
    allocate(receipt.pk, [Share(second.pk, Decimal(200))], actor="Fay", on=day("06-02"))
    a_receipt(client, "300", pays=second, on=day("06-10"))


@pytest.fixture
def books() -> Client:
    client = acme()
    a_year(client)
    return client


def test_movements_lead_from_the_opening_to_the_closing_balance(books):
    found = stated(books).movements
    rows = [(row.on, row.what, row.amount, row.balance) for row in found.rows]
    assert (found.opening, found.closing) == (1000, 300)
    assert rows == [(day("05-12"), "Invoice", 500, 1500), (day("05-20"), "Receipt, bank transfer", -1200, 300)]


def test_receipt_stands_once_at_its_full_amount_wherever_it_went(books):
    assert [row.amount for row in stated(books).movements.rows if row.amount < 0] == [-1200]


def test_open_items_are_as_of_the_last_day(books):
    found = stated(books)
    assert [(item.open_amount, item.days_past_due) for item in found.open_items] == [(500, -11)]
    assert [(credit.amount, credit.on) for credit in found.credits] == [(200, day("05-20"))]


def test_item_part_paid_later_is_open_in_full_before(books):
    assert stated(books, Period(day("05-01"), day("06-09"))).open_items[0].open_amount == 300


def test_settled_client_has_movements_and_nothing_open(books):
    found = stated(books, Period(day("06-01"), day("06-30")))
    assert (found.closing, found.open_items, len(found.movements.rows)) == (0, (), 1)


def test_currencies_stand_apart_the_own_one_first(books):
    an_invoice(books, amount="70", issued_on=day("05-02"), due_on=day("05-03"), currency="EUR")
    found = account_statement(books, MAY).currencies
    assert [(one.currency, one.closing) for one in found] == [("GBP", 300), ("EUR", 70)]


def test_period_before_the_first_entry_is_empty(books):
    assert account_statement(books, Period(day("01-01"), day("01-31"))).currencies == ()


def test_period_upside_down_is_refused_with_both_days(books):
    with pytest.raises(ValueError, match="ends on 01 May 2026, before it begins on 02 May 2026"):
        account_statement(books, Period(day("05-02"), day("05-01")))


def test_void_and_reversal_are_lines_of_their_own():
    client = acme()
    invoice = an_invoice(client, amount="80", issued_on=day("05-01"), due_on=day("05-30"))
    void_invoice(invoice.pk, reason="wrong client", actor="Fay", on=day("05-02"))
    receipt = a_receipt(client, "30", on=day("05-03"))
    reverse_receipt(receipt.pk, reason="bounced", actor="Fay", on=day("05-09"))
    rows = [(row.what, row.amount) for row in stated(client).movements.rows]
    assert rows[1:] == [("Invoice voided", -80), ("Receipt, bank transfer", -30), ("Receipt reversed", 30)]
    assert stated(client).closing == 0


def test_refund_raises_the_balance():
    client = acme()
    receipt = a_receipt(client, "30", on=day("05-03"))
    post(client, [Movement(EntryKind.REFUNDED, Decimal(10), receipt=receipt)], booked_on=day("05-04"), actor="Fay")
    assert [(row.what, row.balance) for row in stated(client).movements.rows][-1] == ("Refund", -20)


def test_credit_note_stands_once_though_part_of_it_is_on_account():
    client = acme()
    invoice = an_invoice(client, amount="100", issued_on=day("05-01"), due_on=day("05-30"))
    a_receipt(client, "70", pays=invoice, on=day("05-04"))
    note = issue_credit_note(invoice.pk, what=Whole(), reason="returned", actor="Fay", on=day("05-09"))
    found = stated(client)
    assert [(row.what, row.document, row.amount) for row in found.movements.rows][-1] == (
        "Credit note",
        note.number,
        -100,
    )
    assert [(credit.document, credit.amount) for credit in found.credits] == [(note.number, 70)]


def test_loss_and_its_recovery_are_lines_of_their_own():
    an_organisation(currency="GBP")
    client = acme()
    invoice = an_invoice(client, amount="100", issued_on=day("05-01"), due_on=day("05-02"))
    ask_write_off(invoice.pk, NewWriteOff(Decimal(100)), actor="Fay", on=day("05-10"))
    receipt = a_receipt(client, "30", on=day("05-20"))
    recover(invoice.pk, receipt_id=receipt.pk, amount=Decimal(30), actor="Fay", on=day("05-21"))
    rows = [(row.what, row.document, row.amount) for row in stated(client).movements.rows]
    assert rows[1] == ("Write-off", invoice.number, -100)
    assert rows[3] == ("Write-off reversed", invoice.number, 30)
    assert stated(client).closing == 0


def test_statement_can_be_made_again_as_it_was_known(books):
    then = now()
    a_receipt(books, "40", on=day("05-25"))
    found = account_statement(books, MAY, known_at=then).currencies[0]
    assert (found.closing, stated(books).closing) == (300, 260)


def test_statement_costs_the_same_queries_however_long_it_is(books, django_assert_num_queries):
    for n in range(5):
        an_invoice(books, amount="10", issued_on=day(f"05-0{n + 1}"), due_on=day("06-01"), currency="EUR")
    with django_assert_num_queries(5):
        account_statement(books, MAY)


# --- any books, any period --------------------------------------------

amounts = st.decimals(Decimal("0.01"), Decimal("99.99"), places=2)
days = st.integers(0, 90).map(lambda n: date(2026, 3, 1) + timedelta(days=n))
acts = st.sampled_from(["invoice", "euros", "receipt", "allocate", "reverse", "void", "refund", "credit", "lose"])


@given(st.lists(st.tuples(acts, amounts, days), max_size=14), days, st.integers(0, 60))
def test_closing_is_what_is_open_less_what_is_on_account(story, first_on, length):
    an_organisation(currency="GBP")  # else every loss would wait for approval
    client, invoices, receipts = a_client(), [], []
    for act, amount, on in story:
        try:
            told(client, act, amount, on, invoices, receipts)
        except LedgerError:
            continue
    period = Period(first_on, first_on + timedelta(days=length))
    for one in account_statement(client, period).currencies:
        on_account = sum((credit.amount for credit in one.credits), Decimal(0))
        assert one.closing == sum((item.open_amount for item in one.open_items), Decimal(0)) - on_account
        assert one.closing == one.movements.opening + sum((row.amount for row in one.movements.rows), Decimal(0))


def told(client, act, amount, on, invoices, receipts):
    if act in ("invoice", "euros"):
        code = "EUR" if act == "euros" else ""
        invoices.append(an_invoice(client, amount=amount, issued_on=on, due_on=on + timedelta(days=9), currency=code))
    elif act == "receipt":
        receipts.append(a_receipt(client, amount, on=on))
    elif act == "allocate" and invoices and receipts:
        allocate(receipts[-1].pk, [Share(invoices[0].pk, amount)], actor="Fay", on=on)
    elif act == "reverse" and receipts:
        reverse_receipt(receipts[0].pk, reason="bounced", actor="Fay", on=on)
    elif act == "void" and invoices:
        void_invoice(invoices[0].pk, reason="wrong", actor="Fay", on=on)
    elif act == "credit" and invoices:
        issue_credit_note(invoices[0].pk, what=ByAmount(amount), reason="returned", actor="Fay", on=on)
    elif act == "lose" and invoices:
        ask_write_off(invoices[-1].pk, NewWriteOff(amount), actor="Fay", on=on)
    elif act == "refund" and receipts:
        refund = Movement(EntryKind.REFUNDED, amount, receipt=receipts[-1])
        post(client, [refund], booked_on=max(on, receipts[-1].received_on), actor="Fay")


# --- as PDF --------------------------------------------


def pages(client: Client, kind: StatementKind, period: Period = MAY) -> list[str]:
    pdf = statement_pdf(account_statement(client, period), kind)
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_open_item_pdf_names_items_money_on_account_and_balance(books):
    an_organisation(iban="DE02120300000000202051")
    text = text_of(statement_pdf(account_statement(books, MAY), StatementKind.OPEN_ITEM))
    for words in ("Acme Ltd", "1 May 2026", "31 May 2026", "INV-00002", "500.00", "-200.00", "300.00", "DE02 1203"):
        assert words in text


def test_balance_forward_pdf_leads_from_opening_to_closing(books):
    text = text_of(statement_pdf(account_statement(books, MAY), StatementKind.BALANCE_FORWARD))
    for words in ("Brought forward", "1,000.00", "Receipt, bank transfer", "-1,200.00", "300.00"):
        assert words in text


def test_more_on_account_than_owed_is_in_the_clients_favour():
    client = acme()
    an_invoice(client, amount="100", issued_on=day("05-01"), due_on=day("05-30"))
    a_receipt(client, "150", on=day("05-02"))
    assert stated(client).in_favour == 50
    assert "In your favour" in "".join(pages(client, StatementKind.OPEN_ITEM))


def test_empty_statement_says_so(books):
    period = Period(day("01-01"), day("01-31"))
    assert "Nothing moved" in "".join(pages(books, StatementKind.OPEN_ITEM, period))


def test_long_list_has_several_pages_and_points_to_the_csv():
    client = acme()
    for _ in range(203):
        an_invoice(client, amount="1", issued_on=day("05-01"), due_on=day("05-30"))
    found = pages(client, StatementKind.OPEN_ITEM)
    assert len(found) >= 4
    assert "Days late" in found[1]
    assert "3 more items" in found[-1] or "3 more items" in found[-2]
    assert "CSV" in found[-1] + found[-2]


@pytest.mark.parametrize("code", ["ACME", "A/C\r\nME", 'a"b', "上海"])
def test_name_of_the_file_is_safe_in_a_header(code):
    client = a_client("X", mail="ap@x.example")
    client.code = code
    name = statement_name(account_statement(client, MAY))
    assert name.isascii()
    assert not set(name) & set('\r\n"/\\')
