"""What the tests of the card gateway share: the request for a page to pay on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from invoices.gateways.cards import CheckoutLine, CheckoutRequest

UUID = "0d6a3c1e-5b1f-4a57-9f5e-0a4a4b1c2d3e"


def a_checkout_request(*amounts, **changes):
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
