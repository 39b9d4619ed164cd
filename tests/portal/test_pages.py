"""What a client reads, and that reading changes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.apps import apps
from django.core import serializers
from pypdf import PdfReader

from invoices.models import Invoice, InvoiceStatus, PortalView
from invoices.services.disputes import open_dispute
from invoices.services.issuing import void_invoice
from reminders.links import portal_token
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, pay


def everything() -> str:
    models = [m for app in ("invoices", "reminders", "collections_app") for m in apps.get_app_config(app).get_models()]
    # That somebody looked is the one thing a GET may write: once per contact, page and hour.
    models.remove(PortalView)
    return "".join(serializers.serialize("json", model.objects.order_by("pk")) for model in models)


def text_of(answer) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_overview_says_what_is_owed_and_what_of_it_is_overdue(ann, acme):
    an_invoice(acme, "9100.00", days_late=5)
    an_invoice(acme, "3300.00", days_late=-5)
    text = text_of(ann.get("/p/"))
    assert "12,400.00 <abbr>EUR</abbr>" in text
    assert "9,100.00 <abbr>EUR</abbr></span></strong> is overdue" in text
    assert "Pay 9,100.00 EUR (overdue)" in text


def test_nobody_owing_anything_is_thanked(ann):
    assert "You owe nothing" in text_of(ann.get("/p/"))


def test_currencies_are_never_added(ann, acme):
    an_invoice(acme, "100.00")
    an_invoice(acme, "40.00", currency="USD")
    text = text_of(ann.get("/p/"))
    assert "Pay 100.00 EUR" in text
    assert "Pay 40.00 USD" in text
    assert "140.00" not in text


def test_account_manager_is_named_with_his_phone(ann, acme, invoice, django_user_model):
    fay = django_user_model.objects.create_user("fay", first_name="Fay", last_name="Morgan", phone="+49 30 99")
    type(acme).objects.update(account_manager=fay)
    text = text_of(ann.get("/p/"))
    assert "Fay Morgan" in text
    assert "tel:+49 30 99" in text


def test_bank_details_have_a_reference_of_this_client(ann, acme, invoice):
    text = text_of(ann.get("/p/"))
    assert "DE02 1203 0000 0000 2020 51" in text
    assert "<svg" in text


def test_disputed_item_is_not_part_of_the_pay_button(ann, acme):
    wrong, right = an_invoice(acme, "70.00"), an_invoice(acme, "30.00")
    open_dispute(wrong.pk, amount=Decimal(70), reason="price", opened_by="Ann", actor="Fay")
    assert "Pay 30.00 EUR" in text_of(ann.get("/p/"))
    assert right.is_open


def test_names_are_escaped(ann, acme, invoice):
    type(acme).objects.update(name="<script>alert(1)</script>")
    Invoice.objects.update(reference="<img src=x>")
    for path in ("/p/", f"/p/invoices/{invoice.pk}/"):
        assert b"<script>alert" not in ann.get(path).content
        assert b"<img src=x" not in ann.get(path).content


def test_pdf_is_read_back_with_number_name_and_amount(ann, acme, invoice):
    answer = ann.get(f"/p/invoices/{invoice.pk}/pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert answer["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    for word in (invoice.number, "Acme Ltd", "100.00"):
        assert word in text


@pytest.mark.parametrize("path", ["", "pdf", "problem/"])
def test_invoice_of_another_client_does_not_exist(ann, path):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    assert ann.get(f"/p/invoices/{other.pk}/{path}").status_code == 404


def test_draft_does_not_exist_for_a_client(ann, acme, invoice):
    Invoice.objects.filter(pk=invoice.pk).update(status=InvoiceStatus.DRAFT, open_amount=0)
    assert ann.get(f"/p/invoices/{invoice.pk}/").status_code == 404


def test_void_invoice_need_not_be_paid(ann, invoice):
    void_invoice(invoice.pk, reason="wrong", actor="Fay")
    assert "You need not pay it" in text_of(ann.get(f"/p/invoices/{invoice.pk}/"))


def test_invoice_id_beyond_the_database_is_a_404(ann):
    assert ann.get("/p/invoices/99999999999999999999999/").status_code == 404


def test_payment_of_another_client_does_not_exist(ann, card_processor):  # noqa: F811
    payment = pay(an_invoice(a_client("SLOWCO", "Slowco")))
    assert ann.get(f"/p/payments/{payment.uuid}/").status_code == 404
    assert ann.post(f"/p/payments/{payment.uuid}/go-on/").status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_ten_times_changes_no_row(ann, acme, invoice, method):
    payment = pay(invoice)
    paths = ["/p/", "/p/paid/", "/p/promise/", "/p/paid-already/", "/p/pay/", "/p/new-link/", "/p/leave/"]
    paths += [f"/p/invoices/{invoice.pk}/{end}" for end in ("", "pdf", "problem/")]
    paths += [f"/p/payments/{payment.uuid}/{end}" for end in ("", "go-on/")]
    paths += [f"/p/test-payment/{payment.uuid}/", "/p/nonsense/", f"/p/promise/?invoice={invoice.pk}"]
    paths += [f"/p/{end}/" for end in ("messages", "messages/question", "messages/feedback", "settings", "documents")]
    paths += [f"/p/{end}/" for end in ("pay-in-parts", "confirm", "contacts", "contacts/new", "offers/1/accept")]
    token = portal_token(acme.contacts.get())
    paths += [f"/p/{token}/", f"/p/{token}/{invoice.pk}/", f"/p/pay-in-parts/?invoice={invoice.pk}"]
    before = everything()
    for path in paths:
        for _ in range(2 if path.endswith("pdf") else 10):
            assert getattr(ann, method)(path).status_code < 500
    assert everything() == before


def test_return_of_a_finished_payment_ten_times_changes_no_row(ann, card_processor, invoice):  # noqa: F811
    payment = pay(invoice)
    card_processor.bank.pay(payment.session_id)
    ann.get(f"/p/payments/{payment.uuid}/?session={payment.session_id}")
    before = everything()
    for _ in range(10):
        ann.get(f"/p/payments/{payment.uuid}/?session=cs_test_other")
    assert everything() == before


def test_number_of_queries_does_not_grow_with_the_items(ann, acme, django_assert_max_num_queries):
    for day in range(30):
        an_invoice(acme, "10.00", days_late=day)
    with django_assert_max_num_queries(14):  # one each for offers, payment plans, a placement and the visit
        ann.get("/p/")


def test_due_date_is_written_out(ann, acme):
    found = an_invoice(acme)
    Invoice.objects.filter(pk=found.pk).update(due_on=date(2026, 3, 5))
    assert "5 Mar 2026" in text_of(ann.get("/p/"))
