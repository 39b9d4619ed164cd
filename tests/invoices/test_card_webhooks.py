"""Webhooks of the card processor: the genuine are read, everything else is InvalidEvent and never another exception."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
import stripe

from invoices.gateways.cards import InvalidEvent, configured
from tests.invoices.card_cases import UUID


def test_signed_event_is_read(card_gateway, card_processor, checkout_id):
    card_processor.bank.pay(checkout_id)
    event = card_gateway.verify_event(*card_processor.webhooks.signed(card_processor.events[-1]))
    assert (event.type, event.payment_uuid, event.session_id) == ("checkout.session.completed", UUID, checkout_id)
    assert (event.id, event.created.tzinfo, event.livemode) == (card_processor.events[-1]["id"], UTC, False)


def test_both_secrets_are_good_while_they_rotate(card_processor, checkout_id, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", card_processor.webhook_secret]
    card_processor.expire(checkout_id)
    assert (
        configured().verify_event(*card_processor.webhooks.signed(card_processor.events[0])).type
        == "checkout.session.expired"
    )


@pytest.mark.parametrize("secrets", [[], ["whsec_other"], [""]])
def test_event_signed_by_another_is_invalid(card_processor, checkout_id, settings, secrets):
    settings.STRIPE_WEBHOOK_SECRETS = secrets
    card_processor.expire(checkout_id)
    with pytest.raises(InvalidEvent, match="not signed"):
        configured().verify_event(*card_processor.webhooks.signed(card_processor.events[0]))


def test_event_of_the_other_mode_is_invalid(card_gateway, card_processor, checkout_id):
    card_processor.expire(checkout_id)
    with pytest.raises(InvalidEvent, match="same mode"):
        card_gateway.verify_event(*card_processor.webhooks.signed(card_processor.events[0] | {"livemode": True}))


def test_old_signature_is_invalid(card_gateway, card_processor, checkout_id):
    card_processor.expire(checkout_id)
    body, _ = card_processor.webhooks.signed(card_processor.events[0])
    ten_minutes_ago = int(datetime.now(UTC).timestamp()) - 600
    old = stripe.WebhookSignature.generate_signature_header(
        body.decode(), card_processor.webhook_secret, ten_minutes_ago
    )
    with pytest.raises(InvalidEvent, match="too old"):
        card_gateway.verify_event(body, old)


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
def test_signed_rubbish_is_invalid(card_gateway, card_processor, body):
    signature = stripe.WebhookSignature.generate_signature_header(body, card_processor.webhook_secret)
    with pytest.raises(InvalidEvent):
        card_gateway.verify_event(body.encode(), signature)


@pytest.mark.parametrize(
    "data", ["null", "[]", '{"object": []}', '{"object": {"metadata": 5, "id": {}, "payment_intent": []}}']
)
def test_signed_event_about_something_strange_names_no_payment(card_gateway, card_processor, data):
    body = f'{{"object": "event", "id": "evt_1", "type": "a", "created": 1, "livemode": false, "data": {data}}}'
    signature = stripe.WebhookSignature.generate_signature_header(body, card_processor.webhook_secret)
    event = card_gateway.verify_event(body.encode(), signature)
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


def test_six_hundred_hostile_webhooks_are_invalid_and_nothing_worse(card_gateway, card_processor, checkout_id):
    card_processor.expire(checkout_id)
    pairs = list(hostile_pairs(*card_processor.webhooks.signed(card_processor.events[0]), 600))
    for body, signature in pairs:
        with pytest.raises(InvalidEvent):
            card_gateway.verify_event(body, signature)
