"""A client pays less than what is open, and owes nothing: early, or by a settlement."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import localdate, now

from invoices.models import Invoice, Payment, PaymentTerms, Settlement
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.payments import sync
from invoices.services.settlements import NewSettlement, ask_settlement, expired_ids, withdraw_settlement
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import an_invoice, open_amounts


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


@pytest.fixture
def early(acme) -> Invoice:
    """1,000.00, of which 980.00 settle it for five more days."""
    terms = PaymentTerms.objects.create(
        code="2-10", name="2/10", days=30, discount_percent=Decimal(2), discount_days=10
    )
    new = NewInvoice("EUR", localdate() - timedelta(days=5), terms=terms)
    draft = draft_invoice(acme, new, [NewLine("Consulting", Decimal(1), Decimal(1000))], actor="Fay")
    return issue_invoice(draft.pk, actor="Fay")


def offer(acme, *items: Invoice, amount: str = "150.00") -> Settlement:
    new = NewSettlement([i.pk for i in items], Decimal(amount), localdate() + timedelta(days=7), "In trouble")
    row = ask_settlement(acme, new, actor="Fay")
    Settlement.objects.filter(pk=row.pk).update(status="offered", decided_on=localdate())
    return row


def test_early_payer_is_told_and_charged_the_discounted_sum(fake, ann, early):
    assert "980.00" in ann.get("/p/").content.decode()
    assert "980.00" in ann.get(f"/p/invoices/{early.pk}/").content.decode()
    ann.post("/p/pay/", {"currency": "EUR", "choice": "selected", "invoice": [early.pk]})
    assert fake.sessions[0]["amount_total"] == 98000
    fake.bank.pay(fake.sessions[0]["id"])
    ann.get(fake.sessions[0]["success_url"])
    assert open_amounts(early) == [0]


def test_chargeback_of_an_early_payment_takes_the_discount_back(fake, ann, early):
    ann.post("/p/pay/", {"currency": "EUR", "choice": "selected", "invoice": [early.pk]})
    fake.bank.pay(fake.sessions[0]["id"])
    ann.get(fake.sessions[0]["success_url"])
    fake.bank.dispute(fake.sessions[0]["id"])
    sync(Payment.objects.get().pk)
    assert open_amounts(early) == [Decimal(1000)]
    assert early.discounts.get().status == "reversed"


def test_settlement_is_shown_and_paying_it_settles(fake, ann, acme):
    one, two = an_invoice(acme, "100.00"), an_invoice(acme, "100.00")
    row = offer(acme, one, two)
    assert "Our offer to you" in ann.get("/p/").content.decode()
    ann.post("/p/pay/", {"currency": "EUR", "choice": "settlement", "settlement": row.pk})
    assert fake.sessions[0]["amount_total"] == 15000
    fake.bank.pay(fake.sessions[0]["id"])
    ann.get(fake.sessions[0]["success_url"])
    row.refresh_from_db()
    assert (row.status, open_amounts(one, two)) == ("paid", [0, 0])


def test_withdrawn_settlement_cannot_be_paid(fake, ann, acme):
    row = offer(acme, an_invoice(acme, "200.00"))
    withdraw_settlement(row.pk, reason="No", actor="Fay")
    answer = ann.post("/p/pay/", {"currency": "EUR", "choice": "settlement", "settlement": row.pk})
    assert answer.status_code == 400
    assert "This offer is over" in answer.content.decode()


def test_settlement_of_another_client_is_no_offer(fake, ann, acme, db):
    from_other = offer(acme, an_invoice(acme, "200.00"))
    Settlement.objects.filter(pk=from_other.pk).update(currency="USD")
    answer = ann.post("/p/pay/", {"currency": "EUR", "choice": "settlement", "settlement": from_other.pk})
    assert answer.status_code == 400


def days_pass() -> None:
    """The debit was ordered two days ago, the last day of every offer was yesterday."""
    Payment.objects.update(created_at=now() - timedelta(days=2))
    Invoice.objects.update(discount_until=localdate() - timedelta(days=1))
    Settlement.objects.update(expires_on=localdate() - timedelta(days=1), created_at=now() - timedelta(days=3))


def test_debit_ordered_in_time_earns_the_discount_though_it_comes_days_later(fake, ann, early):
    ann.post("/p/pay/", {"currency": "EUR", "choice": "selected", "invoice": [early.pk]})
    days_pass()
    fake.bank.pay(fake.sessions[0]["id"])
    sync(Payment.objects.get().pk)
    assert open_amounts(early) == [0]
    assert early.discounts.get().days_late == 0


def test_offer_does_not_lapse_while_its_money_is_on_its_way_and_is_met_by_it(fake, ann, acme):
    one, two = an_invoice(acme, "100.00"), an_invoice(acme, "100.00")
    row = offer(acme, one, two)
    ann.post("/p/pay/", {"currency": "EUR", "choice": "settlement", "settlement": row.pk})
    Payment.objects.update(status="processing")
    days_pass()
    assert row.pk not in expired_ids(localdate())
    fake.bank.pay(fake.sessions[0]["id"])
    sync(Payment.objects.get().pk)
    row.refresh_from_db()
    assert (row.status, open_amounts(one, two)) == ("paid", [0, 0])


def test_offer_lapses_once_the_money_on_its_way_failed(fake, ann, acme):
    row = offer(acme, an_invoice(acme, "200.00"))
    ann.post("/p/pay/", {"currency": "EUR", "choice": "settlement", "settlement": row.pk})
    days_pass()
    Payment.objects.update(status="failed")
    assert expired_ids(localdate()) == [row.pk]
