"""Interest that is running is told in the letters and by the manager, with its figures, and only where a rule holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from invoices.models import Charge, Client
from invoices.services.charge_documents import issue_charge
from invoices.services.charges import draft_charges
from reminders.composing import Words, compose_letter
from reminders.models import Notice
from reminders.services.dunning_run import dunning_run
from reminders.services.previewing import preview
from tests import builders

pytestmark = pytest.mark.django_db

DUE = date(2026, 1, 31)
TODAY = date(2026, 3, 31)
SAID = "Statutory interest of 11.75 % a year (Late Payment of Commercial Debts (Interest) Act 1998 ss 1-6)"


def told(template: str, channel: str = "email", **client_fields: Any) -> tuple[Words, str]:
    """The words of the notice to Slowco about 999.99 due on 31 January, and its letter."""
    builders.an_organisation()
    client: Client = builders.slowco(country="GB", **client_fields)
    level = {"days_past_due": 1, "channel": channel, "template": template, "deadline_days": 14}
    builders.follow(client, builders.a_procedure([level]))
    builders.an_invoice(client, amount="999.99", due_on=DUE)
    dunning_run(TODAY)
    found = preview(Notice.objects.get(), TODAY)
    assert found.words is not None
    assert found.facts is not None
    return found.words, compose_letter("demand", found.facts) if channel == "letter" else ""


def test_manager_states_the_running_interest() -> None:
    words, _ = told("manager", late_charge_rule="uk-1998")
    assert f"{SAID}, 0.32\u00a0GBP a day, is accruing on what is overdue; to date 18.99\u00a0GBP." in words.text


def test_letter_states_the_running_interest_beside_the_total() -> None:
    _, letter = told("demand", "letter", late_charge_rule="uk-1998")
    assert SAID in letter
    assert "It is not part of the total above." in letter


def test_agreed_interest_is_not_called_statutory() -> None:
    words, _ = told("manager", late_charge_rule="contract", late_charge_rate="5")
    assert "Interest of 5 % a year, as agreed" in words.text


def test_client_without_a_rule_reads_no_figure() -> None:
    words, _ = told("manager")
    assert "may give rise to interest" in words.text


def test_issued_charge_is_asked_for_like_any_open_item() -> None:
    builders.an_organisation()
    client: Client = builders.slowco(country="GB", late_charge_rule="uk-1998")
    builders.follow(client, builders.a_procedure())
    builders.a_receipt(client, "999.99", pays=builders.an_invoice(client, amount="999.99", due_on=DUE), on=TODAY)
    draft_charges(date(2026, 4, 1))
    for charge in Charge.objects.all():
        issue_charge(charge.pk, actor="Fay", on=date(2026, 4, 1))
    dunning_run(date(2026, 4, 20))
    found = preview(Notice.objects.get(), date(2026, 4, 20))
    assert found.words is not None
    assert "CH-00001" in found.words.text
    assert "CH-00002" in found.words.text


def test_rule_that_refuses_leaves_the_letter_without_figures() -> None:
    words, _ = told("manager", late_charge_rule="uk-1998", debtor_type="consumer")
    assert "may give rise to interest" in words.text
