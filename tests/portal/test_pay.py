"""A client pays, by the card processor and on the test page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.models import Payment, Receipt
from invoices.rules.allocation import Share
from invoices.services.receipts import NewReceipt, record_receipt
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, open_amounts


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


def ask(ann, *invoices, choice="selected", **more):
    return ann.post("/p/pay/", {"currency": "EUR", "choice": choice, "invoice": [i.pk for i in invoices], **more})


def test_pay_button_leads_to_checkout_with_the_overdue_sum(fake, ann, acme):
    an_invoice(acme, "100.00", days_late=5)
    an_invoice(acme, "50.00", days_late=-5)
    answer = ask(ann, choice="overdue")
    assert answer.url == fake.sessions[0]["url"]
    assert fake.sessions[0]["amount_total"] == 10000


def test_ticked_invoices_are_paid_and_the_payer_sees_it_on_return(fake, ann, acme):
    one, two = an_invoice(acme, "100.00"), an_invoice(acme, "50.00", days_late=-5)
    ask(ann, one, two)
    fake.bank.pay(fake.sessions[0]["id"])
    back = ann.get(fake.sessions[0]["success_url"].replace("{CHECKOUT_SESSION_ID}", "cs_test_x"))
    assert "150.00" in back.content.decode()
    assert open_amounts(one, two) == [0, 0]


def test_part_pays_the_oldest_ticked_invoice_first(fake, ann, acme):
    new, old = an_invoice(acme, "100.00", days_late=1), an_invoice(acme, "100.00", days_late=50)
    ask(ann, new, old, amount="120,50")
    fake.bank.pay(fake.sessions[0]["id"])
    ann.get(fake.sessions[0]["success_url"])
    assert open_amounts(old, new) == [0, Decimal("79.50")]


def test_declined_card_is_told_on_return_and_can_go_on(fake, ann, invoice):
    ask(ann, invoice)
    fake.bank.decline(fake.sessions[0]["id"])
    payment = Payment.objects.get()
    back = ann.get(f"/p/payments/{payment.uuid}/?session=x").content.decode()
    assert "Your card was declined." in back
    assert ann.post(f"/p/payments/{payment.uuid}/go-on/").url == fake.sessions[0]["url"]


def test_silent_processor_is_told_and_nothing_is_charged(fake, ann, invoice):
    fake.fault("drop_before", times=2)
    answer = ask(ann, invoice)
    assert answer.status_code == 400
    assert "Nothing was charged" in answer.content.decode()


def test_return_page_stands_while_the_processor_is_silent(fake, ann, invoice):
    ask(ann, invoice)
    fake.fault("drop_before", times=2)
    assert ann.get(f"/p/payments/{Payment.objects.get().uuid}/?session=x").status_code == 200


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ("100.01", "is more"),
        ("1e9", "is more"),
        ("0", "above 0"),
        ("-1", "above 0"),
        ("abc", "such as 1234.50"),
        ("1.000,00", "such as 1234.50"),
        ("NaN", "such as 1234.50"),
        ("0.001", "above 0"),
        ("0.10", "less than"),
        ("9" * 50, "digits"),
    ],
)
def test_tampered_amount_is_refused_with_a_sentence(fake, ann, invoice, amount, why):
    answer = ask(ann, invoice, amount=amount)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert fake.requests == []


@pytest.mark.parametrize(
    "fields",
    [{"currency": "USD"}, {"currency": "eur"}, {"currency": ""}, {"choice": "everything"}, {"choice": ""}],
)
def test_tampered_form_is_refused(fake, ann, invoice, fields):
    assert ask(ann, invoice, **fields).status_code == 400
    assert not Payment.objects.exists()


@pytest.mark.parametrize("raw", ["x", "-1", "1.5", "9" * 30, "１", ""])
def test_invoice_id_that_is_none_is_a_404(fake, ann, invoice, raw):
    answer = ann.post("/p/pay/", {"currency": "EUR", "choice": "selected", "invoice": [invoice.pk, raw]})
    assert answer.status_code == 404


def test_foreign_invoice_among_the_ticked_is_a_404(fake, ann, invoice):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    assert ask(ann, invoice, other).status_code == 404
    assert not Payment.objects.exists()


def test_nothing_ticked_asks_to_choose(fake, ann, invoice):
    assert "Choose at least one invoice" in ask(ann).content.decode()


@pytest.fixture
def test_payment(ann, invoice):
    answer = ask(ann, invoice)
    payment = Payment.objects.get()
    assert answer.url.endswith(f"/p/test-payment/{payment.uuid}/")
    return payment


def press(ann, payment, button):
    return ann.post(f"/p/test-payment/{payment.uuid}/", {"button": button})


def test_test_page_says_that_no_money_moves(ann, test_payment):
    text = ann.get(f"/p/test-payment/{test_payment.uuid}/").content.decode()
    assert "Test payment page – no money moves." in text


@pytest.mark.parametrize(
    ("buttons", "status", "left"),
    [
        (["pay"], "succeeded", 0),
        (["decline"], "open", 100),
        (["decline", "decline", "pay"], "succeeded", 0),
        (["later"], "processing", 100),
        (["later", "settle"], "succeeded", 0),
        (["later", "bounce"], "failed", 100),
        (["pay", "pay", "bounce"], "succeeded", 0),
        (["settle"], "open", 100),
    ],
)
def test_buttons_of_the_test_page_end_as_real_payments_do(ann, invoice, test_payment, buttons, status, left):
    for button in buttons:
        press(ann, test_payment, button)
    test_payment.refresh_from_db()
    assert (test_payment.status, test_payment.is_test, open_amounts(invoice)) == (status, True, [left])


def test_receipt_of_a_test_payment_says_so(ann, invoice, test_payment):
    press(ann, test_payment, "pay")
    assert Receipt.objects.get().reference.startswith("Test payment")


def test_test_page_is_gone_once_a_key_is_set(fake, ann, invoice, settings):
    settings.STRIPE_SECRET_KEY = ""
    ask(ann, invoice)
    payment = Payment.objects.get()
    settings.STRIPE_SECRET_KEY = fake.secret_key
    assert ann.get(f"/p/test-payment/{payment.uuid}/").status_code == 404
    assert press(ann, payment, "pay").status_code == 404
    assert open_amounts(invoice) == [100]


def test_real_payment_has_no_test_page(fake, ann, invoice):
    ask(ann, invoice)
    assert ann.get(f"/p/test-payment/{Payment.objects.get().uuid}/").status_code == 404


def test_test_payment_of_another_client_does_not_exist(ann, db):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    payment = Payment.objects.create(client=other.client, amount=1, currency="EUR", is_test=True)
    assert press(ann, payment, "pay").status_code == 404


def test_https_site_without_a_key_offers_bank_transfer_only(ann, invoice, settings):
    """Else clients could close real invoices on the test page."""
    settings.TEST_PAYMENTS = False
    text = ann.get("/p/").content.decode()
    assert ("Pay by bank transfer" in text, 'name="choice"' in text, "no real money" in text) == (True, False, False)
    assert "not set up here" in ask(ann, invoice).content.decode()
    assert not Payment.objects.exists()


def test_going_on_with_an_invoice_that_was_paid_otherwise_is_refused(fake, ann, acme, invoice):
    ask(ann, invoice)
    new = NewReceipt(invoice.open_amount, "EUR", localdate())
    record_receipt(acme, new, actor="Fay", shares=[Share(invoice.pk, invoice.open_amount)])
    answer = ann.post(f"/p/payments/{Payment.objects.get().uuid}/go-on/")
    assert "left to pay" in answer.content.decode()
    assert fake.sessions[0]["status"] == "expired"
