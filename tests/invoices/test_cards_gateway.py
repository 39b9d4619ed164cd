"""The gateway against the fake processor, over HTTP; the fake judges requests by the installed package's own types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener, urlopen

import pytest

from invoices.gateways import card_wire, cards
from invoices.gateways.card_events import EVENT_TYPES
from invoices.gateways.cards import CardProcessorUnavailable, CardRequestRefused, CheckoutLine, configured
from invoices.rules.minor_units import AmountNotChargeable
from tests.fakes.card_processor import FakeCardProcessor
from tests.invoices.card_cases import UUID, a_checkout_request


def test_without_a_key_there_is_no_processor(settings):
    settings.STRIPE_SECRET_KEY = ""
    assert configured() is None


def test_same_settings_share_one_processor(card_processor):
    assert configured() is configured()


def test_new_session_is_open_with_nothing_received(card_gateway, checkout_id):
    state = card_gateway.retrieve(checkout_id)
    assert (state.status, state.received, state.currency, state.intent_id) == ("open", 0, "EUR", "")


def test_page_shows_what_is_asked(card_gateway):
    page = urlopen(card_gateway.create_checkout(a_checkout_request("100", "20.50")).url).read().decode()
    assert "EUR 12050" in page
    assert "Invoice INV-2: 2050" in page


def test_payment_is_found_again_from_session_and_intent(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    session, intent = card_processor.sessions[0], card_processor.ledger.of_kind("payment_intent")[0]
    assert session["client_reference_id"] == session["metadata"]["payment_uuid"] == UUID
    assert intent["metadata"] == {"payment_uuid": UUID, "client": "ACME"}


def test_paid_session_has_received_the_money(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    state = card_gateway.retrieve(checkout_id)
    assert (state.status, state.received, state.method, state.failure) == ("succeeded", Decimal("120.50"), "card", "")
    assert state.intent_id.startswith("pi_")


@pytest.mark.parametrize(
    ("button", "address", "status"),
    [
        ("pay", "https://shop.example/paid?session=", "succeeded"),
        ("later", "https://shop.example/paid?session=", "processing"),
        ("cancel", "https://shop.example/invoices", "open"),
    ],
)
def test_button_of_the_page_leads_back_to_the_shop(card_gateway, button, address, status):
    class Stay(HTTPRedirectHandler):
        def redirect_request(self, request, answer, code, message, headers, url):
            answer.close()
            seen.append(url)

    seen = []
    checkout = card_gateway.create_checkout(a_checkout_request())
    with pytest.raises(OSError) as redirect:
        build_opener(Stay).open(checkout.url, urlencode({"action": button}).encode())
    redirect.value.close()
    assert seen[0].startswith(address)
    assert card_gateway.retrieve(checkout.id).status == status


def test_declined_card_leaves_the_session_open_and_says_why(card_gateway, card_processor, checkout_id):
    card_processor.bank.decline(checkout_id)
    state = card_gateway.retrieve(checkout_id)
    assert (state.status, state.received, state.failure) == ("open", 0, "Your card was declined.")


def test_good_card_after_a_bad_one_is_a_success(card_gateway, card_processor, checkout_id):
    card_processor.bank.decline(checkout_id)
    card_processor.bank.pay(checkout_id)
    state = card_gateway.retrieve(checkout_id)
    assert (state.status, state.received, state.failure) == ("succeeded", Decimal("120.50"), "")


def test_session_past_its_time_is_expired(card_gateway, card_processor, checkout_id):
    card_processor.expire(checkout_id)
    assert card_gateway.retrieve(checkout_id).status == "expired"


def test_expired_by_us_nobody_can_pay_any_more(card_gateway, card_processor, checkout_id):
    assert card_gateway.expire(checkout_id).status == "expired"
    page = urlopen(f"{card_processor.base_url}/c/pay/{checkout_id}", b"action=pay").read().decode()
    assert "This page is expired." in page


def test_expiring_what_was_paid_meanwhile_says_that_it_is_paid(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    assert card_gateway.expire(checkout_id).status == "succeeded"


def test_bank_debit_is_processing_with_nothing_received(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay_later(checkout_id)
    state = card_gateway.retrieve(checkout_id)
    assert (state.status, state.received, state.method) == ("processing", 0, "sepa_debit")


def test_bank_debit_that_comes_in_succeeds(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay_later(checkout_id)
    card_processor.bank.settle(checkout_id)
    state = card_gateway.retrieve(checkout_id)
    assert (state.status, state.received) == ("succeeded", Decimal("120.50"))


def test_bank_debit_that_bounces_fails_with_a_reason(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay_later(checkout_id)
    card_processor.bank.settle(checkout_id, is_good=False)
    state = card_gateway.retrieve(checkout_id)
    assert (state.status, state.received) == ("failed", 0)
    assert "insufficient funds" in state.failure


def test_refund_is_counted(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    card_processor.bank.refund(checkout_id, amount=2050)
    state = card_gateway.retrieve(checkout_id)
    assert (state.status, state.received, state.refunded) == ("succeeded", Decimal("120.50"), Decimal("20.50"))


def test_failed_refund_is_not_counted(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    card_processor.bank.fail_refund(card_processor.bank.refund(checkout_id)["id"])
    assert card_gateway.retrieve(checkout_id).refunded == 0


@pytest.mark.parametrize(
    ("status", "withheld"),
    [
        ("needs_response", "120.50"),
        ("under_review", "120.50"),
        ("lost", "120.50"),
        ("appeal_under_review", "120.50"),
        ("won", "0"),
        ("warning_needs_response", "0"),
        ("prevented", "0"),
    ],
)
def test_dispute_withholds_the_money_while_it_is_not_won(card_gateway, card_processor, checkout_id, status, withheld):
    card_processor.bank.pay(checkout_id)
    card_processor.bank.dispute(checkout_id, status=status)
    assert card_gateway.retrieve(checkout_id).withheld == Decimal(withheld)


def test_won_dispute_gives_the_money_back(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    dispute = card_processor.bank.dispute(checkout_id)
    card_processor.bank.close_dispute(dispute["id"], is_won=True)
    assert card_gateway.retrieve(checkout_id).withheld == 0


def test_refunded_and_disputed_are_never_more_than_received(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    card_processor.bank.refund(checkout_id, amount=10000)
    card_processor.bank.dispute(checkout_id)
    state = card_gateway.retrieve(checkout_id)
    assert state.received == state.refunded + state.withheld


def test_repeated_request_is_the_same_session(card_gateway, card_processor):
    request = a_checkout_request()
    assert card_gateway.create_checkout(request) == card_gateway.create_checkout(request)
    assert len(card_processor.sessions) == 1


def test_same_uuid_with_another_amount_is_refused(card_gateway, card_processor):
    card_gateway.create_checkout(a_checkout_request("10"))
    with pytest.raises(CardRequestRefused, match="same parameters"):
        card_gateway.create_checkout(a_checkout_request("11"))
    assert len(card_processor.sessions) == 1


def test_twenty_four_lines_are_listed(card_gateway, card_processor):
    card_gateway.create_checkout(a_checkout_request(*["1.10"] * 24))
    assert len(card_processor.sessions[0]["_lines"]) == 24


def test_more_lines_become_one_with_the_same_total(card_gateway, card_processor):
    card_gateway.create_checkout(a_checkout_request(*["1.10"] * 25))
    assert card_processor.sessions[0]["amount_total"] == 2750
    assert [line["price_data"]["product_data"]["name"] for line in card_processor.sessions[0]["_lines"]] == [
        "25 invoices"
    ]


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("JPY", "5000", 5000), ("KRW", "900", 900), ("ISK", "5", 500), ("KWD", "5.120", 5120), ("GBP", "0.30", 30)],
)
def test_amount_arrives_and_comes_back_in_every_kind_of_currency(card_gateway, card_processor, currency, amount, minor):
    checkout_id = card_gateway.create_checkout(a_checkout_request(amount, currency=currency)).id
    card_processor.bank.pay(checkout_id)
    assert card_processor.sessions[0]["amount_total"] == minor
    assert card_gateway.retrieve(checkout_id).received == Decimal(amount)


@pytest.mark.parametrize(("currency", "amount"), [("KWD", "5.124"), ("JPY", "0.5"), ("EUR", "0.49"), ("EUR", "1E+6")])
def test_impossible_amount_is_refused_before_anything_is_sent(card_gateway, card_processor, currency, amount):
    with pytest.raises(AmountNotChargeable):
        card_gateway.create_checkout(a_checkout_request(amount, currency=currency))
    assert card_processor.requests == []


@pytest.mark.parametrize("amounts", [[], ["10", "0"], ["10", "-1"]])
def test_lines_must_be_positive(card_gateway, amounts):
    lines = tuple(CheckoutLine("x", Decimal(amount)) for amount in amounts)
    with pytest.raises(CardRequestRefused, match="positive amount"):
        card_gateway.create_checkout(a_checkout_request(lines=lines))


@pytest.mark.parametrize(
    "changes", [{"email": ""}, {"customer_id": "cus_1"}, {"locale": "xx"}, {"client_reference": ""}]
)
def test_optional_parts_may_be_missing(card_gateway, changes):
    assert card_gateway.create_checkout(a_checkout_request(**changes)).url


def test_unknown_parameter_is_refused(card_gateway, monkeypatch):
    monkeypatch.setattr(cards, "checkout_params", lambda request: {"payment_method_types": ["card"]})
    with pytest.raises(CardRequestRefused, match="unknown parameter: payment_method_types"):
        card_gateway.create_checkout(a_checkout_request())


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("en-gb", "en-GB"),
        ("en_US", "en"),
        ("tlh", "auto"),
        ("", "auto"),
        ("pt-br", "pt-BR"),
    ],
)
def test_locale_is_the_nearest_that_the_page_speaks(locale, expected):
    assert card_wire.stripe_locale(locale) == expected


@pytest.mark.parametrize(
    "bad", ["", "cs_test_", "../charges", "cs_test_a/expire", "cs_test_a?x=1", "pi_1", "cs_test_\n"]
)
def test_what_is_no_session_id_never_reaches_the_processor(card_gateway, card_processor, bad):
    with pytest.raises(CardRequestRefused):
        card_gateway.retrieve(bad)
    assert card_processor.requests == []


def test_unknown_session_is_refused(card_gateway):
    with pytest.raises(CardRequestRefused, match="No such"):
        card_gateway.retrieve("cs_test_unknown")


def test_wrong_key_is_refused(card_processor, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_other"
    with pytest.raises(CardRequestRefused, match="Invalid API Key"):
        configured().retrieve("cs_test_unknown")


def test_answer_of_the_other_mode_is_refused(card_processor, settings, monkeypatch):
    monkeypatch.setattr(card_processor, "secret_key", "sk_live_fake")
    settings.STRIPE_SECRET_KEY = "sk_live_fake"
    with pytest.raises(CardRequestRefused, match="another mode"):
        configured().create_checkout(a_checkout_request())


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before", "error_after", "busy"])
def test_fault_leaves_the_outcome_unknown(card_gateway, card_processor, kind):
    card_processor.fault(kind, times=2)
    with pytest.raises(CardProcessorUnavailable):
        card_gateway.create_checkout(a_checkout_request())


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_connection_lost_once_is_overcome_without_a_second_session(card_gateway, card_processor, kind):
    card_processor.fault(kind)
    assert card_gateway.create_checkout(a_checkout_request()).url
    assert len(card_processor.sessions) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before", "busy"])
def test_asking_again_after_a_fault_makes_one_session(card_gateway, card_processor, kind):
    request = a_checkout_request()
    card_processor.fault(kind, times=2 if "drop" in kind else 1)
    with pytest.raises(CardProcessorUnavailable):
        card_gateway.create_checkout(request)
    assert card_gateway.create_checkout(request).url
    assert len(card_processor.sessions) == 1


def test_saved_fault_is_repeated_under_the_same_uuid(card_gateway, card_processor):
    request = a_checkout_request()
    card_processor.fault("error_after")
    for _ in range(2):
        with pytest.raises(CardProcessorUnavailable):
            card_gateway.create_checkout(request)


def test_silence_is_unavailable(card_processor, monkeypatch):
    monkeypatch.setattr(cards, "TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(cards, "NETWORK_RETRIES", 0)
    card_processor.fault("delay", seconds=0.5)
    card_gateway = cards.CardProcessor(
        card_processor.secret_key, card_processor.base_url, [card_processor.webhook_secret]
    )
    with pytest.raises(CardProcessorUnavailable, match="did not answer"):
        card_gateway.retrieve("cs_test_any")


def test_nobody_listening_is_unavailable(monkeypatch):
    monkeypatch.setattr(cards, "NETWORK_RETRIES", 0)
    with FakeCardProcessor() as gone:
        address = gone.base_url
    with pytest.raises(CardProcessorUnavailable):
        cards.CardProcessor("sk_test_x", address, []).retrieve("cs_test_any")


def test_events_come_oldest_first_and_name_the_payment(card_gateway, card_processor, checkout_id):
    card_processor.bank.decline(checkout_id)
    card_processor.bank.pay(checkout_id)
    events = card_gateway.events_since(datetime.now(UTC) - timedelta(minutes=5))
    assert [event.type for event in events] == [
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    assert {event.payment_uuid for event in events} == {UUID}


def test_all_pages_of_events_are_read(card_gateway, card_processor, checkout_id):
    for _ in range(230):
        card_processor.bank.decline(checkout_id)
    assert len(card_gateway.events_since(datetime.now(UTC) - timedelta(minutes=5))) == 230


def test_events_before_the_cursor_are_left_out(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    assert card_gateway.events_since(datetime.now(UTC) + timedelta(minutes=5)) == ()


def test_refund_and_dispute_events_name_the_intent(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    card_processor.bank.refund(checkout_id, amount=10)
    card_processor.bank.dispute(checkout_id)
    intent_id = card_gateway.retrieve(checkout_id).intent_id
    assert {event.intent_id for event in card_gateway.events_since(datetime.now(UTC) - timedelta(minutes=5))} == {
        intent_id
    }


def test_poll_asks_for_no_more_types_than_allowed():
    assert len(set(EVENT_TYPES)) == len(EVENT_TYPES) <= 20
