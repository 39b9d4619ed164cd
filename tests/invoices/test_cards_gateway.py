"""The gateway against the fake processor, over HTTP; the fake judges requests by the installed package's own types."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener, urlopen

import pytest
import stripe

from invoices.gateways import card_wire, cards
from invoices.gateways.card_events import EVENT_TYPES
from invoices.gateways.cards import (
    CardProcessorUnavailable,
    CardRequestRefused,
    CheckoutLine,
    CheckoutRequest,
    InvalidEvent,
    configured,
)
from invoices.rules.minor_units import AmountNotChargeable
from tests.fakes.card_processor import FakeCardProcessor, card_processor  # noqa: F401

UUID = "0d6a3c1e-5b1f-4a57-9f5e-0a4a4b1c2d3e"


def a_request(*amounts, **changes):
    lines = tuple(
        CheckoutLine(f"Invoice INV-{number}", Decimal(amount)) for number, amount in enumerate(amounts or ["120.50"], 1)
    )
    request = CheckoutRequest(
        payment_uuid=UUID,
        currency="EUR",
        lines=lines,
        success_url="https://shop.example/paid?session={CHECKOUT_SESSION_ID}",
        cancel_url="https://shop.example/invoices",
        client_reference="ACME",
        email="ann@acme.example",
        locale="de",
        expires_at=(datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0),
    )
    return replace(request, **changes)


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


@pytest.fixture
def gateway(fake):
    return configured()


@pytest.fixture
def session_id(gateway):
    return gateway.create_checkout(a_request()).id


def test_without_a_key_there_is_no_processor(settings):
    settings.STRIPE_SECRET_KEY = ""
    assert configured() is None


def test_same_settings_share_one_processor(fake):
    assert configured() is configured()


def test_new_session_is_open_with_nothing_received(gateway, session_id):
    state = gateway.retrieve(session_id)
    assert (state.status, state.received, state.currency, state.intent_id) == ("open", 0, "EUR", "")


def test_page_shows_what_is_asked(gateway):
    page = urlopen(gateway.create_checkout(a_request("100", "20.50")).url).read().decode()
    assert "EUR 12050" in page
    assert "Invoice INV-2: 2050" in page


def test_payment_is_found_again_from_session_and_intent(gateway, fake, session_id):
    fake.bank.pay(session_id)
    session, intent = fake.sessions[0], fake.ledger.of_kind("payment_intent")[0]
    assert session["client_reference_id"] == session["metadata"]["payment_uuid"] == UUID
    assert intent["metadata"] == {"payment_uuid": UUID, "client": "ACME"}


def test_paid_session_has_received_the_money(gateway, fake, session_id):
    fake.bank.pay(session_id)
    state = gateway.retrieve(session_id)
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
def test_button_of_the_page_leads_back_to_the_shop(gateway, button, address, status):
    class Stay(HTTPRedirectHandler):
        def redirect_request(self, request, answer, code, message, headers, url):
            answer.close()
            seen.append(url)

    seen = []
    checkout = gateway.create_checkout(a_request())
    with pytest.raises(OSError) as redirect:
        build_opener(Stay).open(checkout.url, urlencode({"action": button}).encode())
    redirect.value.close()
    assert seen[0].startswith(address)
    assert gateway.retrieve(checkout.id).status == status


def test_declined_card_leaves_the_session_open_and_says_why(gateway, fake, session_id):
    fake.bank.decline(session_id)
    state = gateway.retrieve(session_id)
    assert (state.status, state.received, state.failure) == ("open", 0, "Your card was declined.")


def test_good_card_after_a_bad_one_is_a_success(gateway, fake, session_id):
    fake.bank.decline(session_id)
    fake.bank.pay(session_id)
    state = gateway.retrieve(session_id)
    assert (state.status, state.received, state.failure) == ("succeeded", Decimal("120.50"), "")


def test_session_past_its_time_is_expired(gateway, fake, session_id):
    fake.expire(session_id)
    assert gateway.retrieve(session_id).status == "expired"


def test_expired_by_us_nobody_can_pay_any_more(gateway, fake, session_id):
    assert gateway.expire(session_id).status == "expired"
    page = urlopen(f"{fake.base_url}/c/pay/{session_id}", b"action=pay").read().decode()
    assert "This page is expired." in page


def test_expiring_what_was_paid_meanwhile_says_that_it_is_paid(gateway, fake, session_id):
    fake.bank.pay(session_id)
    assert gateway.expire(session_id).status == "succeeded"


def test_bank_debit_is_processing_with_nothing_received(gateway, fake, session_id):
    fake.bank.pay_later(session_id)
    state = gateway.retrieve(session_id)
    assert (state.status, state.received, state.method) == ("processing", 0, "sepa_debit")


def test_bank_debit_that_comes_in_succeeds(gateway, fake, session_id):
    fake.bank.pay_later(session_id)
    fake.bank.settle(session_id)
    state = gateway.retrieve(session_id)
    assert (state.status, state.received) == ("succeeded", Decimal("120.50"))


def test_bank_debit_that_bounces_fails_with_a_reason(gateway, fake, session_id):
    fake.bank.pay_later(session_id)
    fake.bank.settle(session_id, is_good=False)
    state = gateway.retrieve(session_id)
    assert (state.status, state.received) == ("failed", 0)
    assert "insufficient funds" in state.failure


def test_refund_is_counted(gateway, fake, session_id):
    fake.bank.pay(session_id)
    fake.bank.refund(session_id, amount=2050)
    state = gateway.retrieve(session_id)
    assert (state.status, state.received, state.refunded) == ("succeeded", Decimal("120.50"), Decimal("20.50"))


def test_failed_refund_is_not_counted(gateway, fake, session_id):
    fake.bank.pay(session_id)
    fake.bank.fail_refund(fake.bank.refund(session_id)["id"])
    assert gateway.retrieve(session_id).refunded == 0


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
def test_dispute_withholds_the_money_while_it_is_not_won(gateway, fake, session_id, status, withheld):
    fake.bank.pay(session_id)
    fake.bank.dispute(session_id, status=status)
    assert gateway.retrieve(session_id).withheld == Decimal(withheld)


def test_won_dispute_gives_the_money_back(gateway, fake, session_id):
    fake.bank.pay(session_id)
    dispute = fake.bank.dispute(session_id)
    fake.bank.close_dispute(dispute["id"], is_won=True)
    assert gateway.retrieve(session_id).withheld == 0


def test_refunded_and_disputed_are_never_more_than_received(gateway, fake, session_id):
    fake.bank.pay(session_id)
    fake.bank.refund(session_id, amount=10000)
    fake.bank.dispute(session_id)
    state = gateway.retrieve(session_id)
    assert state.received == state.refunded + state.withheld


def test_repeated_request_is_the_same_session(gateway, fake):
    request = a_request()
    assert gateway.create_checkout(request) == gateway.create_checkout(request)
    assert len(fake.sessions) == 1


def test_same_uuid_with_another_amount_is_refused(gateway, fake):
    gateway.create_checkout(a_request("10"))
    with pytest.raises(CardRequestRefused, match="same parameters"):
        gateway.create_checkout(a_request("11"))
    assert len(fake.sessions) == 1


def test_twenty_four_lines_are_listed(gateway, fake):
    gateway.create_checkout(a_request(*["1.10"] * 24))
    assert len(fake.sessions[0]["_lines"]) == 24


def test_more_lines_become_one_with_the_same_total(gateway, fake):
    gateway.create_checkout(a_request(*["1.10"] * 25))
    assert fake.sessions[0]["amount_total"] == 2750
    assert [line["price_data"]["product_data"]["name"] for line in fake.sessions[0]["_lines"]] == ["25 invoices"]


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("JPY", "5000", 5000), ("KRW", "900", 900), ("ISK", "5", 500), ("KWD", "5.120", 5120), ("GBP", "0.30", 30)],
)
def test_amount_arrives_and_comes_back_in_every_kind_of_currency(gateway, fake, currency, amount, minor):
    session_id = gateway.create_checkout(a_request(amount, currency=currency)).id
    fake.bank.pay(session_id)
    assert fake.sessions[0]["amount_total"] == minor
    assert gateway.retrieve(session_id).received == Decimal(amount)


@pytest.mark.parametrize(("currency", "amount"), [("KWD", "5.124"), ("JPY", "0.5"), ("EUR", "0.49"), ("EUR", "1E+6")])
def test_impossible_amount_is_refused_before_anything_is_sent(gateway, fake, currency, amount):
    with pytest.raises(AmountNotChargeable):
        gateway.create_checkout(a_request(amount, currency=currency))
    assert fake.requests == []


@pytest.mark.parametrize("amounts", [[], ["10", "0"], ["10", "-1"]])
def test_lines_must_be_positive(gateway, amounts):
    lines = tuple(CheckoutLine("x", Decimal(amount)) for amount in amounts)
    with pytest.raises(CardRequestRefused, match="positive amount"):
        gateway.create_checkout(a_request(lines=lines))


@pytest.mark.parametrize(
    "changes", [{"email": ""}, {"customer_id": "cus_1"}, {"locale": "xx"}, {"client_reference": ""}]
)
def test_optional_parts_may_be_missing(gateway, changes):
    assert gateway.create_checkout(a_request(**changes)).url


def test_unknown_parameter_is_refused(gateway, monkeypatch):
    monkeypatch.setattr(cards, "checkout_params", lambda request: {"payment_method_types": ["card"]})
    with pytest.raises(CardRequestRefused, match="unknown parameter: payment_method_types"):
        gateway.create_checkout(a_request())


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
def test_what_is_no_session_id_never_reaches_the_processor(gateway, fake, bad):
    with pytest.raises(CardRequestRefused):
        gateway.retrieve(bad)
    assert fake.requests == []


def test_unknown_session_is_refused(gateway):
    with pytest.raises(CardRequestRefused, match="No such"):
        gateway.retrieve("cs_test_unknown")


def test_wrong_key_is_refused(fake, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_other"
    with pytest.raises(CardRequestRefused, match="Invalid API Key"):
        configured().retrieve("cs_test_unknown")


def test_answer_of_the_other_mode_is_refused(fake, settings, monkeypatch):
    monkeypatch.setattr(fake, "secret_key", "sk_live_fake")
    settings.STRIPE_SECRET_KEY = "sk_live_fake"
    with pytest.raises(CardRequestRefused, match="another mode"):
        configured().create_checkout(a_request())


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before", "error_after", "busy"])
def test_fault_leaves_the_outcome_unknown(gateway, fake, kind):
    fake.fault(kind, times=2)
    with pytest.raises(CardProcessorUnavailable):
        gateway.create_checkout(a_request())


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_connection_lost_once_is_overcome_without_a_second_session(gateway, fake, kind):
    fake.fault(kind)
    assert gateway.create_checkout(a_request()).url
    assert len(fake.sessions) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before", "busy"])
def test_asking_again_after_a_fault_makes_one_session(gateway, fake, kind):
    request = a_request()
    fake.fault(kind, times=2 if "drop" in kind else 1)
    with pytest.raises(CardProcessorUnavailable):
        gateway.create_checkout(request)
    assert gateway.create_checkout(request).url
    assert len(fake.sessions) == 1


def test_saved_fault_is_repeated_under_the_same_uuid(gateway, fake):
    request = a_request()
    fake.fault("error_after")
    for _ in range(2):
        with pytest.raises(CardProcessorUnavailable):
            gateway.create_checkout(request)


def test_silence_is_unavailable(fake, monkeypatch):
    monkeypatch.setattr(cards, "TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(cards, "NETWORK_RETRIES", 0)
    fake.fault("delay", seconds=0.5)
    gateway = cards.CardProcessor(fake.secret_key, fake.base_url, [fake.webhook_secret])
    with pytest.raises(CardProcessorUnavailable, match="did not answer"):
        gateway.retrieve("cs_test_any")


def test_nobody_listening_is_unavailable(monkeypatch):
    monkeypatch.setattr(cards, "NETWORK_RETRIES", 0)
    with FakeCardProcessor() as gone:
        address = gone.base_url
    with pytest.raises(CardProcessorUnavailable):
        cards.CardProcessor("sk_test_x", address, []).retrieve("cs_test_any")


def test_events_come_oldest_first_and_name_the_payment(gateway, fake, session_id):
    fake.bank.decline(session_id)
    fake.bank.pay(session_id)
    events = gateway.events_since(datetime.now(UTC) - timedelta(minutes=5))
    assert [event.type for event in events] == [
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    assert {event.payment_uuid for event in events} == {UUID}


def test_all_pages_of_events_are_read(gateway, fake, session_id):
    for _ in range(230):
        fake.bank.decline(session_id)
    assert len(gateway.events_since(datetime.now(UTC) - timedelta(minutes=5))) == 230


def test_events_before_the_cursor_are_left_out(gateway, fake, session_id):
    fake.bank.pay(session_id)
    assert gateway.events_since(datetime.now(UTC) + timedelta(minutes=5)) == ()


def test_refund_and_dispute_events_name_the_intent(gateway, fake, session_id):
    fake.bank.pay(session_id)
    fake.bank.refund(session_id, amount=10)
    fake.bank.dispute(session_id)
    intent_id = gateway.retrieve(session_id).intent_id
    assert {event.intent_id for event in gateway.events_since(datetime.now(UTC) - timedelta(minutes=5))} == {intent_id}


def test_poll_asks_for_no_more_types_than_allowed():
    assert len(set(EVENT_TYPES)) == len(EVENT_TYPES) <= 20


def test_signed_event_is_read(gateway, fake, session_id):
    fake.bank.pay(session_id)
    event = gateway.verify_event(*fake.webhooks.signed(fake.events[-1]))
    assert (event.type, event.payment_uuid, event.session_id) == ("checkout.session.completed", UUID, session_id)
    assert (event.id, event.created.tzinfo, event.livemode) == (fake.events[-1]["id"], UTC, False)


def test_both_secrets_are_good_while_they_rotate(fake, session_id, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", fake.webhook_secret]
    fake.expire(session_id)
    assert configured().verify_event(*fake.webhooks.signed(fake.events[0])).type == "checkout.session.expired"


@pytest.mark.parametrize("secrets", [[], ["whsec_other"], [""]])
def test_event_signed_by_another_is_invalid(fake, session_id, settings, secrets):
    settings.STRIPE_WEBHOOK_SECRETS = secrets
    fake.expire(session_id)
    with pytest.raises(InvalidEvent, match="not signed"):
        configured().verify_event(*fake.webhooks.signed(fake.events[0]))


def test_event_of_the_other_mode_is_invalid(gateway, fake, session_id):
    fake.expire(session_id)
    with pytest.raises(InvalidEvent, match="same mode"):
        gateway.verify_event(*fake.webhooks.signed(fake.events[0] | {"livemode": True}))


def test_old_signature_is_invalid(gateway, fake, session_id):
    fake.expire(session_id)
    body, _ = fake.webhooks.signed(fake.events[0])
    ten_minutes_ago = int(datetime.now(UTC).timestamp()) - 600
    old = stripe.WebhookSignature.generate_signature_header(body.decode(), fake.webhook_secret, ten_minutes_ago)
    with pytest.raises(InvalidEvent, match="too old"):
        gateway.verify_event(body, old)


SIGNED_RUBBISH = [
    "", "null", "[]", "1", '"event"', "{}", "nan", "[" * 100_000, "9" * 5_000,
    '{"object": "event"}',
    '{"object": "event", "id": "", "type": "a", "created": 1, "livemode": false}',
    '{"object": "event", "id": 5, "type": "a", "created": 1, "livemode": false}',
    '{"object": "event", "id": "evt_1", "type": "a", "created": "1", "livemode": false}',
    '{"object": "event", "id": "evt_1", "type": "a", "created": true, "livemode": false}',
    '{"object": "event", "id": "evt_1", "type": "a", "created": 1e400, "livemode": false}',
    '{"object": "event", "id": "evt_1", "type": "a", "created": 99999999999999999999, "livemode": false}',
    '{"object": "event", "id": "evt_1", "type": "a", "created": 1, "livemode": null}',
    '{"object": "v2.core.event", "id": "evt_1", "type": "a", "created": 1, "livemode": false}',
]  # fmt: skip


@pytest.mark.parametrize("body", SIGNED_RUBBISH, ids=lambda body: body[:60])
def test_signed_rubbish_is_invalid(gateway, fake, body):
    signature = stripe.WebhookSignature.generate_signature_header(body, fake.webhook_secret)
    with pytest.raises(InvalidEvent):
        gateway.verify_event(body.encode(), signature)


@pytest.mark.parametrize(
    "data", ["null", "[]", '{"object": []}', '{"object": {"metadata": 5, "id": {}, "payment_intent": []}}']
)
def test_signed_event_about_something_strange_names_no_payment(gateway, fake, data):
    body = f'{{"object": "event", "id": "evt_1", "type": "a", "created": 1, "livemode": false, "data": {data}}}'
    signature = stripe.WebhookSignature.generate_signature_header(body, fake.webhook_secret)
    event = gateway.verify_event(body.encode(), signature)
    assert (event.payment_uuid, event.session_id, event.intent_id) == (None, None, None)


def hostile_pairs(body, signature, number):
    """Bodies and signatures bent in every way that ever surprised the package; never the genuine pair."""
    rng = random.Random(20261028)
    headers = ["", "t=", "v1=", "t=,v1=", "t=1,v1=é", "t=-1,v1=0", "t=" + "9" * 5000 + ",v1=0", ",,,", "=", "\udc80"]
    headers += [None, "t=1", signature[:-1], signature + "0", signature.upper(), signature.replace("v1", "v0")]
    headers += ["t=1\x00,v1=\x00", signature.replace("t=", "t=1"), signature.replace("v1=", "v1=é"), "t=٣,v1=٣"]
    bodies = [
        b"",
        b"\xff\xfe",
        b"null",
        b"[" * 50_000,
        b"\x00" * 10,
        body[:-1],
        body + b" ",
        body.decode().encode("utf-16"),
    ]
    for number_now in range(number):
        bent = bytearray(body)
        for _ in range(rng.randint(1, 4)):
            bent[rng.randrange(len(bent))] ^= rng.randint(1, 255)
        if number_now % 3 == 0:
            yield body, rng.choice(headers)
        elif number_now % 3 == 1:
            yield rng.choice([*bodies, bytes(bent)]), rng.choice([*headers, signature])
        else:
            yield rng.choice([bytes(bent), rng.randbytes(rng.randint(0, 300))]), signature


def test_six_hundred_hostile_webhooks_are_invalid_and_nothing_worse(gateway, fake, session_id):
    fake.expire(session_id)
    pairs = list(hostile_pairs(*fake.webhooks.signed(fake.events[0]), 600))
    for body, signature in pairs:
        with pytest.raises(InvalidEvent):
            gateway.verify_event(body, signature)
