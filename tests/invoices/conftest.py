"""Fixtures of the tests about what is owed."""

from __future__ import annotations

import pytest

from invoices.gateways.cards import configured
from tests.fakes.card_processor import card_processor
from tests.invoices.card_cases import a_checkout_request

__all__ = ["card_processor"]


@pytest.fixture
def card_gateway(card_processor):
    """Our gateway, talking to the fake processor."""
    return configured()


@pytest.fixture
def checkout_id(card_gateway):
    """An open page to pay EUR 120.50 on."""
    return card_gateway.create_checkout(a_checkout_request()).id
