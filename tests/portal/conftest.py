from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from invoices.models import Client, Invoice
from reminders.links import portal_token
from tests.invoices.payment_stories import a_client, an_invoice, an_organisation


@pytest.fixture(autouse=True)
def no_counts():
    """Limits are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def acme(db) -> Client:
    an_organisation()
    return a_client()


@pytest.fixture
def invoice(acme) -> Invoice:
    return an_invoice(acme)


@pytest.fixture
def ann(acme) -> Browser:
    """Ann Lee of Acme, who has opened her link."""
    ann = Browser()
    assert ann.get(f"/p/{portal_token(acme.contacts.get())}/").status_code == 302
    return ann
