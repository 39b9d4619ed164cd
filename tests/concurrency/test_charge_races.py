"""Two ticks at once draft a charge once; two people issue it once. Needs real row locks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection

from invoices.errors import LedgerError
from invoices.models import Charge, Invoice
from invoices.queries.ledger import ledger_differences
from invoices.services.charge_documents import issue_charge
from invoices.services.charges import draft_charges
from tests import builders

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

APRIL = date(2026, 4, 1)


def at_once(work: Any, times: int = 4) -> list[Any]:
    def once(_: int) -> Any:
        try:
            return work()
        except LedgerError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(once, range(times)))


def late_invoices() -> None:
    for n in range(5):
        client = builders.a_client(country="GB", late_charge_rule="uk-1998")
        builders.an_invoice(client, amount=f"{n + 1}000", due_on=date(2026, 1, 31))


def test_ticks_at_once_draft_each_charge_once() -> None:
    late_invoices()
    done = at_once(lambda: draft_charges(APRIL))
    assert (sum(one.drafted for one in done), Charge.objects.count()) == (10, 10)


def test_charge_issued_by_two_at_once_is_one_document() -> None:
    late_invoices()
    draft_charges(APRIL)
    charge = Charge.objects.order_by("pk")[0]
    answers = at_once(lambda: issue_charge(charge.pk, actor="Fay", on=APRIL))
    assert sum(isinstance(answer, LedgerError) for answer in answers) == 3
    assert Invoice.objects.filter(kind="charge").count() == 1
    assert not list(ledger_differences())
