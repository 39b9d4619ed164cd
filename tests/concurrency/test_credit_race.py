"""Two invoices that fit under the credit limit only one at a time, issued at once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.errors import CreditStopped
from invoices.models import Client
from invoices.queries.credit import owed_in
from invoices.services import credit, issuing
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from tests.builders import an_organisation, slowco

from .test_races import at_once, meeting

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client() -> Client:
    an_organisation()
    return slowco(credit_limit=Decimal(100), credit_policy="stop")


def issue_two(client: Client) -> list[Exception]:
    new, line = NewInvoice("GBP", localdate()), NewLine("Planes", Decimal(1), Decimal(60))
    drafts = [draft_invoice(client, new, [line], actor="Fay") for _ in range(2)]
    return at_once(*[lambda pk=draft.pk: issue_invoice(pk, actor="Fay") for draft in drafts])


def test_only_one_of_two_is_issued(client):
    raised = issue_two(client)
    assert [type(error) for error in raised] == [CreditStopped]
    assert owed_in(client, "GBP") == 60


def test_control_without_the_clients_lock_both_see_room(client, monkeypatch):
    monkeypatch.setattr(issuing, "lock_client", lambda pk: Client.objects.get(pk=pk))
    with meeting(monkeypatch, credit, "owed_in", 2):
        assert issue_two(client) == []
    assert owed_in(client, "GBP") == 120
