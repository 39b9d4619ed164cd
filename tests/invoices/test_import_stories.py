"""Files into the books: once, again, changed, wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.models import Allocation, AuditEvent, Client, Contact, Entry, Invoice, PaymentTerms, Receipt
from invoices.queries.ledger import ledger_differences
from invoices.services.issuing import NewInvoice, record_issued_invoice, void_invoice
from invoices.services.receipts import NewReceipt, record_receipt
from invoices.services.reversals import reverse_receipt
from tests.invoices.import_cases import CLIENTS, INVOICES, RECEIPTS, Importer

pytestmark = pytest.mark.django_db


@pytest.fixture
def importer(tmp_path):
    return Importer(tmp_path)


@pytest.fixture
def books(importer):
    """Acme owes 100.00 on 0001, Slowco 250.50 on 0002."""
    importer.take("clients", CLIENTS)
    importer.take("invoices", INVOICES)
    return importer


def everything() -> list[list[tuple[object, ...]]]:
    models = (Client, Contact, Invoice, Receipt, Allocation, Entry, AuditEvent, PaymentTerms)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def test_clients_come_in_with_their_contact(importer):
    assert importer.counts("clients", CLIENTS) == (2, 0, 0, 0)
    assert Contact.objects.get(client__code="ACME", is_primary=True).email == "ap@acme.example"


def test_an_imported_invoice_is_owed(books):
    invoice = Invoice.objects.get(number="0001")
    assert (invoice.open_amount, invoice.due_on) == (Decimal(100), date(2024, 3, 1))


def test_an_imported_invoice_wakes_its_client(books):
    assert Client.objects.get(code="ACME").review_on == date(2024, 1, 31)


def test_the_bulk_way_writes_what_the_single_service_writes(books):
    client = Client.objects.get(code="ACME")
    new = NewInvoice("EUR", date(2024, 1, 31), date(2024, 3, 1), reference="PO 1")
    by_hand = record_issued_invoice(client, "9999", new, Decimal(100), actor="import")
    by_hand_rows = Entry.objects.filter(invoice=by_hand).values_list(
        "client", "kind", "amount", "currency", "booked_on"
    )
    rows = Entry.objects.filter(invoice__number="0001").values_list("client", "kind", "amount", "currency", "booked_on")
    assert list(rows) == list(by_hand_rows)


def test_the_bulk_way_tells_the_timeline_the_same(books):
    importer_events = AuditEvent.objects.filter(subject_type="invoice", client__code="ACME")
    assert list(importer_events.values_list("verb", "actor_label", "text")) == [
        ("invoice_issued", "import", "0001 issued over 100.00 EUR")
    ]


@pytest.mark.parametrize(("kind", "content"), [("clients", CLIENTS), ("invoices", INVOICES), ("receipts", RECEIPTS)])
def test_the_same_file_again_changes_nothing(books, kind, content):
    books.take(kind, content)
    before = everything()
    report = books.take(kind, content)
    assert (report.unchanged, everything()) == (report.read, before)


@pytest.mark.parametrize(("kind", "content"), [("clients", CLIENTS), ("invoices", INVOICES)])
def test_a_dry_run_reports_the_same_and_writes_nothing(importer, kind, content):
    before = everything()
    dry = importer.take(kind, content, is_dry_run=True)
    assert everything() == before
    assert dry == importer.take(kind, content)


def test_a_dry_run_of_receipts_writes_nothing(books):
    before = everything()
    dry = books.take("receipts", RECEIPTS, is_dry_run=True)
    assert everything() == before
    assert dry == books.take("receipts", RECEIPTS)


def test_a_changed_client_is_an_update(books):
    assert books.counts("clients", CLIENTS.replace("Slowco,", "Slowco plc,")) == (0, 1, 1, 0)
    assert Client.objects.get(code="SLOW").name == "Slowco plc"


def test_a_changed_address_is_an_update(books):
    assert books.counts("clients", CLIENTS.replace("ap@slowco", "finance@slowco")) == (0, 1, 1, 0)


def test_an_empty_cell_leaves_what_is_known(books):
    books.take("clients", "code,name,email\nACME,,\n")
    assert Client.objects.get(code="ACME").name == "Acme Ltd"


def test_one_client_in_two_different_rows_is_rejected(importer):
    report = importer.take("clients", "code,name\nA,Acme\nA,Acme\nA,Other\n")
    assert [(e.row, e.field) for e in report.rejected] == [(4, "code")]


def test_a_changed_amount_of_an_issued_invoice_is_rejected(books):
    report = books.take("invoices", INVOICES.replace("100.00", "120.00"))
    assert [(e.row, e.field, e.value) for e in report.rejected] == [(2, "amount", "120.00")]
    assert "credit note" in report.rejected[0].reason


def test_a_void_invoice_does_not_come_back(books):
    void_invoice(Invoice.objects.get(number="0002").pk, reason="mistake", actor="Fay")
    report = books.take("invoices", INVOICES)
    assert [(e.row, e.field) for e in report.rejected] == [(3, "number")]


def test_unknown_clients_are_created(importer):
    importer.take("invoices", INVOICES)
    assert set(Client.objects.values_list("code", "currency")) == {("ACME", "EUR"), ("SLOW", "EUR")}


def test_strict_rejects_unknown_clients(importer):
    report = importer.take("invoices", INVOICES, is_strict=True)
    assert [(e.row, e.field, e.value) for e in report.rejected] == [(2, "client", "ACME"), (3, "client", "SLOW")]
    assert not Client.objects.exists()


def test_a_bad_row_harms_no_other(importer):
    report = importer.take("invoices", INVOICES + "0003,NEW,2024-02-30,,5.00,EUR,\n0004,ACME,2024-02-01,,7.00,EUR,\n")
    assert (report.created, [(e.row, e.field) for e in report.rejected]) == (3, [(4, "issued_on")])
    assert not Client.objects.filter(code="NEW").exists()


def test_half_cents_are_rejected(importer):
    report = importer.take(
        "invoices", "number,client,issued_on,amount,currency\n1,A,2024-01-01,5.005,EUR\n2,A,2024-01-01,5.00,EUR\n"
    )
    assert [(e.row, e.field) for e in report.rejected] == [(2, "amount")]


def test_one_number_in_two_different_rows_is_rejected(importer):
    rows = "number,client,issued_on,amount\n1,A,2024-01-01,5.00\n1,A,2024-01-01,5.00\n1,A,2024-01-01,6.00\n"
    report = importer.take("invoices", rows)
    assert (report.created, report.unchanged, [e.row for e in report.rejected]) == (1, 1, [4])


def test_without_a_due_date_the_terms_decide(importer):
    importer.take(
        "invoices", "number,client,issued_on,amount,terms\n1,A,2024-01-01,5.00,14 days\n2,A,2024-01-01,5.00,\n"
    )
    assert list(Invoice.objects.order_by("number").values_list("due_on", flat=True)) == [
        date(2024, 1, 15),
        date(2024, 1, 31),
    ]


def test_terms_that_say_what_others_say_are_those(importer):
    importer.take("clients", "code,name,terms\nA,Acme,Net 30\nB,Bolt,net30\n")
    assert set(Client.objects.values_list("terms__code", flat=True)) == {"net30"}


def test_unknown_terms_reject_the_row(importer):
    report = importer.take("clients", "code,name,terms\nA,Acme,as agreed\n")
    assert [(e.row, e.field, e.value) for e in report.rejected] == [(2, "terms", "as agreed")]


SETTLED = (
    "number,client,issued_on,amount,currency,settled_on\n1,A,2024-01-01,5.00,EUR,2024-01-20\n2,A,2024-01-01,7.00,EUR,\n"
)


def test_a_settled_date_makes_a_receipt(importer):
    importer.take("invoices", SETTLED)
    receipt = Receipt.objects.get()
    assert (receipt.received_on, receipt.amount, receipt.unapplied_amount) == (
        date(2024, 1, 20),
        Decimal(5),
        Decimal(0),
    )
    assert Invoice.objects.get(number="1").closed_on == date(2024, 1, 20)


def test_a_settled_date_that_comes_later_makes_its_receipt_then(importer):
    importer.take("invoices", SETTLED)
    later = SETTLED.replace("7.00,EUR,", "7.00,EUR,2024-02-02")
    assert importer.counts("invoices", later) == (0, 1, 1, 0)
    assert importer.counts("invoices", later) == (0, 0, 2, 0)
    assert Invoice.objects.get(number="2").open_amount == 0


def test_a_settlement_that_was_reversed_is_not_booked_again(importer):
    importer.take("invoices", SETTLED)
    reverse_receipt(Receipt.objects.get().pk, reason="bounced", actor="Fay")
    assert importer.counts("invoices", SETTLED) == (0, 0, 2, 0)


def test_only_what_is_still_open_is_settled(importer):
    importer.take("invoices", SETTLED.replace("2024-01-20", ""))
    client = Client.objects.get()
    importer.take("receipts", "invoice,received_on,amount\n1,2024-01-10,2.00\n")
    importer.take("invoices", SETTLED)
    assert list(Receipt.objects.filter(client=client).order_by("pk").values_list("amount", flat=True)) == [
        Decimal(2),
        Decimal(3),
    ]


def test_an_open_amount_below_the_amount_is_owed_alone(importer):
    importer.take("invoices", "number,client,issued_on,amount,balance\n1,A,2024-01-01,100.00,60.00\n")
    assert Invoice.objects.get().open_amount == 60


def test_a_receipt_pays_the_invoice_it_names(books):
    assert books.counts("receipts", RECEIPTS) == (3, 0, 0, 0)
    assert Invoice.objects.get(number="0001").open_amount == 60


def test_a_receipt_without_invoice_is_on_account(books):
    books.take("receipts", RECEIPTS)
    assert set(Receipt.objects.filter(client__code="SLOW").values_list("unapplied_amount", flat=True)) == {Decimal(10)}


def test_a_receipt_without_invoice_can_pay_the_oldest(books):
    books.take("receipts", RECEIPTS, is_oldest_first=True)
    assert Invoice.objects.get(number="0002").open_amount == Decimal("230.50")


def test_identical_rows_are_two_receipts(books):
    books.take("receipts", RECEIPTS)
    assert Receipt.objects.filter(client__code="SLOW").count() == 2


def test_what_is_paid_too_much_stays_on_account(books):
    books.take("receipts", "invoice,received_on,amount\n0001,2024-02-01,130.00\n")
    assert Receipt.objects.get().unapplied_amount == 30


BAD_RECEIPTS = [
    ("ACME,9999,2024-02-01,5.00,EUR", "invoice"),
    ("NOBODY,,2024-02-01,5.00,EUR", "client"),
    ("SLOW,0001,2024-02-01,5.00,EUR", "invoice"),
    ("ACME,0001,2024-02-01,5.00,USD", "currency"),
    ("ACME,0001,2024-02-01,5.001,EUR", "amount"),
    ("ACME,0001,2024-02-01,-5.00,EUR", "amount"),
]


@pytest.mark.parametrize(("row", "field"), BAD_RECEIPTS)
def test_a_receipt_that_fits_nothing_is_rejected(books, row, field):
    report = books.take(
        "receipts", f"client,invoice,received_on,amount,currency\n{row}\nACME,0001,2024-02-01,1.00,EUR\n"
    )
    assert ([(e.row, e.field) for e in report.rejected], report.created) == ([(2, field)], 1)


def test_the_books_agree_after_every_kind_of_import(books):
    books.take("receipts", RECEIPTS, is_oldest_first=True)
    books.take("invoices", SETTLED)
    record_receipt(Client.objects.get(code="ACME"), NewReceipt(Decimal(5), "EUR", date(2024, 3, 1)), actor="Fay")
    assert list(ledger_differences()) == []
