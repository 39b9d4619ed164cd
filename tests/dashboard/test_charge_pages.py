"""Late charges, reference rates and the calculator, as staff of each role meet them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.urls import reverse

from collections_app.models import User
from invoices.models import Charge, ChargeStatus, Client, CreditNote, Invoice, ReferenceRate
from invoices.services.charge_documents import issue_charge
from invoices.services.charges import draft_charges
from tests import builders
from tests.dashboard.ledger_world import browser_of

pytestmark = pytest.mark.django_db

APRIL = date(2026, 4, 1)
UK = {"scheme": "uk-1998", "debtor_type": "company", "amount": "999.99", "due": "2026-01-31", "paid": "2026-03-31"}
RATE = {"series": "boe-bank-rate", "valid_from": "2027-01-01", "rate": "3.75", "source": "Bank of England"}


class World(NamedTuple):
    manager: User
    client: Client
    invoice: Invoice
    interest: Charge
    compensation: Charge


@pytest.fixture
def world() -> World:
    """Slowco paid 999.99 two months late: interest and the fixed sum wait as drafts."""
    manager = User.objects.create_user("mona")
    manager.groups.set([Group.objects.get(name="Manager")])
    client = builders.slowco(country="GB", late_charge_rule="uk-1998")
    invoice = builders.an_invoice(client, amount="999.99", due_on=date(2026, 1, 31))
    builders.a_receipt(client, "999.99", pays=invoice, on=date(2026, 3, 31))
    draft_charges(APRIL)
    interest, compensation = Charge.objects.order_by("pk")
    return World(manager, client, invoice, interest, compensation)


def text_of(browser: Browser, name: str, *args: Any, **query: str) -> str:
    answer = browser.get(reverse(f"dashboard:{name}", args=args), query)
    assert answer.status_code == 200
    assert b"{#" not in answer.content
    return answer.content.decode()


@pytest.mark.parametrize("name", ["charges", "rates", "interest"])
def test_read_only_staff_reads(world: World, name: str) -> None:
    assert browser_of(builders.ray()).get(reverse(f"dashboard:{name}")).status_code == 200


@pytest.mark.parametrize("name", ["charges", "rates", "interest"])
def test_stranger_is_sent_to_the_login(world: World, name: str) -> None:
    assert "login" in Browser().get(reverse(f"dashboard:{name}"))["Location"]


@pytest.mark.parametrize("name", ["charge_issue", "charge_drop", "charge_waive"])
def test_read_only_staff_decides_nothing(world: World, name: str) -> None:
    url = reverse(f"dashboard:{name}", args=[world.interest.pk])
    assert browser_of(builders.ray()).post(url).status_code == 403


def test_collector_does_not_waive_or_add_rates(world: World) -> None:
    browser = browser_of(builders.fay())
    assert browser.post(reverse("dashboard:charge_waive", args=[world.interest.pk])).status_code == 403
    assert browser.post(reverse("dashboard:rates"), RATE).status_code == 403


@pytest.mark.parametrize("name", ["charge_issue", "charge_drop", "charge_waive"])
def test_opening_an_address_does_nothing(world: World, name: str) -> None:
    url = reverse(f"dashboard:{name}", args=[world.interest.pk])
    assert browser_of(world.manager).get(url).status_code == 405


def test_charge_that_is_not_there_is_not_found(world: World) -> None:
    assert browser_of(world.manager).get(reverse("dashboard:charge", args=[10**9])).status_code == 404


def test_drafts_are_listed_and_issued_together(world: World) -> None:
    browser = browser_of(builders.fay())
    assert "18.99" in text_of(browser, "charges")
    rows = [world.interest.pk, world.compensation.pk]
    browser.post(reverse("dashboard:charges"), {"action": "issue", "row": rows})
    assert sorted(Invoice.objects.filter(kind="charge").values_list("number", "total_amount")) == [
        ("CH-00001", Decimal("18.99")),
        ("CH-00002", Decimal("40.00")),
    ]


def test_drafts_are_dropped_together(world: World) -> None:
    rows = [world.interest.pk, world.compensation.pk]
    browser_of(builders.fay()).post(reverse("dashboard:charges"), {"action": "drop", "row": rows})
    assert Charge.objects.filter(status=ChargeStatus.DROPPED).count() == 2


def test_one_wrong_draft_does_not_hold_back_the_other(world: World) -> None:
    issue_charge(world.interest.pk, actor="Fay")
    rows = [world.interest.pk, world.compensation.pk]
    url = reverse("dashboard:charges") + "?status="
    browser_of(builders.fay()).post(url, {"action": "issue", "row": rows})
    browser_of(builders.fay()).post(reverse("dashboard:charges"), {"action": "issue", "row": rows})
    assert Charge.objects.filter(status=ChargeStatus.ISSUED).count() == 2


def test_page_shows_the_computation_line_by_line(world: World) -> None:
    page = text_of(browser_of(builders.ray()), "charge", world.interest.pk)
    assert "59/365" in page
    assert "Bank of England Bank Rate on 31 December 2025" in page


def test_issued_on_its_page_then_waived_with_a_reason(world: World) -> None:
    browser = browser_of(world.manager)
    browser.post(reverse("dashboard:charge_issue", args=[world.interest.pk]))
    browser.post(reverse("dashboard:charge_waive", args=[world.interest.pk]), {"reason": "Goodwill"})
    assert Charge.objects.get(pk=world.interest.pk).status == ChargeStatus.WAIVED
    assert CreditNote.objects.get().total_amount == Decimal("18.99")


def test_waiving_needs_a_reason(world: World) -> None:
    issue_charge(world.interest.pk, actor="Fay")
    url = reverse("dashboard:charge_waive", args=[world.interest.pk])
    assert browser_of(world.manager).post(url, {"reason": ""}).status_code == 422


def test_invoice_and_charge_lead_to_each_other(world: World) -> None:
    charge = issue_charge(world.interest.pk, actor="Fay")
    browser = browser_of(builders.ray())
    assert reverse("dashboard:charge", args=[charge.pk]) in text_of(browser, "invoice", world.invoice.pk)
    page = text_of(browser, "invoice", charge.document_id)
    assert reverse("dashboard:invoice", args=[world.invoice.pk]) in page
    assert "Late charge CH-00001" in page


def test_missing_rate_is_said_on_list_and_rates(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browser_of(world.manager)
    for module in ("charges", "rates"):
        monkeypatch.setattr(f"collections_app.dashboard.pages.{module}.localdate", lambda: date(2027, 3, 1))
    for name in ("charges", "rates"):
        assert "no rate of boe-bank-rate for the half-year from 2027-01-01" in text_of(browser, name)


def test_manager_adds_a_rate_with_its_source(world: World) -> None:
    browser = browser_of(world.manager)
    browser.post(reverse("dashboard:rates"), RATE)
    assert ReferenceRate.objects.get().source == "Bank of England"
    assert "1 Jan 2027" in text_of(browser, "rates")


def test_rate_without_a_source_is_refused(world: World) -> None:
    answer = browser_of(world.manager).post(reverse("dashboard:rates"), {**RATE, "source": ""})
    assert (answer.status_code, ReferenceRate.objects.count()) == (422, 0)


def test_calculator_gives_the_figures_of_the_command(world: World) -> None:
    answer = browser_of(builders.ray()).get(reverse("dashboard:interest"), UK)
    found = answer.context["found"]
    assert [found[key] for key in ("rate", "days", "interest", "fixed_sum")] == ["11.75", 59, "18.99", "40.00"]


def test_calculator_reads_part_payments(world: World) -> None:
    asked = {**UK, "amount": "10000", "paid": "2026-04-01", "payments": "2026-03-02 = 4000.00"}
    answer = browser_of(builders.ray()).get(reverse("dashboard:interest"), asked)
    assert answer.context["found"]["interest"] == "154.52"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"debtor_type": "consumer"}, "gives nothing against a consumer"),
        ({"paid": "2026-01-01"}, "nothing is late"),
        ({"payments": "yesterday 5"}, "is no part payment"),
        ({"amount": "x"}, "is not an amount"),
        ({"due": "2027-01-31", "paid": "2027-03-01"}, "no rate of boe-bank-rate"),
        ({"scheme": "nonsense"}, "Select a valid choice"),
        ({"rate": "5"}, "sets its rate by law"),
    ],
)
def test_calculator_says_what_is_wrong(world: World, asked: dict[str, str], said: str) -> None:
    assert said in text_of(browser_of(builders.ray()), "interest", **{**UK, **asked})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"late_charge_rule": "uk-1998", "debtor_type": "consumer"}, "late_charge_rule"),
        ({"late_charge_rule": "contract"}, "late_charge_rate"),
        ({"late_charge_rule": "uk-1998", "late_charge_rate": "5"}, "late_charge_rate"),
    ],
)
def test_rule_that_could_charge_nothing_is_refused(world: World, given: dict[str, str], field: str) -> None:
    data = {"code": "SLOWCO", "name": "Slowco", "debtor_type": "company", "currency": "GBP", "language": "en", **given}
    answer = browser_of(builders.fay()).post(reverse("dashboard:client_edit", args=[world.client.pk]), data)
    assert answer.context["form"].errors[field]


def test_client_gets_a_rule_of_his_own(world: World) -> None:
    data = {"code": "SLOWCO", "name": "Slowco", "debtor_type": "company", "currency": "GBP", "language": "en"}
    rule = {"late_charge_rule": "contract", "late_charge_rate": "9.5", "is_late_charge_automatic": "on"}
    browser_of(builders.fay()).post(reverse("dashboard:client_edit", args=[world.client.pk]), {**data, **rule})
    client = Client.objects.get(pk=world.client.pk)
    assert (client.late_charge_rule, client.late_charge_rate) == ("contract", Decimal("9.5"))
    assert client.is_late_charge_automatic


def test_list_costs_the_same_with_more_rows(world: World, django_assert_num_queries: Any) -> None:
    browser = browser_of(builders.ray())
    text_of(browser, "charges")
    with django_assert_num_queries(QUERIES):
        text_of(browser, "charges")
    for n in range(3):
        builders.an_invoice(world.client, amount="5000", due_on=date(2026, 1, 31) - timedelta(days=n))
    draft_charges(APRIL)
    with django_assert_num_queries(QUERIES):
        text_of(browser, "charges")


QUERIES = 7
