"""Paying on account, instalments, offers, many invoices, other currencies; and what a hostile payer sends."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils.timezone import localdate

from invoices.models import Payment, ProcessorEvent, Receipt
from invoices.services.payments import sync
from invoices.services.settlements import NewSettlement, ask_settlement, withdraw_settlement
from tests.builders import an_organisation
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, open_amounts


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


def ask(ann, *invoices, choice="selected", currency="EUR", **more):
    return ann.post("/p/pay/", {"currency": currency, "choice": choice, "invoice": [i.pk for i in invoices], **more})


def test_money_on_account_waits_there(fake, ann, acme):
    assert ask(ann, choice="account", amount="75,50").status_code == 302
    assert fake.sessions[0]["_lines"][0]["price_data"]["product_data"]["name"] == "On account"
    fake.bank.pay(fake.sessions[0]["id"])
    receipt = sync(Payment.objects.get().pk).receipt
    assert receipt.unapplied_amount == Decimal("75.50")


def test_on_account_without_an_amount_is_asked_for(fake, ann, acme):
    answer = ask(ann, choice="account")
    assert (answer.status_code, Payment.objects.count()) == (400, 0)
    assert "Enter the amount" in answer.content.decode()


def test_offer_is_accepted_by_paying_it(fake, ann, acme):
    an_organisation(currency="EUR")
    invoice = an_invoice(acme)
    new = NewSettlement([invoice.pk], Decimal(95), localdate() + timedelta(days=5), "Long ago")
    offer = ask_settlement(acme, new, actor="Fay")
    ask(ann, choice="settlement", settlement=offer.pk)
    payment = Payment.objects.get()
    assert (payment.amount, payment.settlement) == (95, offer)
    fake.bank.pay(payment.session_id)
    sync(payment.pk)
    offer.refresh_from_db()
    assert (open_amounts(invoice), offer.status) == ([0], "paid")


def test_offer_taken_back_meanwhile_is_not_paid_on_the_open_page(fake, ann, acme):
    an_organisation(currency="EUR")
    invoice = an_invoice(acme)
    new = NewSettlement([invoice.pk], Decimal(95), localdate() + timedelta(days=5), "Long ago")
    offer = ask_settlement(acme, new, actor="Fay")
    ask(ann, choice="settlement", settlement=offer.pk)
    withdraw_settlement(offer.pk, reason="By mistake", actor="Fay")
    answer = ann.post(f"/p/payments/{Payment.objects.get().uuid}/go-on/")
    assert "over or was taken back" in answer.content.decode()
    assert fake.sessions[0]["status"] == "expired"


def test_twenty_five_invoices_are_one_line_at_the_processor(fake, ann, acme):
    invoices = [an_invoice(acme, "10.00") for _ in range(25)]
    ask(ann, *invoices)
    session = fake.sessions[0]
    assert (len(session["_lines"]), session["amount_total"], Payment.objects.get().lines.count()) == (1, 25000, 25)


@pytest.mark.parametrize(("currency", "amount", "minor"), [("JPY", "1000", 1000), ("KWD", "12.340", 12340)])
def test_currencies_without_and_with_three_decimals(fake, ann, acme, currency, amount, minor):
    invoice = an_invoice(acme, amount, currency=currency)
    ask(ann, invoice, currency=currency)
    fake.bank.pay(fake.sessions[0]["id"])
    sync(Payment.objects.get().pk)
    assert (fake.sessions[0]["amount_total"], open_amounts(invoice)) == (minor, [0])


@pytest.mark.parametrize(("amount", "why"), [("0.20", "bank transfer"), ("1000000.00", "bank transfer")])
def test_limits_are_explained_with_another_way_to_pay(fake, ann, acme, amount, why):
    invoice = an_invoice(acme, "2000000.00")
    answer = ask(ann, invoice, amount=amount)
    assert (answer.status_code, why in answer.content.decode(), fake.sessions) == (400, True, [])


HOSTILE = [
    {"amount": "-5"},
    {"amount": "1e3"},
    {"amount": "NaN"},
    {"amount": "100.01"},
    {"amount": "99999999999999999999"},
    {"amount": "0.0001"},
    {"currency": "USD"},
    {"currency": "eur"},
    {"currency": "EUR\x00"},
    {"currency": ""},
    {"choice": "everything"},
    {"choice": "settlement", "settlement": "1"},
    {"choice": "settlement", "settlement": "9" * 40},
    {"choice": "account", "amount": "-1"},
    {"choice": "account", "amount": "0.001"},
    {"plan": "9" * 30},
]


@pytest.mark.parametrize("sent", HOSTILE, ids=str)
def test_tampered_form_gets_a_clear_answer_and_writes_nothing(fake, ann, acme, sent):
    invoice = an_invoice(acme)
    answer = ann.post("/p/pay/", {"currency": "EUR", "choice": "selected", "invoice": invoice.pk, **sent})
    assert answer.status_code == 400
    assert (Payment.objects.count(), fake.requests) == (0, [])


def test_invoices_and_payments_of_others_do_not_exist(fake, ann, acme):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    assert ask(ann, other).status_code == 404
    mine = an_invoice(acme)
    ask(ann, mine)
    Payment.objects.update(client=other.client)
    uuid = Payment.objects.get().uuid
    assert ann.get(f"/p/payments/{uuid}/").status_code == 404
    assert ann.post(f"/p/payments/{uuid}/go-on/").status_code == 404


def test_stale_page_is_told_the_present_amount(fake, ann, acme):
    invoice = an_invoice(acme)
    ask(ann, invoice)
    fake.bank.pay(fake.sessions[0]["id"])
    sync(Payment.objects.get().pk)
    answer = ask(ann, invoice, amount="50")
    assert answer.status_code == 400
    assert Receipt.objects.count() == 1


def test_three_thousand_fuzzed_webhooks_write_nothing_and_break_nothing(fake, acme):
    chance, browser = random.Random(5), Browser(raise_request_exception=False)
    fake.ledger.announce("payment_intent.succeeded", {"object": "payment_intent", "id": "pi_1", "metadata": {}})
    body, signature = fake.webhooks.signed(fake.events[-1])
    codes = set()
    for _ in range(3000):
        bent = bytearray(body)
        for _ in range(chance.randint(1, 8)):
            bent[chance.randrange(len(bent))] = chance.randrange(256)
        if bytes(bent) == body:
            continue
        cut = bytes(bent[: chance.randint(0, len(bent))]) if chance.random() < 0.3 else bytes(bent)
        header = chance.choice([signature, "", "t=1,v1=00", "t=" + "9" * 400, "\x7f", "v1", signature[:-1]])
        answer = browser.post("/api/stripe/webhook", cut, "application/json", headers={"Stripe-Signature": header})
        codes.add(answer.status_code)
    assert (codes, ProcessorEvent.objects.count()) == ({400}, 0)


def test_signed_nonsense_is_answered_and_not_kept(fake, acme):
    browser = Browser(raise_request_exception=False)
    for nonsense in (
        {},
        [],
        {"object": "event"},
        {"object": "event", "id": "", "type": 1},
        "x",
        None,
        {"id": {"a": 1}},
    ):
        body, signature = fake.webhooks.signed(nonsense)
        answer = browser.post("/api/stripe/webhook", body, "application/json", headers={"Stripe-Signature": signature})
        assert answer.status_code == 400
    assert ProcessorEvent.objects.count() == 0
