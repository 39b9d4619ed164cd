"""What the books said of a past day they say for ever: later bookings change no ageing of a day before them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from invoices.queries.ageing import aged_balances
from invoices.queries.ledger import ledger_differences
from tests.builders import a_client, an_organisation
from tests.invoices.bookings import Clerk

DAY = date(2026, 3, 2)


def ageing(on: date) -> object:
    return [{key: vars(balance) for key, balance in part.items()} for part in aged_balances(on)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_ageing_of_a_past_day_is_not_changed_by_later_bookings(seed, time_machine):
    time_machine.move_to(DAY + timedelta(days=200), tick=False)
    an_organisation(currency="GBP", country="GB", settlement_percent=100)
    clients = [a_client(country="GB", late_charge_rule="uk-1998"), a_client()]
    clerk, said = Clerk(clients, seed, DAY), {}
    for _ in range(8):
        for _ in range(9):
            clerk.book()
        said[clerk.day] = ageing(clerk.day)
        clerk.day += timedelta(days=7)
        assert {day: ageing(day) for day in said} == said
    assert [str(found) for found in ledger_differences()] == []
    assert clerk.done > clerk.refused / 3  # else it would have tried nothing
